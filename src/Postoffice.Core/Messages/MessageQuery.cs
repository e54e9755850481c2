using Postoffice.Deliveries;

namespace Postoffice.Messages;

/// <summary>Which messages are looked for; members that are null or empty leave nothing out.</summary>
internal sealed record MessageQuery
{
    /// <summary>Only of this topic; always given together with a publisher.</summary>
    public long? TopicId { get; init; }

    /// <summary>Only of this publisher's topic, and for <see cref="State"/> only its deliveries count.</summary>
    public long? PublisherId { get; init; }

    /// <summary>
    /// Some publisher of the topic stands so, as <see cref="Storage.IDeliveryStore.StatesAsync"/> would tell: one of waiting, parked, dead-lettered, delivered,
    /// skipped and discarded.
    /// </summary>
    public DeliveryStatus? State { get; init; }

    /// <summary>Received at this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Received before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Each of these attributes has exactly this value.</summary>
    public MessageAttributes Attributes { get; init; } = MessageAttributes.Empty;

    /// <summary>The payload has these bytes somewhere.</summary>
    public ReadOnlyMemory<byte>? Text { get; init; }

    /// <summary>Whether anything but the place in the log decides.</summary>
    public bool IsFiltered => State is not null || LooksInside;

    /// <summary>Whether the message itself must be looked at.</summary>
    public bool LooksInside => Attributes.Count > 0 || Text is not null;

    /// <summary>Whether the rows of what is parked or dead lead to the messages: a few among a million are found at once.</summary>
    public bool IsOfFailures => TopicId is not null && State is DeliveryStatus.Parked or DeliveryStatus.DeadLettered;
}

/// <summary>A place in the logs, from which a search goes on towards older messages. Within one topic only the position counts.</summary>
internal readonly record struct MessagePlace(DateTimeOffset ReceivedAt, long TopicId, long Position);
