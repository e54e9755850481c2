using System.Text;
using Microsoft.Data.Sqlite;
using Postoffice.Deliveries;

namespace Postoffice.Storage.Sqlite;

internal sealed class SqliteOrderingKeyStore(SqliteDatabase database) : IOrderingKeyStore
{
    // Two walks over indexes that hold nothing but keys and positions, merged; they stop at the limit. A limit below zero is none.
    private const string KeysSql = """
        SELECT ordering_key AS key FROM parked_deliveries
        WHERE publisher_id = @publisher_id AND topic_id = @topic_id AND ordering_key > @after
        UNION
        SELECT ordering_key FROM dead_letters
        WHERE publisher_id = @publisher_id AND topic_id = @topic_id AND ordering_key > @after AND blocks_key = 1
            AND EXISTS (SELECT 1 FROM publishers p WHERE p.id = @publisher_id AND p.deleted_at IS NULL)
        ORDER BY 1 LIMIT @limit
        """;

    private const string KeySql = "SELECT @key AS key FROM publishers p WHERE p.id = @publisher_id AND p.deleted_at IS NULL";

    // What is parked of each key, and the first dead letter that blocks it; both by index alone.
    private const string LineSql = """
        SELECT k.key,
            (SELECT min(d.position) FROM parked_deliveries d
             WHERE d.publisher_id = @publisher_id AND d.topic_id = @topic_id AND d.ordering_key = k.key) AS parked,
            (SELECT count(*) FROM parked_deliveries d
             WHERE d.publisher_id = @publisher_id AND d.topic_id = @topic_id AND d.ordering_key = k.key) AS rows,
            (SELECT min(x.position) FROM dead_letters x
             WHERE x.publisher_id = @publisher_id AND x.topic_id = @topic_id AND x.ordering_key = k.key AND x.blocks_key = 1) AS dead
        FROM keys k
        """;

    private const string HeadSql = """
        SELECT key, rows, min(coalesce(parked, dead), coalesce(dead, parked)) AS head, dead IS NOT NULL AND (parked IS NULL OR dead <= parked) AS is_dead
        FROM lines
        """;

    private const string ReadSql = """
        SELECT h.key, h.rows, h.head, h.is_dead, d.due_at, coalesce(d.attempts, x.attempts), coalesce(d.reason, x.reason), m.id
        FROM heads h
        LEFT JOIN parked_deliveries d ON d.topic_id = @topic_id AND d.publisher_id = @publisher_id AND d.position = h.head AND NOT h.is_dead
        LEFT JOIN dead_letters x ON x.topic_id = @topic_id AND x.publisher_id = @publisher_id AND x.position = h.head AND h.is_dead
        JOIN messages m ON m.topic_id = @topic_id AND m.position = h.head
        ORDER BY h.key
        """;

    // Materialized: taken apart, each subquery would run once for every place that names its column.
    private const string LinesOfKeysSql = $"lines AS MATERIALIZED ({LineSql}), heads AS MATERIALIZED ({HeadSql}) {ReadSql}";

    internal const string ListSql = $"WITH keys AS ({KeysSql}), {LinesOfKeysSql}";

    internal const string FindSql = $"WITH keys AS ({KeySql}), {LinesOfKeysSql}";

    // One key through its index; the caller stops reading when it has enough. Left to itself, SQLite walks all that the publisher has parked, since that is in
    // order of position too.
    internal const string ReadLineSql = $"""
        SELECT {MessageRow.Columns}, d.attempts
        FROM parked_deliveries d INDEXED BY parked_deliveries_key CROSS JOIN messages m ON m.topic_id = d.topic_id AND m.position = d.position
        WHERE d.publisher_id = @publisher_id AND d.topic_id = @topic_id AND d.ordering_key = @key
        ORDER BY d.position
        """;

    internal const string DissolveSql = $"""
        UPDATE parked_deliveries SET due_at = time.now FROM (SELECT postoffice_now() AS now) AS time
        WHERE publisher_id = @publisher_id AND topic_id = @topic_id AND due_at >= {SqliteTime.Never}
            AND EXISTS (SELECT 1 FROM publisher_cursors c WHERE c.publisher_id = @publisher_id AND c.epoch = @epoch)
        """;

