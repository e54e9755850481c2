using Postoffice.Deliveries;
using Postoffice.Messages;

namespace Postoffice.Storage.InMemory;

/// <summary>The books of the publishers, in memory.</summary>
internal sealed class InMemoryDeliveryStore(InMemoryDatabase database) : IDeliveryStore
{
    private const int MaxFailedAttempts = 100;

    public Task<SettleStatus> SettleAsync(SettleBatch batch, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            // After a gap an earlier flush is missing: its outcomes would be lost behind this one's cursor.
            if (database.FindPublisher(batch.PublisherId) is not { } row || row.Epoch != batch.Epoch || batch.Sequence > row.Sequence + 1)
            {
                return Task.FromResult(SettleStatus.LeaseLost);
            }

            // A batch that is written already is one whose answer was lost: the caller tried again.
            if (batch.Sequence == row.Sequence + 1)
            {
                Write(row, batch, database.Now());
            }

            return Task.FromResult(SettleStatus.Settled);
        }
    }

    public Task<IReadOnlyList<DueDelivery>> ReadDueAsync(
        long topicId, long publisherId, IReadOnlyCollection<long> except, int max, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (database.FindPublisher(publisherId) is not { } row || row.Publisher.TopicId != topicId)
            {
                return Task.FromResult<IReadOnlyList<DueDelivery>>([]);
            }

            var now = database.Now();
            var log = database.Topics[topicId].Log;
            return Task.FromResult<IReadOnlyList<DueDelivery>>([.. row.Parked
                .Where(parked => parked.Value.DueAt <= now && !except.Contains(parked.Key))
                .OrderBy(parked => parked.Value.DueAt).ThenBy(parked => parked.Key)
                .Take(max)
                .Select(parked => new DueDelivery(log[(int)parked.Key - 1], parked.Value.Attempts))]);
        }
    }

    public Task MakeUnavailableDueAsync(long topicId, long publisherId, long epoch, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (database.FindPublisher(publisherId) is { } row && row.Epoch == epoch)
            {
                var now = database.Now();
                foreach (var (position, parked) in row.Parked.ToList())
                {
                    if (parked.Reason.StartsWith(ParkEntry.Unavailable, StringComparison.Ordinal))
                    {
                        row.Parked[position] = parked with { DueAt = now };
                    }
                }
            }

            return Task.CompletedTask;
        }
    }

    public Task<IReadOnlyDictionary<long, TimeSpan>> NextDueAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var now = database.Now();
            return Task.FromResult<IReadOnlyDictionary<long, TimeSpan>>(publisherIds.Distinct()
                .Where(id => database.FindPublisher(id) is { Parked.Count: > 0 })
                .ToDictionary(id => id, id => database.Publishers[id].Parked.Values.Min(parked => parked.DueAt) - now));
        }
    }

    public Task<IReadOnlyList<DeliveryState>> StatesAsync(Message message, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult<IReadOnlyList<DeliveryState>>([.. database.Publishers.Values
                .Where(row => row.Publisher.TopicId == message.TopicId && !row.IsDeleted)
                .Select(row => State(row, message.Position))]);
        }
    }

    private static void Write(PublisherRow row, SettleBatch batch, DateTimeOffset now)
    {
        row.Sequence = batch.Sequence;
        row.Cursor = batch.Cursor;
        row.SettledAbove = [.. batch.SettledAbove];

        foreach (var delivered in batch.Delivered)
        {
            row.Delivered[delivered.Position] = new DeliveredRow(delivered, now);
        }

        foreach (var failed in batch.Failed)
        {
            if (!row.Failed.TryGetValue(failed.Position, out var attempts))
            {
                row.Failed.Add(failed.Position, attempts = []);
            }

            attempts.Add(new FailedAttempt(failed.Attempt, now, failed.StatusCode, failed.Duration, failed.Error));
        }

        foreach (var position in batch.Unparked)
        {
            row.Parked.Remove(position);
        }

        foreach (var parked in batch.Parked)
        {
            row.Parked[parked.Position] = new ParkedRow(parked.Attempts, now + (parked.Delay ?? TimeSpan.Zero), parked.Reason);
        }

        foreach (var dead in batch.Dead)
        {
            row.Dead[dead.Position] = new DeadRow(dead, now);
        }
    }

    private static DeliveryState State(PublisherRow row, long position)
    {
        var state = new DeliveryState
        {
            Publisher = row.Publisher,
            Status = DeliveryStatus.NotSubscribed,
            FailedAttempts = row.Failed.TryGetValue(position, out var failed) ? [.. failed.TakeLast(MaxFailedAttempts)] : [],
        };
        if (position <= row.Publisher.StartPosition)
        {
            return state;
        }

        if (row.Dead.TryGetValue(position, out var dead))
        {
            return state with { Status = DeliveryStatus.DeadLettered, Attempts = dead.Entry.Attempts, SettledAt = dead.At, Reason = dead.Entry.Reason };
        }

        if (row.Parked.TryGetValue(position, out var parked))
        {
            return state with { Status = DeliveryStatus.Parked, Attempts = parked.Attempts, DueAt = parked.DueAt, Reason = parked.Reason };
        }

        if (row.Delivered.TryGetValue(position, out var delivered))
        {
            return state with
            {
                Status = DeliveryStatus.Delivered,
                Attempts = delivered.Entry.Attempts,
                SettledAt = delivered.At,
                StatusCode = delivered.Entry.StatusCode,
                Duration = delivered.Entry.Duration,
            };
        }

        return state with { Status = SettledSet.Contains(row.Cursor, row.SettledAbove, position) ? DeliveryStatus.Settled : DeliveryStatus.Waiting };
    }
}
