using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Publishers;

namespace Postoffice.Storage.Postgres.Tests;

/// <summary>Operators who retry and discard at once, and beside a publisher's deletion and settles.</summary>
public sealed class DeadLetterConcurrencyTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly DeadLetterFilter All = new();

    private TestDatabase _database = null!;
    private Publisher _publisher = null!;
    private Lease _lease = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(postgres.Server);
        var topicId = await _database.AddTopicAsync();
        _publisher = await _database.AddPublisherAsync();
        await _database.AppendAsync(topicId, 200);
        _lease = await _database.AcquireAsync(Guid.NewGuid());
        await SettleAsync(1, Enumerable.Range(1, 200).Select(position => Dead(position)));
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    [Fact]
    public async Task Two_who_retry_at_once_divide_the_letters()
    {
        await using var other = await _database.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync(Cancel);
        await TestDatabase.RunAsync(other, "SELECT FROM postoffice.dead_letters WHERE position <= 50 FOR UPDATE");

        (await _database.DeadLetters.RetryAsync(All, 100, Cancel)).Should().Be(100, "what another has in hand does not count");
        (await _database.DeadLetters.DiscardAsync(All, 100, Cancel)).Should().Be(50);
        await transaction.RollbackAsync(Cancel);

        (await _database.DeadLetters.CountAsync(All, Cancel)).Should().Be(50);
        (await ParkedAsync()).Should().Be(100);
    }

    [Fact]
    public async Task Many_at_once_handle_each_letter_once()
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            var sum = 0;
            for (var count = 1; count > 0; sum += count)
            {
                count = worker % 2 == 0
                    ? await _database.DeadLetters.RetryAsync(All, 7, Cancel)
                    : await _database.DeadLetters.DiscardAsync(All, 7, Cancel);
            }

            return sum;
        }));

        // One that found all that is left in the hands of others has stopped early, but nobody leaves behind what he has in hand.
        counts.Sum().Should().Be(200);
        (await _database.ScalarAsync<long>("SELECT coalesce(sum(cardinality(positions)), 0)::bigint FROM postoffice.delivery_log WHERE outcome = 3"))
            .Should().Be(200 - await ParkedAsync());
    }

    [Fact]
    public async Task A_publisher_that_is_being_deleted_gets_nothing_parked()
    {
        // The cursor is as good as gone, and the deletion not committed.
        await using var other = await _database.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync(Cancel);
        await TestDatabase.RunAsync(other, "DELETE FROM postoffice.publisher_cursors");

        (await _database.DeadLetters.RetryAsync(All, 100, Cancel)).Should().Be(0);
        await transaction.RollbackAsync(Cancel);

        (await _database.DeadLetters.RetryAsync(All, 100, Cancel)).Should().Be(100);
        await _database.Publishers.DeleteAsync(_publisher.Id, Cancel);
        (await ParkedAsync()).Should().Be(0);
        (await _database.DeadLetters.RetryAsync(All, 100, Cancel)).Should().Be(0);
    }

    [Fact]
    public async Task A_settle_does_not_wait_for_one_who_retries()
    {
        await using var other = await _database.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync(Cancel);
        await TestDatabase.RunAsync(other, "SELECT FROM postoffice.publisher_cursors FOR KEY SHARE");

        await SettleAsync(2, []);

        await transaction.RollbackAsync(Cancel);
    }

    private static DeadEntry Dead(long position) => new(position, 1, 400, "max-attempts", "bad request", "4xx bad request", $"key-{position % 10}", BlocksKey: true);

    private async Task SettleAsync(long sequence, IEnumerable<DeadEntry> dead) => (await _database.Deliveries.SettleAsync(
        new SettleBatch
        {
            TopicId = _publisher.TopicId,
            PublisherId = _publisher.Id,
            Epoch = _lease.Epoch,
            Sequence = sequence,
            Cursor = 200,
            SettledAbove = [],
            Dead = [.. dead],
        },
        Cancel)).Should().Be(SettleStatus.Settled);

    private Task<long> ParkedAsync() => _database.ScalarAsync<long>("SELECT count(*) FROM postoffice.parked_deliveries");
}
