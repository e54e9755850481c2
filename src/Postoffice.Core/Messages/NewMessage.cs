namespace Postoffice.Messages;

/// <summary>A message to publish.</summary>
public sealed class NewMessage
{
    internal const string DefaultContentType = "application/json";

    /// <summary>The message's id, a UUIDv7, made when the object is made.</summary>
    internal Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The payload. Stored, signed and delivered byte for byte; must not be changed until the publish has returned.</summary>
    /// <value>At most 1 MiB.</value>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The payload's media type, sent as <c>Content-Type</c>.</summary>
    /// <value><c>application/json</c> unless set; printable ASCII, at most 255 characters.</value>
    public string ContentType { get; init; } = DefaultContentType;

    /// <summary>Names and values that travel beside the payload.</summary>
    /// <value>Empty unless set; at most 100, names up to 256 bytes, values up to 1,024 bytes, no control characters.</value>
    public MessageAttributes Attributes { get; init; } = MessageAttributes.Empty;

    /// <summary>Messages of one ordering key are delivered in order by publishers that ask for it.</summary>
    /// <value>None (null) unless set; 1 to 255 characters, no control characters.</value>
    public string? OrderingKey { get; init; }

    /// <summary>Makes a repeated publish safe: a second publish to the topic with this key answers with the first one's message and stores nothing.</summary>
    /// <value>None (null) unless set; 1 to 255 characters, no control characters. When several messages are published together, only the first may bear one.</value>
    public string? IdempotencyKey { get; init; }

    /// <summary>The W3C trace context to hand on; taken from the current activity when the message is published.</summary>
    internal string? TraceParent { get; init; }

    internal NewMessage WithTraceParent(string traceParent) => new()
    {
        Id = Id,
        Payload = Payload,
        ContentType = ContentType,
        Attributes = Attributes,
        OrderingKey = OrderingKey,
        IdempotencyKey = IdempotencyKey,
        TraceParent = traceParent,
    };

    /// <summary>The message as it stands in the log, with a payload of its own.</summary>
    internal Message CopyAt(long topicId, long position, DateTimeOffset receivedAt) => new()
    {
        Id = Id,
        TopicId = topicId,
        Position = position,
        Payload = Payload.ToArray(),
        ContentType = ContentType,
        Attributes = Attributes,
        OrderingKey = OrderingKey,
        TraceParent = TraceParent,
        ReceivedAt = receivedAt,
    };

    /// <summary>Whether a repeated publish means the message that is stored: everything the caller said is equal.</summary>
    internal bool IsSameAs(Message stored) =>
        Payload.Span.SequenceEqual(stored.Payload.Span) && ContentType == stored.ContentType && OrderingKey == stored.OrderingKey
        && Attributes.Equals(stored.Attributes);
}
