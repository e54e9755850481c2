namespace Postoffice.Messages;

/// <summary>A message to publish.</summary>
public sealed class NewMessage
{
    internal const string DefaultContentType = "application/json";

    private int _isPublished;

    /// <summary>The message's id, a UUIDv7, made when the object is made.</summary>
    internal Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The payload. Stored, signed and delivered byte for byte. Copied when the publish begins, so its memory may be used again once that has been called.</summary>
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

    /// <summary>The payload's memory is this message's alone, and need not be copied.</summary>
    internal bool OwnsPayload { get; init; }

    /// <summary>About how many bytes it takes while it waits to be written.</summary>
    internal long Size => Payload.Length + Attributes.ToJson().Length + 256;

    /// <summary>
    /// The message as it goes into the log and to the publishers on this node: with a payload that nobody else can change, with
    /// <paramref name="traceParent"/> unless it has one, and under an id of its own when this object was published before.
    /// </summary>
    internal NewMessage ForPublishing(string? traceParent)
    {
        var isFirst = Interlocked.Exchange(ref _isPublished, 1) == 0;
        return isFirst && OwnsPayload && (TraceParent is not null || traceParent is null)
            ? this
            : Copy(isFirst ? Id : Guid.CreateVersion7(), TraceParent ?? traceParent);
    }

    private NewMessage Copy(Guid id, string? traceParent) => new()
    {
        Id = id,
        Payload = OwnsPayload ? Payload : Payload.ToArray(),
        OwnsPayload = true,
        ContentType = ContentType,
        Attributes = Attributes,
        OrderingKey = OrderingKey,
        IdempotencyKey = IdempotencyKey,
        TraceParent = traceParent,
    };

    /// <summary>The message as it stands in the log.</summary>
    internal Message At(long topicId, long position, DateTimeOffset receivedAt) => new()
    {
        Id = Id,
        TopicId = topicId,
        Position = position,
        Payload = Payload,
        ContentType = ContentType,
        Attributes = Attributes,
        OrderingKey = OrderingKey,
        TraceParent = TraceParent,
        ReceivedAt = receivedAt,
    };

    /// <summary>Whether a repeated publish means the message that is stored: everything the caller said is equal.</summary>
    internal bool IsSameAs(Message stored) => IsSame(stored.Payload.Span, stored.ContentType, stored.OrderingKey, stored.Attributes);

    /// <summary>Whether a repeated schedule means the message that is staged.</summary>
    internal bool IsSameAs(NewMessage staged) => IsSame(staged.Payload.Span, staged.ContentType, staged.OrderingKey, staged.Attributes);

    private bool IsSame(ReadOnlySpan<byte> payload, string contentType, string? orderingKey, MessageAttributes attributes) =>
        Payload.Span.SequenceEqual(payload) && ContentType == contentType && OrderingKey == orderingKey && Attributes.Equals(attributes);
}
