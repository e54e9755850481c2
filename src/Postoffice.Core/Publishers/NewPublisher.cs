namespace Postoffice.Publishers;

/// <summary>What is needed to create a <see cref="Publisher"/>; already validated, the target in its canonical spelling.</summary>
internal sealed record NewPublisher(string Topic, string Type, string Target, bool Active, bool FromNow, PublisherSettings Settings);

/// <summary>What <see cref="Storage.IPublisherStore.TryAddAsync"/> came to.</summary>
internal enum AddPublisherStatus
{
    Added,

    /// <summary>A publisher with this topic, type and target is there already.</summary>
    AlreadyExists,
    UnknownTopic,

    /// <summary>The topic has <see cref="Storage.IPublisherStore.MaxPublishersPerTopic"/> publishers.</summary>
    TooMany,
}

internal sealed record AddPublisherResult(AddPublisherStatus Status, Publisher? Publisher = null);

/// <summary>A change to a publisher; null members stay as they are.</summary>
internal sealed record PublisherChange
{
    public bool? Active { get; init; }

    /// <summary>Recorded when <see cref="Active"/> is false; cleared when it is true.</summary>
    public string? PausedReason { get; init; }

    public PublisherSettings? Settings { get; init; }

    /// <summary>Of which version of the publisher the change was thought out; null for any. Settings are written as a whole, and would undo what others changed.</summary>
    public int? IfVersion { get; init; }
}

/// <summary>A publisher and where it stands.</summary>
/// <param name="Publisher">The publisher.</param>
/// <param name="Cursor">The position up to which everything is settled.</param>
/// <param name="Head">The topic's last position; <c>Head − Cursor</c> is the lag.</param>
/// <param name="Parked">How many deliveries are parked.</param>
/// <param name="Dead">How many dead letters it has.</param>
/// <param name="Delivered">How many deliveries it has made, replays included, since it was created.</param>
/// <param name="Skipped">How many messages its filter has left out since it was created.</param>
internal sealed record PublisherStatus(Publisher Publisher, long Cursor, long Head, long Parked, long Dead, long Delivered = 0, long Skipped = 0);
