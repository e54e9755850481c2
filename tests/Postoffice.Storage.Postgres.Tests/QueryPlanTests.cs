using Npgsql;
using Postoffice.Deliveries;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres.Tests;

/// <summary>
/// The statements that must cost what they return, not what the tables hold: through an index, on tables that hold much. Publisher 1 has 100,000 deliveries
/// behind a thousand keys, publisher 2 a thousand that are due; of 30,000 dead letters publisher 4 has three. Activity goes back for 25 hours.
/// </summary>
public sealed class QueryPlanTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string FillSql = $"""
        INSERT INTO postoffice.topics (name, recovery_enabled, created_at) VALUES ('orders', false, now());
        INSERT INTO postoffice.topic_heads VALUES (1, 200000);
        INSERT INTO postoffice.messages (topic_id, position, id, received_at, payload, attributes, content_type)
        SELECT 1, n, gen_random_uuid(), now(), '', '[]', 'text/plain' FROM generate_series(100001, 200000) AS n;
        INSERT INTO postoffice.publishers (topic_id, type, target, active, settings, start_position, created_at, updated_at)
        SELECT 1, 'http', 'http://' || n, true, '{"{}"}', 0, now(), now() FROM generate_series(1, 4) AS n;
        INSERT INTO postoffice.publisher_cursors (publisher_id, topic_id, cursor) SELECT id, 1, 200000 FROM postoffice.publishers;
        INSERT INTO postoffice.parked_deliveries (topic_id, publisher_id, position, attempts, due_at, reason, ordering_key)
        SELECT 1, 1, n, 0, {ParkedRow.Never}, 'behind key', 'key-' || n % 1000 FROM generate_series(1, 100000) AS n
        UNION ALL SELECT 1, 2, n, 1, now(), 'rejected', NULL FROM generate_series(1, 1000) AS n;
        INSERT INTO postoffice.dead_letters (topic_id, publisher_id, position, attempts, reason, error, error_group, died_at)
        SELECT 1, CASE WHEN n % 10000 = 0 THEN 4 ELSE 1 + n % 3 END, n, 1, 'max-attempts', repeat('error ', 20), 'group ' || n % 7,
            timestamptz '2026-01-01' + n * interval '1 second'
        FROM generate_series(100001, 130000) AS n;
        INSERT INTO postoffice.activity (minute, topic_id, publisher_id, node_id, received, advanced, delivered, failed, skipped, dead, latencies)
        SELECT date_trunc('minute', now()) - minute * interval '1 minute', 1 + publisher % 3, publisher, gen_random_uuid(), 1, 1, 1, 0, 0, 0, array[1, 2]
        FROM generate_series(0, 1499) AS minute, generate_series(0, 29) AS publisher;
        VACUUM ANALYZE
        """;

    private static readonly DeadLetterFilter All = new();
    private static readonly DeadLetterPlace Place = new(new DateTimeOffset(2026, 1, 2, 9, 0, 0, TimeSpan.Zero), 2, 118_800);

    private TestDatabase? _database;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static NpgsqlParameter[] OfPublisher => [Of("topic_id", 1L), Of("publisher_id", 1L)];

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
    public async Task Deliveries_behind_their_keys_are_no_burden()
    {
        const string DueBefore = "AND (due_at <";
        (await ExplainAsync(PostgresDeliveryStore.NextDueSql, Of("publisher_ids", [1L, 2, 3])))
            .Should().Contain("Scan using parked_deliveries_due").And.Contain(DueBefore);
        (await ExplainAsync(PostgresDeliveryStore.ReadDueSql, [.. OfPublisher, Of("except", Array.Empty<long>()), Of("max", 50)]))
            .Should().Contain("Scan using parked_deliveries_due").And.Contain(DueBefore);
        (await ExplainAsync(PostgresDeliveryStore.MakeUnavailableDueSql, [.. OfPublisher, Of("epoch", 1L)]))
            .Should().Contain("parked_deliveries_due").And.Contain(DueBefore);

        var line = await ExplainAsync(
            PostgresOrderingKeyStore.ReadLineSql, [.. OfPublisher, Of("keys", ["key-1", "key-2"]), Of("except", [1L]), Of("max_per_key", 10)]);
        line.Should().Contain("Limit").And.Contain("Index Scan using parked_deliveries_key")
            .And.NotContain("Sort Key: parked_deliveries", "the index has the order of the line");
    }

    [Fact]
    public async Task The_keys_of_a_page_are_counted_and_no_others()
    {
        foreach (var plan in (string[])
            [
                await ExplainAsync(PostgresOrderingKeyStore.ListSql, [.. OfPublisher, Of("after", "key-5"), Of("limit", 10)]),
                await ExplainAsync(PostgresOrderingKeyStore.FindSql, [.. OfPublisher, Of("key", "key-5")]),
            ])
        {
            plan.Should().Contain("Scan using parked_deliveries_key").And.Contain("Scan using dead_letters_blocking")
                .And.Contain("AND (ordering_key ").And.Contain("Scan using parked_deliveries_pkey");
        }
    }

    [Fact]
    public async Task Dead_letters_come_in_their_order_from_an_index()
    {
        (await ExplainListAsync(All)).Should().Contain("Index Scan Backward using dead_letters_died");
        (await ExplainListAsync(All, Place)).Should().Contain("Index Scan Backward using dead_letters_died").And.Contain("Index Cond: ((died_at <= ");
        (await ExplainListAsync(new DeadLetterFilter { PublisherId = 4 }, Place)).Should().Contain("Index Scan Backward using dead_letters_publisher");
        (await ExplainListAsync(new DeadLetterFilter { Ids = [new(3, 100_001), new(1, 100_002)] })).Should()
            .Contain("Index Scan using dead_letters_pkey", "each is looked up by the table's key");
        (await ExplainAsync(PostgresDeadLetterStore.Compose(PostgresDeadLetterStore.RetrySql, All), Of("max", 50)))
            .Should().Contain("Index Scan using dead_letters_died").And.Contain("Index Scan using dead_letters_pkey");
    }

    [Fact]
    public async Task A_replay_reads_its_stretch_by_position()
    {
        NpgsqlParameter[] Stretch() => [.. OfPublisher, Of("after", 150_000L), Of("until", 200_000L), Of("max", 50)];

        (await ExplainAsync(PostgresReplayStore.ReadSql, Stretch())).Should().Contain("using messages_pkey").And.Contain("using parked_deliveries_pkey");
        (await ExplainAsync(PostgresReplayStore.ReadFailedSql, Stretch())).Should().Contain("using dead_letters_pkey").And.Contain("using messages_pkey");
        (await ExplainAsync(
            PostgresReplayStore.TryOutSql,
            Of("publisher_id", 1L), Of("from", (DateTimeOffset?)Place.DiedAt), Of("position", (long?)null), Of("only_failed", value: false)))
            .Should().Contain("Recursive Union").And.Contain("\"position\" >= ((search.low + search.high) / 2)");
    }

    [Fact]
    public async Task Activity_is_read_by_its_minutes()
    {
        const string Range = "Scan using activity_pkey on activity";
        foreach (var scope in (ActivityScope[])[ActivityScope.All, ActivityScope.OfTopic(1), ActivityScope.OfPublisher(1, 3)])
        {
            var parameters = () => PostgresActivityStore.Parameters(scope);
            (await ExplainAsync(PostgresActivityStore.Scoped(PostgresActivityStore.MinutesSql, scope), parameters())).Should().Contain("activity_pkey");
            (await ExplainAsync(PostgresActivityStore.Scoped(PostgresActivityStore.LatenciesSql, scope), parameters())).Should().Contain("activity_pkey");
        }

        (await ExplainAsync(PostgresActivityStore.AttemptsSql, Of("publisher_ids", [1L, 2]))).Should().Contain("activity_pkey");
        (await ExplainAsync(PostgresActivityStore.PruneSql, Of("age", TimeSpan.FromHours(25)), Of("max", 1_000))).Should().Contain(Range);
    }

    [Fact]
    public async Task What_people_look_at_costs_what_it_shows()
    {
        var life = () => Of("life", PulseReading.NodeLife);
        (await ExplainAsync(PostgresOverviewStore.PublishersSql)).Should().Contain("activity_pkey").And.Contain("using dead_letters_publisher")
            .And.Contain("dead_letters_blocking").And.Contain("Scan using parked_deliveries_");
        (await ExplainAsync(PostgresOverviewStore.TopicsSql, Of("topic_ids", [1L]))).Should().Contain("Scan using messages_pkey").And.Contain("activity_pkey");

        var pulse = await ExplainAsync(PostgresOverviewStore.PulseSql, isScanBounded: true, Of("max_dead", 100), life());
        pulse.Should().Contain("Scan using dead_letters_died").And.Contain("Scan Backward using dead_letters_died").And.Contain("activity_pkey").And.Contain("Limit");
    }

    private Task<string> ExplainListAsync(DeadLetterFilter filter, DeadLetterPlace? after = null) => ExplainAsync(
        PostgresDeadLetterStore.Compose(PostgresDeadLetterStore.ListSql, filter, after),
        [.. DeadLetterRow.Parameters(filter), .. PostgresDeadLetterStore.PlaceParameters(after), Of("limit", 2)]);

    /// <returns>The plan; none of these scans a table that grows.</returns>
    private Task<string> ExplainAsync(string sql, params NpgsqlParameter[] parameters) => ExplainAsync(sql, isScanBounded: false, parameters);

    /// <param name="sql">The statement.</param>
    /// <param name="isScanBounded">It may scan the dead letters, under a limit.</param>
    /// <param name="parameters">Its parameters.</param>
    private async Task<string> ExplainAsync(string sql, bool isScanBounded, params NpgsqlParameter[] parameters)
    {
        await using var connection = await _database!.OpenAsync();
        await using var command = new NpgsqlCommand($"EXPLAIN (COSTS OFF) {sql}", connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        var steps = new List<string>();
        while (await reader.ReadAsync(Cancel))
        {
            steps.Add(reader.GetString(0));
        }

        var plan = string.Join('\n', steps);
        plan.Should().NotContain("Seq Scan on parked_deliveries").And.NotContain("Seq Scan on messages").And.NotContain("Seq Scan on activity");
        if (!isScanBounded)
        {
            plan.Should().NotContain("Seq Scan on dead_letters");
        }

        return plan;
    }
}
