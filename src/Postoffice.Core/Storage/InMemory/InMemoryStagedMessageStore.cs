using Postoffice.Messages;

namespace Postoffice.Storage.InMemory;

/// <summary>Staged messages and their relay, in memory.</summary>
internal sealed class InMemoryStagedMessageStore(InMemoryDatabase database) : IStagedMessageStore
{
    public Task<Guid?> StageAsync(StagedMessage message, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (!database.Topics.TryGetValue(message.TopicId, out var topic))
            {
                return Task.FromResult<Guid?>(null);
            }

            if (message.Message.IdempotencyKey is { } key && FindByKey(topic, key) is { } earlier)
            {
                return Task.FromResult<Guid?>(earlier);
            }

            database.Staged.Add(message.Message.Id, message with { Message = Copy(message.Message) });
            return Task.FromResult<Guid?>(message.Message.Id);
        }
    }

    public Task<StagedMessage?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult(database.Staged.GetValueOrDefault(id));
        }
    }

    public Task<IReadOnlyList<RelayedTopic>> RelayDueAsync(int maxPerTopic, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var now = database.Now();
            var due = database.Staged.Values.Where(staged => staged.DeliverAt <= now).ToLookup(staged => staged.TopicId);
            return Task.FromResult<IReadOnlyList<RelayedTopic>>([.. due.Select(
                staged => Relay(database.Topics[staged.Key], [.. staged.OrderBy(message => message.DeliverAt).Take(maxPerTopic)], now))]);
        }
    }

    public Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult<TimeSpan?>(database.Staged.Count == 0 ? null : database.Staged.Values.Min(staged => staged.DeliverAt) - database.Now());
        }
    }

    private Guid? FindByKey(TopicRow topic, string key) => topic.ByIdempotencyKey.TryGetValue(key, out var appended)
        ? appended.Id
        : database.Staged.Values.FirstOrDefault(staged => staged.TopicId == topic.Topic.Id && staged.Message.IdempotencyKey == key)?.Message.Id;

    private RelayedTopic Relay(TopicRow topic, List<StagedMessage> due, DateTimeOffset now)
    {
        foreach (var staged in due)
        {
            database.Staged.Remove(staged.Message.Id);
            if (staged.Message.IdempotencyKey is not { } key || !topic.ByIdempotencyKey.ContainsKey(key))
            {
                database.Append(topic, staged.Message, now);
            }
        }

        return new RelayedTopic(topic.Topic.Id, topic.Head, due.Count);
    }

    // A copy, as any other store makes one.
    private static NewMessage Copy(NewMessage message) => new()
    {
        Id = message.Id,
        Payload = message.Payload.ToArray(),
        ContentType = message.ContentType,
        Attributes = message.Attributes,
        OrderingKey = message.OrderingKey,
        IdempotencyKey = message.IdempotencyKey,
        TraceParent = message.TraceParent,
    };
}
