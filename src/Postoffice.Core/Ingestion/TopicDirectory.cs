using System.Collections.Concurrent;
using Postoffice.Storage;
using Postoffice.Topics;

namespace Postoffice.Ingestion;

/// <summary>Finds a topic by name, from memory after the first time. A topic that is deleted is forgotten when an append to it finds nothing.</summary>
internal sealed class TopicDirectory(ITopicStore topics)
{
    private readonly ConcurrentDictionary<string, Topic> _known = new(StringComparer.Ordinal);

    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    public async ValueTask<Topic> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(name, out var known))
        {
            return known;
        }

        // A name that breaks the rule cannot be a topic's, and need not reach the store.
        var topic = TopicName.Check(name) is null ? await topics.FindAsync(name, cancellationToken).ConfigureAwait(false) : null;
        return topic is null ? throw new UnknownTopicException(name) : _known[name] = topic;
    }

    public void Forget(Topic topic) => _known.TryRemove(KeyValuePair.Create(topic.Name, topic));
}
