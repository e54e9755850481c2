namespace Postoffice.Deliveries;

/// <summary>Where one delivery stands, as the store tells it.</summary>
internal enum DeliveryStatus
{
    /// <summary>The message is from before the publisher's start position, and no replay has brought it: never meant for it.</summary>
    NotSubscribed,

    /// <summary>Not settled and not parked: beyond the cursor and waiting for its turn, or in flight.</summary>
    Waiting,

    /// <summary>Failed and waiting for its next attempt, or waiting behind another of its ordering key.</summary>
    Parked,
    Delivered,
    DeadLettered,
    Skipped,
    Discarded,

    /// <summary>Settled, but its entry in the delivery log is older than the log's retention.</summary>
    Settled,
}

/// <summary>One failed attempt, as the message page shows it.</summary>
/// <param name="Attempt">1 for the first.</param>
/// <param name="At">When its outcome was recorded, by the clock of the store.</param>
/// <param name="StatusCode">The receiver's status code; null when there was no answer.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Error">What went wrong, with an excerpt of the answer.</param>
internal sealed record FailedAttempt(int Attempt, DateTimeOffset At, int? StatusCode, TimeSpan Duration, string Error);

/// <summary>One publisher's delivery of one message.</summary>
internal sealed record DeliveryState
{
    public required Publishers.Publisher Publisher { get; init; }

    public required DeliveryStatus Status { get; init; }

    /// <summary>How many attempts were made.</summary>
    public int Attempts { get; init; }

    /// <summary>When it was delivered, dead-lettered, skipped or discarded.</summary>
    public DateTimeOffset? SettledAt { get; init; }

    /// <summary>When a parked delivery is due; null when it waits behind another of its ordering key.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>How many messages before this one, beyond the cursor, the publisher has not settled yet; 0 unless <see cref="DeliveryStatus.Waiting"/>.</summary>
    public long Ahead { get; init; }

    /// <summary>The status code of the delivering or the last failing attempt; null when there was none.</summary>
    public int? StatusCode { get; init; }

    /// <summary>How long the delivering attempt took.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Why it is parked or dead.</summary>
    public string? Reason { get; init; }

    /// <summary>The failed attempts, oldest first; at most the newest 100.</summary>
    public IReadOnlyList<FailedAttempt> FailedAttempts { get; init; } = [];
}
