using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Publishers;

namespace Postoffice.Storage.Postgres.Tests;

/// <summary>Settles beside what else changes many rows of the publisher: each waits for the other, and neither is the victim of a deadlock.</summary>
public sealed class SettleConcurrencyTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Messages = 100;

    private TestDatabase _database = null!;
    private Publisher _publisher = null!;
    private Lease _lease = null!;
    private long _sequence;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(postgres.Server);
        var topicId = await _database.AddTopicAsync();
        _publisher = await _database.AddPublisherAsync();
        await _database.AppendAsync(topicId, Messages);
        _lease = await _database.AcquireAsync(Guid.NewGuid());
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    [Fact]
    public async Task Beside_parked_rows_that_are_made_due()
    {
        await SettleAsync(parked: Positions);
        using var settled = new CancellationTokenSource();

        var settling = RepeatedlyAsync(40, () => SettleAsync(parked: Positions.Reverse()), settled);
        while (!settled.IsCancellationRequested)
        {
            await _database.Deliveries.MakeUnavailableDueAsync(_publisher.TopicId, _publisher.Id, _lease.Epoch, Cancel);
            await _database.OrderingKeys.DissolveAsync(_publisher.TopicId, _publisher.Id, _lease.Epoch, Cancel);
        }

        await settling;
    }

    [Fact]
    public async Task Beside_an_operator_who_retries_what_a_replay_has_in_hand()
    {
        for (var round = 0; round < 10; round++)
        {
            await SettleAsync(dead: Positions);
            using var settled = new CancellationTokenSource();

            var chunks = new Queue<long[]>(Positions.Chunk(5));
            var settling = RepeatedlyAsync(chunks.Count, () => SettleAsync(parked: chunks.Peek(), revived: chunks.Dequeue()), settled);
            while (!settled.IsCancellationRequested)
            {
                await _database.DeadLetters.RetryAsync(new DeadLetterFilter(), 7, Cancel);
            }

            await settling;
        }
    }

    private static IEnumerable<long> Positions => Enumerable.Range(1, Messages).Select(position => (long)position);

    private static async Task RepeatedlyAsync(int times, Func<Task> act, CancellationTokenSource done)
    {
        try
        {
            for (var time = 0; time < times; time++)
            {
                await act();
            }
        }
        finally
        {
            await done.CancelAsync();
        }
    }

    private async Task SettleAsync(IEnumerable<long>? dead = null, IEnumerable<long>? parked = null, long[]? revived = null) => (await _database.Deliveries.SettleAsync(
        new SettleBatch
        {
            TopicId = _publisher.TopicId,
            PublisherId = _publisher.Id,
            Epoch = _lease.Epoch,
            Sequence = ++_sequence,
            Cursor = Messages,
            SettledAbove = [],
            Dead = [.. (dead ?? []).Select(position => new DeadEntry(position, 1, 400, "max-attempts", "bad request"))],
            Unparked = [.. dead ?? []],
            Parked = [.. (parked ?? []).Select(position => new ParkEntry(position, 1, TimeSpan.FromMinutes(1), "unavailable (503)"))],
            Revived = revived ?? [],
        },
        Cancel)).Should().Be(SettleStatus.Settled);
}
