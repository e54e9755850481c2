namespace Postoffice.Messages;

/// <summary>A message as it stands in its topic's log. Immutable; shared by all publishers of the topic on a node.</summary>
public sealed class Message
{
    /// <summary>The message's id, a UUIDv7. Receivers drop repeats by it: every attempt of every publisher bears the same id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The number of the topic that the message belongs to.</summary>
    public required long TopicId { get; init; }

    /// <summary>The place in the topic's log: 1, 2, 3 … in commit order.</summary>
    public required long Position { get; init; }

    /// <summary>The payload, byte for byte as it was received.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The payload's media type, as it was received.</summary>
    /// <value><c>application/json</c> unless set.</value>
    public string ContentType { get; init; } = NewMessage.DefaultContentType;

    /// <summary>Names and values that travel beside the payload; empty when there are none.</summary>
    public MessageAttributes Attributes { get; init; } = MessageAttributes.Empty;

    /// <summary>Messages of one ordering key are delivered in order by publishers that ask for it; null for none.</summary>
    public string? OrderingKey { get; init; }

    /// <summary>The W3C trace context of the request that published the message; null when there was none.</summary>
    /// <remarks>https://www.w3.org/TR/trace-context/#traceparent-header</remarks>
    public string? TraceParent { get; init; }

    /// <summary>When the message entered the log, by the clock of the store.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }
}
