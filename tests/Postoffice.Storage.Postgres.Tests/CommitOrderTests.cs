using Npgsql;
using Postoffice.Messages;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres.Tests;

/// <summary>What others see of a writer that is slow to commit.</summary>
public sealed class CommitOrderTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Fails when the head lock is removed, as with positions from a sequence: the second writer then commits position 2 at once, the reader passes it,
    // and position 1, which appears later, is never read.
    [Fact]
    public async Task A_reader_never_passes_a_position_that_appears_later()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var topicId = await database.AddTopicAsync();
        var read = new List<long>();

        await using var slow = await database.OpenAsync();
        await using var transaction = await slow.BeginTransactionAsync(Cancel);
        await AppendAsync(slow, topicId);

        var fast = database.AppendAsync(topicId, 1);
        await database.UntilWaitsForLockAsync(fast, onTurn: ReadAsync);
        await ReadAsync();
        await transaction.CommitAsync(Cancel);
        await fast;
        await ReadAsync();

        read.Should().Equal(1, 2);
        (await database.Log.ReadAsync(topicId, 0, 10, int.MaxValue, Cancel)).Select(message => message.Position).Should().Equal(read);

        async Task ReadAsync() => read.AddRange(
            (await database.Log.ReadAsync(topicId, read.LastOrDefault(), 10, int.MaxValue, Cancel)).Select(message => message.Position));
    }

    [Fact]
    public async Task The_time_in_the_log_grows_with_the_position_even_when_a_writer_waits()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var topicId = await database.AddTopicAsync();
        await using var slow = await database.OpenAsync();
        await using var transaction = await slow.BeginTransactionAsync(Cancel);
        await TestDatabase.RunAsync(slow, "SELECT FROM postoffice.topic_heads FOR UPDATE");

        var waiting = database.AppendAsync(topicId, 1);
        await database.UntilWaitsForLockAsync(waiting);
        var duringTheWait = await database.NowAsync();
        await transaction.CommitAsync(Cancel);
        await waiting;

        (await database.Log.ReadAsync(topicId, 0, 10, int.MaxValue, Cancel)).Single().ReceivedAt.Should().BeAfter(duringTheWait);
    }

    [Fact]
    public async Task A_writer_that_is_rolled_back_leaves_no_gap()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var topicId = await database.AddTopicAsync();
        await using (var slow = await database.OpenAsync())
        await using (await slow.BeginTransactionAsync(Cancel))
        {
            await AppendAsync(slow, topicId);
        }

        (await database.AppendAsync(topicId, 1)).Should().Be(1);
    }

    // A look-up in the statement that takes the lock would use a snapshot from before the wait and miss the key.
    [Fact]
    public async Task A_key_that_is_committed_while_a_second_writer_waits_is_seen_by_it()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var topicId = await database.AddTopicAsync();
        await using var slow = await database.OpenAsync();
        await using var transaction = await slow.BeginTransactionAsync(Cancel);
        await AppendAsync(slow, topicId);
        await TestDatabase.RunAsync(slow, "UPDATE postoffice.messages SET idempotency_key = 'k'");

        var keyed = database.Log.AppendAsync(topicId, [Request(null), Request("k"), Request("new")], Cancel);
        await database.UntilWaitsForLockAsync(keyed);
        await transaction.CommitAsync(Cancel);

        (await keyed)!.Select(result => (result.FirstPosition, result.Repeated)).Should().Equal((2, false), (1, true), (3, false));
    }

    [Fact]
    public async Task A_key_that_is_committed_while_staging_waits_is_seen_by_it()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var topicId = await database.AddTopicAsync();
        await using var slow = await database.OpenAsync();
        await using var transaction = await slow.BeginTransactionAsync(Cancel);
        var id = await AppendAsync(slow, topicId);
        await TestDatabase.RunAsync(slow, "UPDATE postoffice.messages SET idempotency_key = 'k'");

        var stage = database.Staged.StageAsync(new StagedMessage(topicId, Request("k").Messages[0], DateTimeOffset.UnixEpoch), Cancel);
        await database.UntilWaitsForLockAsync(stage);
        await transaction.CommitAsync(Cancel);

        (await stage).Should().Be(id);
        (await database.Staged.NextDueAsync(Cancel)).Should().BeNull();
    }

    // An application's transaction stages without the head's lock.
    [Fact]
    public async Task A_key_that_an_application_is_staging_is_waited_for()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var topicId = await database.AddTopicAsync();
        var id = Guid.CreateVersion7();
        await using var application = await database.OpenAsync();
        await using var transaction = await application.BeginTransactionAsync(Cancel);
        await TestDatabase.RunAsync(
            application,
            $"INSERT INTO postoffice.staged_messages VALUES ('{id}', {topicId}, clock_timestamp(), '', '{{}}', NULL, 'k', 'text/plain', NULL)");

        var stage = database.Staged.StageAsync(new StagedMessage(topicId, Request("k").Messages[0], DateTimeOffset.UnixEpoch), Cancel);
        await database.UntilWaitsForLockAsync(stage);
        await transaction.CommitAsync(Cancel);

        (await stage).Should().Be(id);
    }

    // The connection of the first try broke, its statement runs on at the server: the second try must not be told that the lease is lost.
    [Fact]
    public async Task A_settle_repeated_while_its_first_try_still_runs_is_settled()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var topicId = await database.AddTopicAsync();
        var publisher = await database.AddPublisherAsync();
        await database.AppendAsync(topicId, 1);
        var lease = await database.AcquireAsync(Guid.NewGuid());
        await using var first = await database.OpenAsync();
        await using var transaction = await first.BeginTransactionAsync(Cancel);
        await TestDatabase.RunAsync(first, "UPDATE postoffice.publisher_cursors SET cursor = 1, sequence = 1");

        var again = database.Deliveries.SettleAsync(
            new()
            {
                TopicId = topicId,
                PublisherId = publisher.Id,
                Epoch = lease.Epoch,
                Sequence = 1,
                Cursor = 1,
                SettledAbove = [],
                Delivered = [new(1, 1, 200, TimeSpan.Zero)],
            },
            Cancel);
        await database.UntilWaitsForLockAsync(again);
        await transaction.CommitAsync(Cancel);

        (await again).Should().Be(SettleStatus.Settled);
        (await database.ScalarAsync<long>("SELECT count(*) FROM postoffice.delivery_log")).Should().Be(0);
    }

    [Fact]
    public async Task What_a_settle_parks_while_its_publisher_is_being_deleted_is_removed()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var topicId = await database.AddTopicAsync();
        var publisher = await database.AddPublisherAsync();
        await using var settle = await database.OpenAsync();
        await using var transaction = await settle.BeginTransactionAsync(Cancel);
        await TestDatabase.RunAsync(settle, "UPDATE postoffice.publisher_cursors SET cursor = 1");
        await TestDatabase.RunAsync(settle, $"INSERT INTO postoffice.parked_deliveries VALUES ({topicId}, {publisher.Id}, 1, 1, clock_timestamp(), 'busy')");

        var delete = database.Publishers.DeleteAsync(publisher.Id, Cancel);
        await database.UntilWaitsForLockAsync(delete);
        await transaction.CommitAsync(Cancel);

        (await delete).Should().BeTrue();
        (await database.ScalarAsync<long>("SELECT count(*) FROM postoffice.parked_deliveries")).Should().Be(0);
    }

    [Fact]
    public async Task A_publisher_that_is_being_paused_is_not_taken()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await database.AddTopicAsync();
        await database.AddPublisherAsync();
        await using var pause = await database.OpenAsync();
        await using var transaction = await pause.BeginTransactionAsync(Cancel);
        await TestDatabase.RunAsync(pause, "UPDATE postoffice.publishers SET active = false");

        (await database.Leases.AcquireAsync(Guid.NewGuid(), 10, [], TimeSpan.FromSeconds(10), Cancel)).Should().BeEmpty();
    }

    private static AppendRequest Request(string? key) => new([new NewMessage { Payload = "{}"u8.ToArray(), IdempotencyKey = key }]);

    /// <summary>The very statement of the log, in a transaction that the test commits.</summary>
    private static async Task<Guid> AppendAsync(NpgsqlConnection connection, long topicId)
    {
        var columns = new MessageColumns([Request(null)]);
        await using var command = new NpgsqlCommand(PostgresMessageLog.AppendSql, connection);
        NpgsqlParameter[] parameters = [Of("topic_id", topicId), Of("count", 1L), .. columns.ToParameters()];
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(Cancel);
        return columns.Ids[0];
    }
}
