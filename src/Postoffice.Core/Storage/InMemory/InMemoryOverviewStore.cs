using Postoffice.Publishers;

namespace Postoffice.Storage.InMemory;

/// <summary>How all is, in memory.</summary>
internal sealed class InMemoryOverviewStore(InMemoryDatabase database) : IOverviewStore
{
    public Task<OverviewReading> ReadAsync(CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var now = database.Now();
            var minute = InMemoryActivityStore.Minute(now);
            var recent = InMemoryActivityStore.Since(database, now, minutes: 5).Where(row => row.Minute < minute).ToLookup(row => (row.TopicId, row.PublisherId));
            return Task.FromResult(new OverviewReading(
                InMemoryActivityStore.Read(database, ActivityScope.All, now),
                database.Topics.Count,
                database.Topics.Values.Sum(topic => topic.Head),
                [.. Live().Select(row => ToPublisher(row, recent, now))],
                [.. Nodes(now)]));
        }
    }

    public Task<PulseReading> PulseAsync(CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var now = database.Now();
            var live = Live().ToList();
            var dead = database.Publishers.Values.SelectMany(row => row.Dead.Values).ToList();
            return Task.FromResult(new PulseReading(
                now,
                database.Topics.Values.Sum(topic => topic.Head),
                live.Sum(row => row.DeliveredCount),
                [
                    database.Topics.Count,
                    live.Count, live.Sum(row => (long)row.Publisher.Version),
                    live.Sum(row => row.Cursor), live.Sum(row => row.SkippedCount), live.Sum(row => row.Epoch), live.Sum(row => row.Sequence),
                    live.Count(row => row.Owner is not null && row.LeaseUntil > now),
                    live.Count(row => row.Replay is not null),
                    Math.Min(dead.Count, PulseReading.MaxDeadCounted), dead.Count == 0 ? 0 : dead.Min(letter => letter.At).UtcTicks,
                    dead.Count == 0 ? 0 : dead.Max(letter => letter.At).UtcTicks,
                    Nodes(now).Count(),
                    InMemoryActivityStore.Since(database, now, minutes: 1)
                        .Sum(row => row.Received + row.Delivered + row.Failed + row.Skipped + row.Dead + row.Advanced),
                    .. Signs(live.Select(row => row.Report).OfType<string>().Select(PublisherReport.FromJson).OfType<PublisherReport>().ToList()),
                ]));
        }
    }

    public Task<IReadOnlyList<NodeStatus>> NodesAsync(CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult<IReadOnlyList<NodeStatus>>([.. Nodes(database.Now())]);
        }
    }

    public Task<IReadOnlyDictionary<long, TopicFigures>> TopicsAsync(IReadOnlyCollection<long> topicIds, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var now = database.Now();
            var minute = InMemoryActivityStore.Minute(now);
            var recent = InMemoryActivityStore.Since(database, now, minutes: 1).ToLookup(row => row.TopicId);
            return Task.FromResult<IReadOnlyDictionary<long, TopicFigures>>(topicIds.Distinct().Where(database.Topics.ContainsKey).ToDictionary(id => id, id => new TopicFigures
            {
                At = now,
                Messages = database.Topics[id].Log.Count,
                Head = database.Topics[id].Head,
                Publishers = Live().Count(row => row.Publisher.TopicId == id),
                LastReceivedAt = database.Topics[id].Log.LastOrDefault()?.ReceivedAt,
                ReceivedThisMinute = recent[id].Where(row => row.Minute == minute).Sum(row => row.Received),
                ReceivedMinuteBefore = recent[id].Where(row => row.Minute < minute).Sum(row => row.Received),
            }));
        }
    }

    /// <summary>How publishers do, in few numbers: another number is due when one of them takes up work or lays it down, not with each delivery of it.</summary>
    private static IEnumerable<long> Signs(List<PublisherReport> reports) =>
    [
        reports.Count(report => report.Breaker == "open"), reports.Count(report => report.Breaker == "half_open"), reports.Count(report => report.LastError is not null),
        reports.Count(report => report.InFlight == 0), reports.Count(report => report.RateLimitedUntil is not null), reports.Count(report => report.OfflineUntil is not null),
    ];

    private IEnumerable<PublisherRow> Live() => database.Publishers.Values.Where(row => !row.IsDeleted);

    private IEnumerable<NodeStatus> Nodes(DateTimeOffset now) => database.Nodes
        .Where(node => node.Value.HeartbeatAt > now - PulseReading.NodeLife)
        .OrderBy(node => node.Value.StartedAt).ThenBy(node => node.Key)
        .Select(node => new NodeStatus(
            node.Key, node.Value.Host, node.Value.StartedAt, node.Value.HeartbeatAt,
            Live().Count(row => row.Owner == node.Key && row.LeaseUntil > now)));

    private OverviewPublisher ToPublisher(PublisherRow row, ILookup<(long TopicId, long PublisherId), ActivityRow> recent, DateTimeOffset now)
    {
        var publisher = row.Publisher;
        var owner = database.FindOwner(row, now);
        return new OverviewPublisher
        {
            Id = publisher.Id,
            Topic = publisher.Topic,
            Type = publisher.Type,
            Target = publisher.Target,
            Active = publisher.Active,
            PausedReason = publisher.PausedReason,
            PausedAt = publisher.PausedAt,
            UpdatedAt = publisher.UpdatedAt,
            Cursor = row.Cursor,
            Head = database.Topics[publisher.TopicId].Head,
            Delivered = row.DeliveredCount,
            Parked = row.Parked.Count,
            Dead = row.Dead.Count,
            OldestDead = row.Dead.Count == 0 ? null : row.Dead.Values.Min(letter => letter.At),
            HasBlockedKey = row.Dead.Values.Any(letter => letter.Entry is { BlocksKey: true, OrderingKey: not null }),
            Owner = owner,
            LeaseEnded = owner is null && row.Owner is not null ? row.LeaseUntil : null,
            Fault = owner?.Report is null ? publisher.Settings.Fault : null,
            RecentlyReceived = recent[(publisher.TopicId, 0)].Sum(activity => activity.Received),
            RecentlyAdvanced = recent[(publisher.TopicId, publisher.Id)].Sum(activity => activity.Advanced),
        };
    }
}
