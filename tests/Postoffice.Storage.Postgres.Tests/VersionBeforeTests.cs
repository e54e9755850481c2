using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Publishers;

namespace Postoffice.Storage.Postgres.Tests;

/// <summary>A node of the version before, with the schema's version 1 in its mind, works on beside nodes of this one; its statements stand here as they were released.</summary>
public sealed class VersionBeforeTests(PostgresFixture postgres)
{
    private const string SettleSql = """
        WITH fence AS (
            UPDATE postoffice.publisher_cursors SET cursor = 3, settled_above = '', sequence = 1
            WHERE publisher_id = 1 AND epoch = 1 AND sequence = 0 RETURNING postoffice.current_instant() AS now
        ), parked AS (
            INSERT INTO postoffice.parked_deliveries (topic_id, publisher_id, position, attempts, due_at, reason)
            SELECT 1, 1, entry.position, 1, fence.now, 'rejected (400)' FROM fence, unnest(ARRAY[1, 2]) AS entry (position)
            ON CONFLICT (topic_id, publisher_id, position) DO UPDATE SET attempts = excluded.attempts, due_at = excluded.due_at, reason = excluded.reason
        ), dead AS (
            INSERT INTO postoffice.dead_letters (topic_id, publisher_id, position, attempts, status_code, reason, error, died_at)
            SELECT 1, 1, 3, 1, 400, 'max-attempts', 'bad request', fence.now FROM fence
            ON CONFLICT (topic_id, publisher_id, position) DO UPDATE SET
                attempts = excluded.attempts, status_code = excluded.status_code, reason = excluded.reason, error = excluded.error, died_at = excluded.died_at
        )
        SELECT FROM fence
        """;

    private const string NextDueSql = """
        SELECT parked.due_at - (SELECT postoffice.current_instant())
        FROM (SELECT DISTINCT unnest(ARRAY[1]) AS id) AS asked,
            LATERAL (SELECT due_at FROM postoffice.parked_deliveries WHERE publisher_id = asked.id ORDER BY due_at LIMIT 1) AS parked
        """;

    private const string UpdateSql = """
        UPDATE postoffice.publishers SET active = {0}, paused_reason = NULL, version = version + 1, updated_at = postoffice.current_instant() WHERE id = 1
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_it_settles_is_read_by_this_version()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var (message, _) = await StartAsync(database);

        await database.ExecuteAsync(SettleSql);

        (await database.Deliveries.ReadDueAsync(1, 1, [], 10, Cancel)).Select(due => due.Message.Position).Should().Equal(1, 2);
        (await database.Deliveries.StatesAsync(message, Cancel)).Should().ContainSingle().Which.Should()
            .BeEquivalentTo(new { Status = DeliveryStatus.Parked, Attempts = 1, Reason = "rejected (400)" });
        (await database.DeadLetters.ListAsync(new DeadLetterFilter(), null, 10, Cancel)).Should().ContainSingle().Which.Should()
            .BeEquivalentTo(new { Position = 3L, Group = "", BlocksKey = false, OrderingKey = (string?)null });
        (await database.OrderingKeys.ReadLinesAsync(1, 1, Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task It_reads_the_due_time_of_what_waits_behind_its_key()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var (message, lease) = await StartAsync(database);
        await database.Deliveries.SettleAsync(
            new SettleBatch
            {
                TopicId = 1,
                PublisherId = 1,
                Epoch = lease.Epoch,
                Sequence = 1,
                Cursor = 1,
                SettledAbove = [],
                Parked = [new ParkEntry(1, 0, Delay: null, ParkEntry.BehindKey, "a")],
            },
            Cancel);

        // Of infinity neither the difference nor its reading would succeed, and the node's other publishers would suffer too. Beyond 290 years its clock overflows.
        (await database.ScalarAsync<TimeSpan>(NextDueSql)).Should().BeGreaterThan(TimeSpan.FromDays(100 * 365)).And.BeLessThan(TimeSpan.FromDays(200 * 365));
        (await database.Deliveries.NextDueAsync([1], Cancel)).Should().BeEmpty();
        (await database.Deliveries.StatesAsync(message, Cancel)).Single().DueAt.Should().BeNull();
    }

    [Fact]
    public async Task It_resumes_and_pauses_a_publisher_that_this_version_has_paused()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await StartAsync(database);
        var paused = await database.Publishers.UpdateAsync(1, new PublisherChange { Active = false }, Cancel);
        paused!.PausedAt.Should().NotBeNull();

        await database.ExecuteAsync(UpdateSql.Replace("{0}", "true", StringComparison.Ordinal));
        (await database.Publishers.FindAsync(1, Cancel))!.PausedAt.Should().BeNull("it is active, whatever is left in its row");

        await database.AdvanceAsync(TimeSpan.FromHours(1));
        var again = await database.Publishers.UpdateAsync(1, new PublisherChange { Active = false }, Cancel);
        again!.PausedAt.Should().BeAfter(paused.PausedAt!.Value + TimeSpan.FromMinutes(59));
    }

    [Fact]
    public async Task What_it_has_left_behind_is_migrated()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(postgres.Server);
        await new Migrator(database.Get<PostgresDatabase>(), migrations: [Migration.All[0]]).MigrateAsync(Cancel);
        await database.ExecuteAsync("""
            INSERT INTO postoffice.topics (name, recovery_enabled, created_at) VALUES ('orders', false, now());
            INSERT INTO postoffice.topic_heads VALUES (1, 2);
            INSERT INTO postoffice.messages (topic_id, position, id, received_at, payload, attributes, content_type, ordering_key)
            SELECT 1, n, gen_random_uuid(), now(), '', '{}', 'text/plain', 'a' FROM generate_series(1, 2) AS n;
            INSERT INTO postoffice.publishers (topic_id, type, target, active, settings, start_position, created_at, updated_at)
            VALUES (1, 'http', 'http://paused', false, '{}', 0, now(), timestamptz '2026-01-02 00:00:00+00'), (1, 'http', 'http://active', true, '{}', 0, now(), now());
            INSERT INTO postoffice.publisher_cursors (publisher_id, topic_id, cursor) VALUES (1, 1, 2), (2, 1, 2);
            INSERT INTO postoffice.parked_deliveries VALUES (1, 1, 1, 3, now(), 'unavailable');
            INSERT INTO postoffice.dead_letters VALUES (1, 1, 2, 3, 400, 'max-attempts', 'bad request', now());
            """);

        await database.Storage.MigrateAsync(Cancel);

        (await database.Publishers.FindAsync(1, Cancel))!.PausedAt.Should().Be(new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero));
        (await database.Publishers.FindAsync(2, Cancel))!.PausedAt.Should().BeNull();
        (await database.OrderingKeys.ReadLinesAsync(1, 1, Cancel)).Should().Equal(new KeyLine("a", 1, KeyHead.Parked, 1));
        (await database.DeadLetters.FindAsync(new DeadLetterId(1, 2), Cancel))!.OrderingKey.Should().Be("a");
    }

    private static async Task<(Message First, Lease Lease)> StartAsync(TestDatabase database)
    {
        await database.AddTopicAsync();
        await database.AddPublisherAsync();
        await database.AppendAsync(1, 3);
        return ((await database.Log.ReadAsync(1, 0, 1, int.MaxValue, Cancel))[0], await database.AcquireAsync(Guid.NewGuid()));
    }
}