    /// <summary>As SQLite compares: beyond the basic plane the order of UTF-16 is another.</summary>
    private static readonly Comparer<string> ByteOrder =
        Comparer<string>.Create(static (x, y) => Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y)));

    public Task<IReadOnlyList<KeyLine>> ReadLinesAsync(long topicId, long publisherId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<KeyLine>>(
            session => [.. ReadLines(session, topicId, publisherId, after: null, limit: -1).Select(line => line.ToKeyLine())], cancellationToken);

    public Task<IReadOnlyList<DueDelivery>> ReadLineAsync(
        long topicId, long publisherId, IReadOnlyCollection<string> keys, IReadOnlyCollection<long> except, int maxPerKey, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session => session.Snapshot<IReadOnlyList<DueDelivery>>(snapshot =>
            {
                var inHand = except.ToHashSet();
                var line = new List<DueDelivery>();
                foreach (var key in keys.Distinct().Order(ByteOrder))
                {
                    ReadLine(snapshot, topicId, publisherId, key, inHand, maxPerKey, line);
                }

                return line;
            }),
            cancellationToken);

    public Task DissolveAsync(long topicId, long publisherId, long epoch, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute(DissolveSql, ("@topic_id", topicId), ("@publisher_id", publisherId), ("@epoch", epoch)), cancellationToken);

    public Task<IReadOnlyList<BlockedKey>> ListAsync(long topicId, long publisherId, string? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<BlockedKey>>(
            session => [.. ReadLines(session, topicId, publisherId, after, limit).Select(line => line.ToBlockedKey())], cancellationToken);

    public Task<BlockedKey?> FindAsync(long topicId, long publisherId, string key, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
            {
                using var reader = session.Query(FindSql, ("@topic_id", topicId), ("@publisher_id", publisherId), ("@key", key));
                return reader.Read() ? Line.Read(reader).ToBlockedKey() : null;
            },
            cancellationToken);

    private static List<Line> ReadLines(SqliteSession session, long topicId, long publisherId, string? after, int limit)
    {
        using var reader = session.Query(
            ListSql, ("@topic_id", topicId), ("@publisher_id", publisherId), ("@after", after ?? ""), ("@limit", limit));
        var lines = new List<Line>();
        while (reader.Read())
        {
            lines.Add(Line.Read(reader));
        }

        return lines;
    }

    private static void ReadLine(
        SqliteSession session, long topicId, long publisherId, string key, HashSet<long> except, int max, List<DueDelivery> line)
    {
        using var reader = session.Query(ReadLineSql, ("@topic_id", topicId), ("@publisher_id", publisherId), ("@key", key));
        for (var count = 0; count < max && reader.Read();)
        {
            // Looked at before the row's payload is: what is in hand costs a step in the index.
            if (!except.Contains(reader.GetInt64(1)))
            {
                line.Add(new DueDelivery(MessageRow.Read(reader), reader.GetInt32(MessageRow.Count)));
                count++;
            }
        }
    }

    /// <summary>A key that is held up.</summary>
    private readonly record struct Line(
        string Key, int Rows, long Head, bool IsDead, DateTimeOffset? DueAt, int Attempts, string Reason, Guid MessageId)
    {
        public static Line Read(SqliteDataReader reader) => new(
            reader.GetString(0),
            reader.GetInt32(1),
            reader.GetInt64(2),
            reader.GetBoolean(3),
            reader.IsDBNull(4) ? null : SqliteTime.ToDueTime(reader.GetInt64(4)),
            reader.GetInt32(5),
            reader.GetString(6),
            Guid.Parse(reader.GetString(7)));

        public KeyLine ToKeyLine() => new(Key, Head, IsDead ? KeyHead.Dead : DueAt is null ? KeyHead.Free : KeyHead.Parked, Rows);

        public BlockedKey ToBlockedKey() => new()
        {
            Key = Key,
            HeadPosition = Head,
            HeadMessageId = MessageId,
            IsDead = IsDead,
            Attempts = Attempts,
            DueAt = DueAt,
            Reason = Reason,
            Waiting = IsDead ? Rows : Rows - 1,
        };
    }
}
