using Postoffice.Messages;
using Postoffice.Publishers;
using Postoffice.Topics;

namespace Postoffice.Storage.InMemory;

/// <summary>What the in-memory stores share: the tables, their one lock, and the clock. A table is only touched under <see cref="Gate"/>.</summary>
internal sealed class InMemoryDatabase(TimeProvider time)
{
    private long _lastId;

    /// <summary>Stands for the transaction: what happens under it happens at once for all others.</summary>
    public Lock Gate { get; } = new();

    public SortedDictionary<long, TopicRow> Topics { get; } = [];

    /// <summary>Deleted publishers stay, so that deleting again succeeds.</summary>
    public SortedDictionary<long, PublisherRow> Publishers { get; } = [];

    public Dictionary<Guid, Message> Messages { get; } = [];

    public Dictionary<Guid, StagedMessage> Staged { get; } = [];

    /// <summary>The nodes that ever said that they live.</summary>
    public Dictionary<Guid, NodeRow> Nodes { get; } = [];

    /// <summary>What each node has told of itself, by minute, topic and publisher.</summary>
    public Dictionary<(Guid NodeId, DateTimeOffset Minute, long TopicId, long PublisherId), ActivityRow> Activity { get; } = [];

    public DateTimeOffset Now() => time.GetUtcNow();

    /// <summary>Numbers of topics and publishers are never given twice.</summary>
    public long NextId() => ++_lastId;

    public TopicRow? FindTopic(string name) => Topics.Values.FirstOrDefault(row => row.Topic.Name == name);

    public PublisherRow? FindPublisher(long id) => Publishers.TryGetValue(id, out var row) && !row.IsDeleted ? row : null;

    /// <returns>The publisher, when it is one of this topic.</returns>
    public PublisherRow? FindPublisher(long topicId, long id) => FindPublisher(id) is { } row && row.Publisher.TopicId == topicId ? row : null;

    /// <returns>Who runs the publisher, by a lease that is valid at <paramref name="now"/>.</returns>
    public PublisherOwner? FindOwner(PublisherRow row, DateTimeOffset now) => row.Owner is { } node && row.LeaseUntil > now
        ? new PublisherOwner(node, Nodes.TryGetValue(node, out var known) ? known.Host : "", row.Report is { } json ? PublisherReport.FromJson(json) : null)
        : null;

    /// <summary>Puts a message at the end of its topic's log.</summary>
    public Message Append(TopicRow topic, NewMessage message, DateTimeOffset receivedAt)
    {
        var appended = new Message
        {
            Id = message.Id,
            TopicId = topic.Topic.Id,
            Position = topic.Log.Count + 1,
            // A copy, as any other store makes one.
            Payload = message.Payload.ToArray(),
            ContentType = message.ContentType,
            Attributes = message.Attributes,
            OrderingKey = message.OrderingKey,
            TraceParent = message.TraceParent,
            ReceivedAt = receivedAt,
        };
        Messages.Add(appended.Id, appended);
        topic.Log.Add(appended);
        if (message.IdempotencyKey is { } key)
        {
            topic.ByIdempotencyKey.Add(key, appended);
        }

        return appended;
    }

    /// <summary>What a database would keep in tables other than topics, heads and messages.</summary>
    public long CountRowsOutsideLog()
    {
        lock (Gate)
        {
            return Staged.Count + Nodes.Count + Publishers.Values.Sum(row => row.CountRows());
        }
    }
}

internal readonly record struct NodeRow(string Host, DateTimeOffset StartedAt, DateTimeOffset HeartbeatAt);

internal sealed class TopicRow(Topic topic)
{
    public Topic Topic { get; } = topic;

    /// <summary>Position p stands at index p − 1.</summary>
    public List<Message> Log { get; } = [];

    public Dictionary<string, Message> ByIdempotencyKey { get; } = new(StringComparer.Ordinal);

    public long Head => Log.Count;

    public Message At(long position) => Log[(int)position - 1];
}
