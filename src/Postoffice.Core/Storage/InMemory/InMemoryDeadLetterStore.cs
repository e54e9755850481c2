using Postoffice.Deliveries;

namespace Postoffice.Storage.InMemory;

/// <summary>The dead letters, in memory.</summary>
internal sealed class InMemoryDeadLetterStore(InMemoryDatabase database) : IDeadLetterStore
{
    private const string Retried = "retried";

    public Task<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterFilter filter, DeadLetterPlace? after, int limit, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult<IReadOnlyList<DeadLetter>>(
                [.. OldestFirst(filter).Reverse().Where(dead => after is not { } place || Compare(Place(dead), place) < 0).Take(limit).Select(Letter)]);
        }
    }

    public Task<DeadLetter?> FindAsync(DeadLetterId id, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult(database.FindPublisher(id.PublisherId) is { } row && row.Dead.TryGetValue(id.Position, out var dead)
                ? Letter((row, dead))
                : null);
        }
    }

    public Task<long> CountAsync(DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult((long)OldestFirst(filter).Count());
        }
    }

    public Task<IReadOnlyList<DeadLetterGroup>> GroupsAsync(DeadLetterFilter filter, int limit, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult<IReadOnlyList<DeadLetterGroup>>([.. OldestFirst(filter)
                .GroupBy(dead => (dead.Row.Entry.Reason, dead.Row.Entry.Group), (key, letters) => (Key: key, Letters: letters.ToList()))
                .OrderByDescending(group => group.Letters.Count).ThenByDescending(group => group.Letters[^1].Row.At)
                .Take(limit)
                .Select(group => new DeadLetterGroup(
                    group.Key.Reason, group.Key.Group, group.Letters.Count, group.Letters[0].Row.At, group.Letters[^1].Row.At, Letter(group.Letters[^1])))]);
        }
    }

    public Task<int> RetryAsync(DeadLetterFilter filter, int max, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var now = database.Now();
            var meant = OldestFirst(filter).Take(max).ToList();
            foreach (var (publisher, dead) in meant)
            {
                publisher.Dead.Remove(dead.Entry.Position);
                publisher.Parked[dead.Entry.Position] = new ParkedRow(Attempts: 0, now, Retried, dead.Entry.OrderingKey);
            }

            return Task.FromResult(meant.Count);
        }
    }

    public Task<int> DiscardAsync(DeadLetterFilter filter, int max, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var now = database.Now();
            var meant = OldestFirst(filter).Take(max).ToList();
            foreach (var (publisher, dead) in meant)
            {
                publisher.Dead.Remove(dead.Entry.Position);
                publisher.Log[dead.Entry.Position] =
                    new LogRow(DeliveryStatus.Discarded, dead.Entry.Attempts, dead.Entry.StatusCode, Duration: null, now);
            }

            // A pipeline that holds a key back for one of them learns of it by the version.
            foreach (var publisher in meant.Where(dead => dead.Row.Entry.BlocksKey).Select(dead => dead.Publisher).Distinct())
            {
                publisher.RaiseVersion();
            }

            return Task.FromResult(meant.Count);
        }
    }

    private IEnumerable<(PublisherRow Publisher, DeadRow Row)> OldestFirst(DeadLetterFilter filter) => database.Publishers.Values
        .Where(publisher => !publisher.IsDeleted
            && (filter.PublisherId is not { } id || publisher.Publisher.Id == id)
            && (filter.TopicId is not { } topicId || publisher.Publisher.TopicId == topicId))
        .SelectMany(publisher => publisher.Dead.Values
            .Where(dead => (filter.Reason is null || dead.Entry.Reason == filter.Reason)
                && (filter.Group is null || dead.Entry.Group == filter.Group)
                && (filter.From is not { } from || dead.At >= from)
                && (filter.To is not { } to || dead.At < to)
                && (filter.Ids is null || filter.Ids.Contains(new DeadLetterId(publisher.Publisher.Id, dead.Entry.Position))))
            .Select(dead => (publisher, dead)))
        .Order(Comparer<(PublisherRow, DeadRow)>.Create((x, y) => Compare(Place(x), Place(y))));

    private static DeadLetterPlace Place((PublisherRow Publisher, DeadRow Row) dead) => new(dead.Row.At, dead.Publisher.Publisher.Id, dead.Row.Entry.Position);

    private static int Compare(DeadLetterPlace x, DeadLetterPlace y) =>
        (x.DiedAt, x.PublisherId, x.Position).CompareTo((y.DiedAt, y.PublisherId, y.Position));

    private DeadLetter Letter((PublisherRow Publisher, DeadRow Row) dead)
    {
        var publisher = dead.Publisher.Publisher;
        var entry = dead.Row.Entry;
        var message = database.Topics[publisher.TopicId].At(entry.Position);
        return new DeadLetter
        {
            PublisherId = publisher.Id,
            Target = publisher.Target,
            TopicId = publisher.TopicId,
            Topic = publisher.Topic,
            Position = entry.Position,
            MessageId = message.Id,
            OrderingKey = entry.OrderingKey,
            BlocksKey = entry.BlocksKey,
            Attempts = entry.Attempts,
            StatusCode = entry.StatusCode,
            Reason = entry.Reason,
            Error = entry.Error,
            Group = entry.Group,
            ReceivedAt = message.ReceivedAt,
            DiedAt = dead.Row.At,
        };
    }
}
