using Npgsql;
using Postoffice.Deliveries;
using Postoffice.Messages;

namespace Postoffice.Storage.Postgres.Tests;

/// <summary>
/// A step of a search costs what it looks at, not what the tables hold, whatever is asked for: through an index, on tables that hold much. Of 200,000 messages
/// publisher 1 has all parked but a few, publisher 2 all dead, and all four have delivered the rest.
/// </summary>
public sealed class SearchPlanTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string FillSql = """
        INSERT INTO postoffice.topics (name, recovery_enabled, created_at) VALUES ('orders', false, now());
        INSERT INTO postoffice.topic_heads VALUES (1, 200000);
        INSERT INTO postoffice.messages (topic_id, position, id, received_at, payload, attributes, content_type)
        SELECT 1, n, gen_random_uuid(), timestamptz '2026-01-01' + n * interval '1 second', '', '{}', 'text/plain' FROM generate_series(100001, 200000) AS n;
        INSERT INTO postoffice.publishers (topic_id, type, target, active, settings, start_position, created_at, updated_at)
        SELECT 1, 'http', 'http://' || n, true, '{}', 0, now(), now() FROM generate_series(1, 4) AS n;
        INSERT INTO postoffice.publisher_cursors (publisher_id, topic_id, cursor) SELECT id, 1, 150000 FROM postoffice.publishers;
        INSERT INTO postoffice.parked_deliveries (topic_id, publisher_id, position, attempts, due_at, reason)
        SELECT 1, 1, n, 1, now(), 'rejected' FROM generate_series(100001, 150000) AS n;
        INSERT INTO postoffice.dead_letters (topic_id, publisher_id, position, attempts, reason, error, died_at)
        SELECT 1, 2, n, 1, 'max-attempts', repeat('error ', 20), now() FROM generate_series(100001, 130000) AS n;
        INSERT INTO postoffice.delivery_log (topic_id, publisher_id, block, outcome, settled_at, positions, attempts, status_codes, durations_ms)
        SELECT 1, id, n / 1024, 1, now(), array_agg(n ORDER BY n), array_agg(1), array_agg(200), array_agg(5)
        FROM postoffice.publishers, generate_series(100001, 150000) AS n GROUP BY id, n / 20, n / 1024;
        ANALYZE
        """;

    private static readonly MessagePlace Place = new(new DateTimeOffset(2026, 1, 2, 9, 0, 0, TimeSpan.Zero), 1, 118_800);

    private TestDatabase? _database;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static IEnumerable<MessageQuery> Queries =>
        from topic in new long?[] { null, 1 }
        from publisher in topic is null ? [null] : new long?[] { null, 2 }
        from state in new DeliveryStatus?[]
        {
            null, DeliveryStatus.Waiting, DeliveryStatus.Parked, DeliveryStatus.DeadLettered, DeliveryStatus.Delivered, DeliveryStatus.Skipped,
            DeliveryStatus.Discarded,
        }
        from attributes in new[] { MessageAttributes.Empty, MessageAttributes.Create([new("kind", "order")]) }
        from text in new[] { (ReadOnlyMemory<byte>?)null, "needle"u8.ToArray() }
        from time in new DateTimeOffset?[] { null, Place.ReceivedAt }
        select new MessageQuery
        {
            TopicId = topic, PublisherId = publisher, State = state, Attributes = attributes, Text = text, From = time?.AddDays(-1), To = time,
        };

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(postgres.Server);
        foreach (var sql in FillSql.Split(";\n"))
        {
            await _database.ExecuteAsync(sql);
        }
    }

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Theory]
    [InlineData(500)]
    [InlineData(5_000)]
    public async Task No_search_scans_a_table_that_grows(int chunk)
    {
        await using var connection = await _database!.OpenAsync();
        foreach (var query in Queries)
        {
            foreach (var after in new MessagePlace?[] { null, Place })
            {
                var plan = await ExplainAsync(connection, query, after, chunk);

                plan.Should().NotContain("Seq Scan on messages").And.NotContain("Seq Scan on parked_deliveries").And.NotContain("Seq Scan on dead_letters")
                    .And.NotContain("Seq Scan on delivery_log").And.NotContain("Bitmap Heap Scan on messages");
                plan.Should().Contain(
                    query.TopicId is null ? "Backward using messages_received"
                    : !query.IsOfFailures ? "Backward using messages_pkey"
                    : query.State == DeliveryStatus.Parked ? "Backward using parked_deliveries_pkey"
                    : "Backward using dead_letters_pkey");
            }
        }
    }

    [Fact]
    public async Task The_walk_across_topics_begins_at_its_place()
    {
        await using var connection = await _database!.OpenAsync();

        const string Before = "Index Cond: (ROW(received_at, topic_id, \"position\") < ROW(";
        (await ExplainAsync(connection, new MessageQuery(), Place, 500)).Should().Contain(Before);
        (await ExplainAsync(connection, new MessageQuery { To = Place.ReceivedAt }, null, 500)).Should().Contain(Before);
    }

    [Fact]
    public async Task A_place_in_time_is_found_by_halving_the_log()
    {
        await using var connection = await _database!.OpenAsync();
        await using var command = new NpgsqlCommand($"EXPLAIN (COSTS OFF) {PositionByTime.FindSql}", connection);
        command.Parameters.Add(PostgresParameters.Of("topic_id", 1L));
        command.Parameters.Add(PostgresParameters.Of("from", Place.ReceivedAt));

        (await ReadAsync(command)).Should().Contain("Recursive Union").And.Contain("\"position\" >= ((search_1.low + search_1.high) / 2)")
            .And.NotContain("Seq Scan on messages");
    }

    private static Task<string> ExplainAsync(NpgsqlConnection connection, MessageQuery query, MessagePlace? after, int chunk)
    {
        var sql = MessageSearchSql.Compose(query, PostgresMessageSearchStore.Before(query, after) is not null);
        var command = new NpgsqlCommand($"EXPLAIN (COSTS OFF) {sql}", connection);
        command.Parameters.AddRange(PostgresMessageSearchStore.Parameters(query, LogStretch.All, after, chunk, 51));
        return ReadAsync(command);
    }

    private static async Task<string> ReadAsync(NpgsqlCommand command)
    {
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync(Cancel);
            var steps = new List<string>();
            while (await reader.ReadAsync(Cancel))
            {
                steps.Add(reader.GetString(0));
            }

            return string.Join('\n', steps);
        }
    }
}
