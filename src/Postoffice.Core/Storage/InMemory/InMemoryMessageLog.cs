using Postoffice.Messages;

namespace Postoffice.Storage.InMemory;

/// <summary>The topics' logs, in memory.</summary>
internal sealed class InMemoryMessageLog(InMemoryDatabase database) : IMessageLog
{
    public Task<AppendResult[]?> AppendAsync(long topicId, IReadOnlyList<AppendRequest> requests, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (!database.Topics.TryGetValue(topicId, out var topic))
            {
                return Task.FromResult<AppendResult[]?>(null);
            }

            var now = database.Now();
            return Task.FromResult<AppendResult[]?>([.. requests.Select(request => Append(topic, request, now))]);
        }
    }

    public Task<IReadOnlyList<Message>> ReadAsync(long topicId, long after, int maxCount, int maxBytes, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var read = new List<Message>();
            if (database.Topics.TryGetValue(topicId, out var topic))
            {
                var bytes = 0L;
                for (var index = (int)after; index < topic.Log.Count && read.Count < maxCount; index++)
                {
                    var message = topic.Log[index];
                    bytes += message.Payload.Length;
                    if (bytes > maxBytes && read.Count > 0)
                    {
                        break;
                    }

                    read.Add(message);
                }
            }

            return Task.FromResult<IReadOnlyList<Message>>(read);
        }
    }

    public Task<IReadOnlyDictionary<long, long>> HeadsAsync(IReadOnlyCollection<long> topicIds, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult<IReadOnlyDictionary<long, long>>(
                topicIds.Distinct().Where(database.Topics.ContainsKey).ToDictionary(id => id, id => database.Topics[id].Head));
        }
    }

    public Task<Message?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult(database.Messages.GetValueOrDefault(id));
        }
    }

    private AppendResult Append(TopicRow topic, AppendRequest request, DateTimeOffset now)
    {
        if (request.IdempotencyKey is { } key && topic.ByIdempotencyKey.TryGetValue(key, out var earlier))
        {
            return new AppendResult(earlier.Position, earlier.ReceivedAt, Repeated: true);
        }

        var first = topic.Head + 1;
        foreach (var message in request.Messages)
        {
            database.Append(topic, message, now);
        }

        return new AppendResult(first, now, Repeated: false);
    }
}
