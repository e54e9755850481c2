using Postoffice.Deliveries;

namespace Postoffice.Storage.InMemory;

/// <summary>Replays, in memory.</summary>
internal sealed class InMemoryReplayStore(InMemoryDatabase database) : IReplayStore
{
    public Task<ReplayResult> StartAsync(long publisherId, ReplayRequest request, bool dryRun, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (database.FindPublisher(publisherId) is not { } row)
            {
                return Task.FromResult(new ReplayResult(ReplayStatus.UnknownPublisher));
            }

            if (row.Replay is not null && !dryRun)
            {
                return Task.FromResult(new ReplayResult(ReplayStatus.AlreadyRunning));
            }

            var replay = new Replay
            {
                Id = Guid.NewGuid(),
                PublisherId = publisherId,
                Position = First(database.Topics[row.Publisher.TopicId], request) - 1,
                Until = row.Cursor,
                OnlyFailed = request.OnlyFailed,
                RequestedAt = database.Now(),
            };
            if (!dryRun && replay.Position < replay.Until)
            {
                row.Replay = replay;
                row.RaiseVersion();
            }

            return Task.FromResult(new ReplayResult(ReplayStatus.Started, Positions(row, replay, replay.Position).LongCount(), replay));
        }
    }

    public Task<bool> CancelAsync(long publisherId, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (database.FindPublisher(publisherId) is not { Replay: not null } row)
            {
                return Task.FromResult(false);
            }

            row.Replay = null;
            row.RaiseVersion();
            return Task.FromResult(true);
        }
    }

    public Task<Replay?> FindAsync(long publisherId, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult(database.FindPublisher(publisherId)?.Replay);
        }
    }

    public Task<IReadOnlyList<ReplayedMessage>> ReadAsync(long topicId, Replay replay, long after, int max, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (database.FindPublisher(topicId, replay.PublisherId) is not { } row)
            {
                return Task.FromResult<IReadOnlyList<ReplayedMessage>>([]);
            }

            var topic = database.Topics[topicId];
            return Task.FromResult<IReadOnlyList<ReplayedMessage>>([.. Positions(row, replay, after)
                .Take(max)
                .Select(position => new ReplayedMessage(topic.At(position), row.Dead.ContainsKey(position)))]);
        }
    }

    /// <returns>The first position that the request means; beyond the head when there is none.</returns>
    private static long First(TopicRow topic, ReplayRequest request)
    {
        if (request.From is { } from)
        {
            return topic.Log.Where(message => message.ReceivedAt >= from).Select(message => message.Position).FirstOrDefault(topic.Head + 1);
        }

        return Math.Max(1, request.Position ?? 1);
    }

    private static IEnumerable<long> Positions(PublisherRow row, Replay replay, long after)
    {
        for (var position = after + 1; position <= replay.Until; position++)
        {
            if (!row.Parked.ContainsKey(position) && (!replay.OnlyFailed || row.Dead.ContainsKey(position)))
            {
                yield return position;
            }
        }
    }
}
