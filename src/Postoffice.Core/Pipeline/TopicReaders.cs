using System.Collections.Concurrent;
using Postoffice.Messages;
using Postoffice.Storage;

namespace Postoffice.Pipeline;

/// <summary>The readers of this node: one for each topic that has a running publisher here. Ingestion tells them what it has appended.</summary>
internal sealed class TopicReaders(IMessageLog log)
{
    private readonly ConcurrentDictionary<long, TopicReader> _readers = new();

    public TopicReader GetOrAdd(long topicId) => _readers.GetOrAdd(topicId, static (id, log) => new TopicReader(id, log), log);

    public TopicReader? Find(long topicId) => _readers.GetValueOrDefault(topicId);

    /// <summary>Whether anybody on this node wants to be handed the topic's messages.</summary>
    public bool IsRead(long topicId) => Find(topicId) is { HasSubscriptions: true };

    public void Offer(long topicId, IReadOnlyList<Message> messages) => Find(topicId)?.Offer(messages);

    public void RaiseHead(long topicId, long head) => Find(topicId)?.RaiseHead(head);

    public void Trim()
    {
        foreach (var reader in _readers.Values)
        {
            reader.Trim();
        }
    }
}
