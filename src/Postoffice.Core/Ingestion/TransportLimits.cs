using Postoffice.Messages;
using Postoffice.Storage;
using Postoffice.Topics;
using Postoffice.Transports;

namespace Postoffice.Ingestion;

/// <summary>
/// Refuses messages with attributes that a publisher of the topic could never pass on. Ordinary messages cost no look into the store: it is asked only when a
/// transport objects, and then for what holds now.
/// </summary>
/// <param name="transports">Gives the transports. Asked once, and not before there is something to judge: one that publishes messages itself needs us first.</param>
/// <param name="publishers">Knows the topic's publishers.</param>
internal sealed class TransportLimits(Func<IEnumerable<ITransport>> transports, IPublisherStore publishers)
{
    private readonly Lazy<ITransport[]> _transports = new(() => [.. transports()]);

    /// <exception cref="InvalidMessageException">The topic has a publisher, active or paused, whose transport cannot carry the attributes of a message.</exception>
    /// <exception cref="StorageUnavailableException">A transport objects, and the store cannot say whether the topic has such a publisher.</exception>
    public ValueTask CheckAsync(Topic topic, IReadOnlyList<NewMessage> messages, CancellationToken cancellationToken)
    {
        var objections = Objections(messages);
        return objections is null ? ValueTask.CompletedTask : new(RefuseAsync(topic, objections, cancellationToken));
    }

    /// <returns>What each transport has against the first message that it cannot carry, by its type; null when none has anything.</returns>
    private Dictionary<string, string>? Objections(IReadOnlyList<NewMessage> messages)
    {
        Dictionary<string, string>? objections = null;
        var judged = MessageAttributes.Empty;
        for (var index = 0; index < messages.Count; index++)
        {
            // The messages of a bulk request share one set.
            var attributes = messages[index].Attributes;
            if (attributes.Count == 0 || ReferenceEquals(attributes, judged))
            {
                continue;
            }

            judged = attributes;
            foreach (var transport in _transports.Value)
            {
                if (transport.CheckAttributes(attributes) is { } error)
                {
                    (objections ??= []).TryAdd(transport.Type, error);
                }
            }
        }

        return objections;
    }

    private async Task RefuseAsync(Topic topic, Dictionary<string, string> objections, CancellationToken cancellationToken)
    {
        var ofTopic = await publishers.ListAsync(topic.Id, afterId: 0, IPublisherStore.MaxPublishersPerTopic, cancellationToken).ConfigureAwait(false);
        foreach (var publisher in ofTopic.Select(status => status.Publisher))
        {
            if (objections.TryGetValue(publisher.Type, out var error))
            {
                throw new InvalidMessageException("attributes", $"{error} (the topic's {publisher.Type} publisher {publisher.Id} asks for that)");
            }
        }
    }
}
