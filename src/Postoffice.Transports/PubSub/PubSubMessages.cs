using Google.Protobuf;
using Postoffice.Deliveries;
using Postoffice.Transports.PubSub.Protocol;

namespace Postoffice.Transports.PubSub;

/// <summary>Makes the Pub/Sub messages of one publisher.</summary>
/// <param name="ordersByKey">The publisher orders by key: then Pub/Sub is told the key.</param>
internal sealed class PubSubMessages(bool ordersByKey)
{
    /// <summary>The message's id, by which receivers drop repeats.</summary>
    public const string IdAttribute = "message-id";

    private const string TraceParentAttribute = "traceparent";

    /// <returns>The message; or, when a limit of Pub/Sub keeps it from being sent, why.</returns>
    public (PubsubMessage? Message, string? Error) Build(Delivery delivery)
    {
        var message = delivery.Message;
        if (PubSubLimits.CheckEach(message.Attributes) is { } error)
        {
            return (null, $"attributes {error}");
        }

        // Not copied: a message in the log never changes.
        var built = new PubsubMessage { Data = UnsafeByteOperations.UnsafeWrap(message.Payload) };
        foreach (var (name, value) in message.Attributes)
        {
            built.Attributes.Add(name, value);
        }

        // In place of one that the publisher of the message has named so: of two messages with one id receivers would drop the second.
        built.Attributes[IdAttribute] = message.Id.ToString();
        if (message.TraceParent is { Length: > 0 and <= PubSubLimits.MaxValueBytes } traceParent && built.Attributes.Count < PubSubLimits.MaxAttributes)
        {
            built.Attributes[TraceParentAttribute] = traceParent;
        }

        if (ordersByKey && message.OrderingKey is { } key)
        {
            built.OrderingKey = key;
        }

        return Check(built) is { } limit ? (null, limit) : (built, null);
    }

    private static string? Check(PubsubMessage built)
    {
        if (built.Attributes.Count > PubSubLimits.MaxAttributes)
        {
            return $"attributes is invalid: {built.Attributes.Count} with the message's id; at most {PubSubLimits.MaxAttributes} are allowed by Google Cloud Pub/Sub";
        }

        return PubSubLimits.CheckOrderingKey(built.OrderingKey) is { } key ? $"ordering_key {key}" : null;
    }
}
