using Microsoft.Data.Sqlite;
using Postoffice.Testing.Hosting;

namespace Postoffice.Dashboard.Tests.Screenshots;

/// <summary>An hour of ordinary work, written into the database of a stopped host: a chart with nothing but the last minute shows nobody what it is for.</summary>
internal sealed class Past : IAsyncDisposable
{
    private const int Minutes = 59;

    // The hour's messages have been delivered and removed since, as after the retention's time.
    private const string RecordTopicSql = """
        INSERT INTO activity (minute, topic_id, publisher_id, node_id, received, advanced, delivered, failed, skipped, dead, latencies)
        SELECT @minute, id, 0, 'past', @received, 0, 0, 0, 0, 0, '[]' FROM topics WHERE name = @topic;
        UPDATE topic_heads SET last_position = last_position + @received WHERE topic_id = (SELECT id FROM topics WHERE name = @topic)
        """;

    private const string RecordPublishersSql = """
        INSERT INTO activity (minute, topic_id, publisher_id, node_id, received, advanced, delivered, failed, skipped, dead, latencies)
        SELECT @minute, topic_id, id, 'past', 0, @received, @received, CASE WHEN target LIKE '%/archive' THEN @failed ELSE 0 END, 0, 0, '[]'
        FROM publishers WHERE topic_id = (SELECT id FROM topics WHERE name = @topic);
        UPDATE publisher_cursors SET cursor = cursor + @received, delivered = delivered + @received
        WHERE topic_id = (SELECT id FROM topics WHERE name = @topic)
        """;

    private readonly SqliteConnection _connection;

    private Past(SqliteConnection connection) => _connection = connection;

    public static async Task WriteAsync(HostProcess host, CancellationToken cancellationToken)
    {
        var file = new SqliteConnectionStringBuilder { DataSource = Path.Combine(host.Directory, "data", "postoffice.db"), Pooling = false };
        await using var past = new Past(new SqliteConnection(file.ToString()));
        await past._connection.OpenAsync(cancellationToken);
        await using var transaction = past._connection.BeginTransaction();
        await past.AgeAsync(cancellationToken);
        var now = DateTimeOffset.UtcNow;
        var minute = now - TimeSpan.FromTicks(now.Ticks % TimeSpan.TicksPerMinute);
        for (var ago = Minutes; ago > 0; ago--)
        {
            foreach (var (topic, usual) in ((string, int)[])[("orders", 46), ("invoices", 31), ("signups", 12)])
            {
                await past.RecordAsync(topic, minute.AddMinutes(-ago), Received(usual, ago), failed: ago is > 20 and < 29 ? 3 + (ago % 4) : 0, cancellationToken);
            }
        }

        await transaction.CommitAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    // More towards noon, and never quite even; the same each time.
    private static int Received(int usual, int ago) => (int)(usual * (1 + (0.35 * Math.Sin((Minutes - ago) / 11.0)) + (ago * 7919 % 101 / 300.0)));

    // The node that made topics and publishers has left, and they have been there for a while.
    private async Task AgeAsync(CancellationToken cancellationToken)
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = """
            DELETE FROM nodes;
            UPDATE topics SET created_at = created_at - @age;
            UPDATE publishers SET created_at = created_at - @age, updated_at = updated_at - @age
            """;
        command.Parameters.AddWithValue("@age", TimeSpan.FromDays(40).Ticks / TimeSpan.TicksPerMicrosecond);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task RecordAsync(string topic, DateTimeOffset minute, int received, int failed, CancellationToken cancellationToken)
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = $"{RecordTopicSql}; {RecordPublishersSql}";
        command.Parameters.AddWithValue("@topic", topic);
        command.Parameters.AddWithValue("@minute", (minute - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        command.Parameters.AddWithValue("@received", received);
        command.Parameters.AddWithValue("@failed", failed);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
