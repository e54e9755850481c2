using Npgsql;
using Postoffice.Deliveries;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres.Tests;

/// <summary>The statements that must cost what they return, not what the tables hold, on tables that hold much: 100,000 deliveries behind keys, 40,000 dead letters.</summary>
public sealed class QueryPlanTests(PostgresFixture postgres) : IAsyncLifetime
{
    // Publisher 1 has 100,000 rows of 1,000 keys behind their heads, publisher 2 a thousand that are due; each of four has 10,000 dead letters.
    private const string FillSql = $"""
        INSERT INTO postoffice.topics (name, recovery_enabled, created_at) VALUES ('orders', false, now());
        INSERT INTO postoffice.topic_heads VALUES (1, 200000);
        INSERT INTO postoffice.messages (topic_id, position, id, received_at, payload, attributes, content_type)
        SELECT 1, n, gen_random_uuid(), timestamptz '2026-01-01' + n * interval '1 second', '', '[]', 'text/plain' FROM generate_series(1, 200000) AS n;
        INSERT INTO postoffice.publishers (topic_id, type, target, active, settings, start_position, created_at, updated_at)
        SELECT 1, 'http', 'http://' || n, true, '{"{}"}', 0, now(), now() FROM generate_series(1, 4) AS n;
        INSERT INTO postoffice.publisher_cursors (publisher_id, topic_id, cursor) SELECT id, 1, 200000 FROM postoffice.publishers;
        INSERT INTO postoffice.parked_deliveries (topic_id, publisher_id, position, attempts, due_at, reason, ordering_key)
        SELECT 1, 1, n, 0, {ParkedRow.Never}, 'behind key', 'key-' || n % 1000 FROM generate_series(1, 100000) AS n
        UNION ALL SELECT 1, 2, n, 1, now(), 'rejected', NULL FROM generate_series(1, 1000) AS n;
        INSERT INTO postoffice.dead_letters (topic_id, publisher_id, position, attempts, reason, error, error_group, died_at)
        SELECT 1, CASE WHEN n % 10000 = 0 THEN 4 ELSE 1 + n % 3 END, n, 1, 'max-attempts', repeat('error ', 50), 'group ' || n % 7, timestamptz '2026-01-01' + n * interval '1 second'
        FROM generate_series(100001, 140000) AS n;
        VACUUM ANALYZE
        """;

    private TestDatabase? _database;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(postgres.Server);
        foreach (var sql in FillSql.Split(";\n"))
        {
            await _database.ExecuteAsync(sql);
        }
    }

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Show()
    {
        async Task P(string name, string sql, params NpgsqlParameter[] ps) => await File.AppendAllTextAsync("/tmp/plans.txt", $"== {name}\n{await ExplainAsync(sql, ps)}\n\n", Cancel);
        var pub = new DeadLetterFilter { PublisherId = 4 };
        var all = new DeadLetterFilter();
        var place = new DeadLetterPlace(new DateTimeOffset(2026, 1, 2, 12, 0, 0, default), 2, 120000);
        await P("ReadLine", PostgresOrderingKeyStore.ReadLineSql, Of("topic_id", 1L), Of("publisher_id", 1L), Of("keys", ["key-1", "key-2"]), Of("except", [1L, 1001]), Of("max_per_key", 10));
        await P("ListKeys", PostgresOrderingKeyStore.ListSql, Of("topic_id", 1L), Of("publisher_id", 1L), Of("after", "key-5"), Of("limit", 10));
        await P("FindKey", PostgresOrderingKeyStore.FindSql, Of("topic_id", 1L), Of("publisher_id", 1L), Of("key", "key-5"));
        await P("ReadLines", PostgresOrderingKeyStore.ReadLinesSql, Of("topic_id", 1L), Of("publisher_id", 1L));
        await P("ReadDue", PostgresDeliveryStore.ReadDueSql, Of("topic_id", 1L), Of("publisher_id", 1L), Of("except", Array.Empty<long>()), Of("max", 50));
        await P("NextDue", PostgresDeliveryStore.NextDueSql, Of("publisher_ids", [1L, 2, 3]));
        await P("MakeDue", PostgresDeliveryStore.MakeUnavailableDueSql, Of("topic_id", 1L), Of("publisher_id", 1L), Of("epoch", 0L));
        await P("Dead pub", PostgresDeadLetterStore.Compose(PostgresDeadLetterStore.ListSql, pub), [.. DeadLetterRow.Parameters(pub), Of("limit", 50)]);
        await P("Dead pub after", PostgresDeadLetterStore.Compose(PostgresDeadLetterStore.ListSql, pub, place), [.. DeadLetterRow.Parameters(pub), .. PostgresDeadLetterStore.PlaceParameters(place), Of("limit", 50)]);
        await P("Dead all", PostgresDeadLetterStore.Compose(PostgresDeadLetterStore.ListSql, all), [.. DeadLetterRow.Parameters(all), Of("limit", 50)]);
        await P("Dead all after", PostgresDeadLetterStore.Compose(PostgresDeadLetterStore.ListSql, all, place), [.. PostgresDeadLetterStore.PlaceParameters(place), Of("limit", 50)]);
        var ids = new DeadLetterFilter { Ids = [new(2, 100001), new(3, 100002)] };
        await P("Dead ids", PostgresDeadLetterStore.Compose(PostgresDeadLetterStore.ListSql, ids), [.. DeadLetterRow.Parameters(ids), Of("limit", 50)]);
        await P("Groups", PostgresDeadLetterStore.Compose(PostgresDeadLetterStore.GroupsSql, all), [Of("limit", 50)]);
        await P("Retry all", PostgresDeadLetterStore.Compose(PostgresDeadLetterStore.RetrySql, all), [Of("max", 50)]);
        await P("Retry pub", PostgresDeadLetterStore.Compose(PostgresDeadLetterStore.RetrySql, pub), [.. DeadLetterRow.Parameters(pub), Of("max", 50)]);
        await P("Replay read", PostgresReplayStore.ReadSql, Of("topic_id", 1L), Of("publisher_id", 1L), Of("after", 50000L), Of("until", 200000L), Of("max", 50));
        await P("Replay read 2", PostgresReplayStore.ReadSql, Of("topic_id", 1L), Of("publisher_id", 1L), Of("after", 150000L), Of("until", 200000L), Of("max", 50));
        await P("Replay failed", PostgresReplayStore.ReadFailedSql, Of("topic_id", 1L), Of("publisher_id", 1L), Of("after", 50000L), Of("until", 200000L), Of("max", 50));
        await P("Replay tryout", PostgresReplayStore.TryOutSql, Of("publisher_id", 1L), Of("from", (DateTimeOffset?)new DateTimeOffset(2026, 1, 2, 12, 0, 0, default)), Of("position", (long?)null), Of("only_failed", false));
    }

    private async Task<string> ExplainAsync(string sql, NpgsqlParameter[] parameters)
    {
        await using var connection = await _database!.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        await using var command = new NpgsqlCommand("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY ON) " + sql, connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        var plan = new List<string>();
        while (await reader.ReadAsync(Cancel))
        {
            plan.Add(reader.GetString(0));
        }

        return string.Join('\n', plan);
    }
}
