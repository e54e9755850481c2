using Postoffice.Publishers;

namespace Postoffice.Storage.InMemory;

/// <summary>Publishers and where they stand, in memory.</summary>
internal sealed class InMemoryPublisherStore(InMemoryDatabase database) : IPublisherStore
{
    public Task<AddPublisherResult> TryAddAsync(NewPublisher publisher, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult(TryAdd(publisher));
        }
    }

    public Task<Publisher?> FindAsync(long id, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult(database.FindPublisher(id)?.Publisher);
        }
    }

    public Task<IReadOnlyList<Publisher>> FindManyAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult<IReadOnlyList<Publisher>>([.. ids.Distinct().Select(id => database.FindPublisher(id)?.Publisher).OfType<Publisher>()]);
        }
    }

    public Task<PublisherStatus?> FindStatusAsync(long id, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult(database.FindPublisher(id) is { } row ? Status(row) : null);
        }
    }

    public Task<IReadOnlyList<PublisherStatus>> ListAsync(long? topicId, long afterId, int limit, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult<IReadOnlyList<PublisherStatus>>([.. database.Publishers.Values
                .Where(row => !row.IsDeleted && row.Publisher.Id > afterId && (topicId is null || row.Publisher.TopicId == topicId))
                .Take(limit)
                .Select(Status)]);
        }
    }

    public Task<Publisher?> UpdateAsync(long id, PublisherChange change, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (database.FindPublisher(id) is not { } row || (change.IfVersion ?? row.Publisher.Version) != row.Publisher.Version)
            {
                return Task.FromResult<Publisher?>(null);
            }

            var before = row.Publisher;
            var now = database.Now();
            row.Publisher = before with
            {
                Active = change.Active ?? before.Active,
                PausedReason = change.Active switch { true => null, false => change.PausedReason, null => before.PausedReason },
                // One that is paused again is paused since before.
                PausedAt = change.Active switch { true => null, false => before.PausedAt ?? now, null => before.PausedAt },
                Settings = change.Settings ?? before.Settings,
                Version = before.Version + 1,
                UpdatedAt = now,
            };
            return Task.FromResult<Publisher?>(row.Publisher);
        }
    }

    public Task<bool> DeleteAsync(long id, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (!database.Publishers.TryGetValue(id, out var row))
            {
                return Task.FromResult(false);
            }

            if (!row.IsDeleted)
            {
                row.IsDeleted = true;
                row.Epoch++;
                row.Owner = null;
                row.Parked.Clear();
                row.Replay = null;
            }

            return Task.FromResult(true);
        }
    }

    private AddPublisherResult TryAdd(NewPublisher publisher)
    {
        if (database.FindTopic(publisher.Topic) is not { } topic)
        {
            return new AddPublisherResult(AddPublisherStatus.UnknownTopic);
        }

        var siblings = database.Publishers.Values.Where(row => row.Publisher.TopicId == topic.Topic.Id && !row.IsDeleted).ToList();
        if (siblings.Any(row => row.Publisher.Type == publisher.Type && row.Publisher.Target == publisher.Target))
        {
            return new AddPublisherResult(AddPublisherStatus.AlreadyExists);
        }

        if (siblings.Count >= IPublisherStore.MaxPublishersPerTopic)
        {
            return new AddPublisherResult(AddPublisherStatus.TooMany);
        }

        var now = database.Now();
        var added = new Publisher
        {
            Id = database.NextId(),
            TopicId = topic.Topic.Id,
            Topic = topic.Topic.Name,
            Type = publisher.Type,
            Target = publisher.Target,
            Active = publisher.Active,
            PausedAt = publisher.Active ? null : now,
            Settings = publisher.Settings,
            StartPosition = publisher.FromNow ? topic.Head : 0,
            Version = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };
        database.Publishers.Add(added.Id, new PublisherRow(added));
        return new AddPublisherResult(AddPublisherStatus.Added, added);
    }

    private PublisherStatus Status(PublisherRow row) =>
        new(row.Publisher, row.Cursor, database.Topics[row.Publisher.TopicId].Head, row.Parked.Count, row.Dead.Count, row.DeliveredCount, row.SkippedCount);
}
