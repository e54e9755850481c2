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
            if (database.FindPublisher(topicId, publisherId) is not { } row)
            {
                return Task.FromResult<IReadOnlyList<DueDelivery>>([]);
            }

            var now = database.Now();
            var topic = database.Topics[topicId];
            return Task.FromResult<IReadOnlyList<DueDelivery>>([.. row.Parked
                .Where(parked => parked.Value.DueAt <= now && !except.Contains(parked.Key))
                .OrderBy(parked => parked.Value.DueAt).ThenBy(parked => parked.Key)
                .Take(max)
                .Select(parked => new DueDelivery(topic.At(parked.Key), parked.Value.Attempts))]);
        }
    }

    public Task<int> MakeUnavailableDueAsync(long topicId, long publisherId, long epoch, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var waited = 0;
            if (database.FindPublisher(publisherId) is { } row && row.Epoch == epoch)
            {
                var now = database.Now();
                foreach (var (position, parked) in row.Parked.ToList())
                {
                    if (parked.DueAt is not null && parked.Reason.StartsWith(ParkEntry.Unavailable, StringComparison.Ordinal))
                    {
                        row.Parked[position] = parked with { DueAt = now };
                        waited++;
                    }
                }
            }

            return Task.FromResult(waited);
        }
    }

    public Task<MakeDueStatus> MakeDueAsync(long topicId, long publisherId, long position, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (database.FindPublisher(topicId, publisherId) is not { } row || !row.Parked.TryGetValue(position, out var parked))
            {
                return Task.FromResult(MakeDueStatus.NotParked);
            }

            if (parked.DueAt is not { } dueAt)
            {
                return Task.FromResult(MakeDueStatus.BehindKey);
            }

            // An attempt that is under way is due at its deadline for the sake of another owner, who knows nothing of it.
            if (parked.Reason != ParkEntry.InFlight && database.Now() is var now && now < dueAt)
            {
                row.Parked[position] = parked with { DueAt = now };
            }

            return Task.FromResult(MakeDueStatus.Due);
        }
    }

    public Task<IReadOnlyDictionary<long, TimeSpan>> NextDueAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var now = database.Now();
            var next = new Dictionary<long, TimeSpan>();
            foreach (var id in publisherIds)
            {
                // Null, when all that is parked waits behind its key.
                if (database.FindPublisher(id)?.Parked.Values.Min(parked => parked.DueAt) is { } dueAt)
                {
                    next[id] = dueAt - now;
                }
            }

            return Task.FromResult<IReadOnlyDictionary<long, TimeSpan>>(next);
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

        row.DeliveredCount += batch.Delivered.Count;
        row.SkippedCount += batch.Skipped.Count;

        foreach (var delivered in batch.Delivered)
        {
            row.Log[delivered.Position] = new LogRow(DeliveryStatus.Delivered, delivered.Attempts, delivered.StatusCode, delivered.Duration, now);
        }

        foreach (var position in batch.Skipped)
        {
            row.Log[position] = new LogRow(DeliveryStatus.Skipped, Attempts: 0, StatusCode: null, Duration: null, now);
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
            row.Parked[parked.Position] = new ParkedRow(parked.Attempts, now + parked.Delay, parked.Reason, parked.OrderingKey);
        }

        foreach (var position in batch.Revived)
        {
            row.Dead.Remove(position);
        }

        foreach (var dead in batch.Dead)
        {
            row.Dead[dead.Position] = new DeadRow(dead, now);
        }

        if (batch.Replay is { } mark && row.Replay is { } replay && replay.Id == mark.Id)
        {
            row.Replay = mark.Position < replay.Until ? replay with { Position = mark.Position } : null;
        }
    }

    public static DeliveryState State(PublisherRow row, long position)
    {
        var state = new DeliveryState
        {
            Publisher = row.Publisher,
            Status = DeliveryStatus.NotSubscribed,
            FailedAttempts = row.Failed.TryGetValue(position, out var failed) ? [.. failed.TakeLast(MaxFailedAttempts)] : [],
        };
        if (row.Dead.TryGetValue(position, out var dead))
        {
            return state with
            {
                Status = DeliveryStatus.DeadLettered,
                Attempts = dead.Entry.Attempts,
                SettledAt = dead.At,
                StatusCode = dead.Entry.StatusCode,
                Reason = dead.Entry.Reason,
            };
        }

        if (row.Parked.TryGetValue(position, out var parked))
        {
            return state with { Status = DeliveryStatus.Parked, Attempts = parked.Attempts, DueAt = parked.DueAt, Reason = parked.Reason };
        }

        if (row.Log.TryGetValue(position, out var entry))
        {
            return state with
            {
                Status = entry.Outcome,
                Attempts = entry.Attempts,
                SettledAt = entry.At,
                StatusCode = entry.StatusCode,
                Duration = entry.Duration,
            };
        }

        if (position <= row.Publisher.StartPosition)
        {
            return state;
        }

        return SettledSet.Contains(row.Cursor, row.SettledAbove, position)
            ? state with { Status = DeliveryStatus.Settled }
            : state with { Status = DeliveryStatus.Waiting, Ahead = SettledSet.CountOpenBefore(row.Cursor, row.SettledAbove, position) };
    }
}
