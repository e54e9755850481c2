using Postoffice.Deliveries;
using Postoffice.Messages;

namespace Postoffice.Storage.InMemory;

/// <summary>Looks through the logs, in memory.</summary>
internal sealed class InMemoryMessageSearchStore(InMemoryDatabase database) : IMessageSearchStore
{
    public Task<SearchedChunk> SearchAsync(
        MessageQuery query, LogStretch stretch, MessagePlace? after, int chunk, int limit, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var candidates = Candidates(query, stretch, after).Take(chunk).ToList();
            var found = new List<FoundMessage>();
            var scanned = 0;
            foreach (var message in candidates)
            {
                var isMeant = IsMeant(query, message);
                if (isMeant && found.Count == limit)
                {
                    break;
                }

                scanned++;
                if (isMeant)
                {
                    found.Add(Show(message));
                }
            }

            var isAll = scanned == candidates.Count && candidates.Count < chunk;
            return Task.FromResult(new SearchedChunk(found, scanned, isAll ? null : Place(candidates[scanned - 1])));
        }
    }

    public Task<long> FirstPositionAsync(long topicId, DateTimeOffset time, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var log = Log(topicId);
            return Task.FromResult(log.Where(message => message.ReceivedAt >= time).Select(message => message.Position).FirstOrDefault(log.Count + 1));
        }
    }

    private IEnumerable<Message> Candidates(MessageQuery query, LogStretch stretch, MessagePlace? after)
    {
        if (query.TopicId is { } topicId)
        {
            // Nothing waits that every publisher has passed.
            var floor = query.State == DeliveryStatus.Waiting ? Publishers(query, topicId).Select(row => row.Cursor).DefaultIfEmpty(long.MaxValue).Min() : 0;
            return Log(topicId).AsEnumerable().Reverse().Where(message =>
                message.Position > floor && message.Position >= stretch.First && message.Position < stretch.End
                && (after is not { } place || message.Position < place.Position)
                && (!query.IsOfFailures || Publishers(query, topicId).Any(row => HasRow(query.State, row, message.Position))));
        }

        return database.Messages.Values
            .Where(message => (query.From is not { } from || message.ReceivedAt >= from) && (query.To is not { } to || message.ReceivedAt < to)
                && (after is not { } place || Key(Place(message)).CompareTo(Key(place)) < 0))
            .OrderByDescending(message => Key(Place(message)));
    }

    /// <summary>Empty when someone has just deleted the topic.</summary>
    private List<Message> Log(long topicId) => database.Topics.TryGetValue(topicId, out var topic) ? topic.Log : [];

    private static bool HasRow(DeliveryStatus? state, PublisherRow row, long position) =>
        state == DeliveryStatus.Parked ? row.Parked.ContainsKey(position) : row.Dead.ContainsKey(position);

    private bool IsMeant(MessageQuery query, Message message) =>
        query.Attributes.All(attribute => message.Attributes[attribute.Key] == attribute.Value)
            && (query.Text is not { } text || message.Payload.Span.IndexOf(text.Span) >= 0)
            && (query.State is not { } state
                || Publishers(query, message.TopicId).Any(row => InMemoryDeliveryStore.State(row, message.Position).Status == state));

    private IEnumerable<PublisherRow> Publishers(MessageQuery query, long topicId) => database.Publishers.Values.Where(row =>
        row.Publisher.TopicId == topicId && !row.IsDeleted && (query.PublisherId is null || row.Publisher.Id == query.PublisherId));

    private FoundMessage Show(Message message)
    {
        var states = Publishers(new MessageQuery(), message.TopicId).Select(row => Standing(row, message.Position)).ToLookup(state => state);
        return new FoundMessage
        {
            Id = message.Id,
            TopicId = message.TopicId,
            Topic = database.Topics[message.TopicId].Topic.Name,
            Position = message.Position,
            ReceivedAt = message.ReceivedAt,
            OrderingKey = message.OrderingKey,
            ContentType = message.ContentType,
            Attributes = message.Attributes,
            Size = message.Payload.Length,
            Excerpt = PayloadExcerpt.Of(message.Payload.Span),
            Deliveries = new DeliveryCounts(
                states[DeliveryStatus.Waiting].Count(),
                states[DeliveryStatus.Parked].Count(),
                states[DeliveryStatus.DeadLettered].Count(),
                states[DeliveryStatus.Settled].Count()),
        };
    }

    /// <summary>As the other stores count: without the delivery log.</summary>
    private static DeliveryStatus Standing(PublisherRow row, long position) =>
        row.Dead.ContainsKey(position) ? DeliveryStatus.DeadLettered
        : row.Parked.ContainsKey(position) ? DeliveryStatus.Parked
        : position <= row.Publisher.StartPosition ? DeliveryStatus.NotSubscribed
        : SettledSet.Contains(row.Cursor, row.SettledAbove, position) ? DeliveryStatus.Settled
        : DeliveryStatus.Waiting;

    private static MessagePlace Place(Message message) => new(message.ReceivedAt, message.TopicId, message.Position);

    private static (DateTimeOffset, long, long) Key(MessagePlace place) => (place.ReceivedAt, place.TopicId, place.Position);
}
