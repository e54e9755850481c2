namespace Postoffice.Deliveries;

/// <summary>An ordering key that is held up at one publisher.</summary>
internal sealed record BlockedKey
{
    public required string Key { get; init; }

    /// <summary>The position of the delivery that holds it up.</summary>
    public required long HeadPosition { get; init; }

    /// <summary>The message of that delivery.</summary>
    public required Guid HeadMessageId { get; init; }

    /// <summary>True when it is held up by a dead letter (<see cref="Publishers.KeyFailure.Block"/>); then only an operator sets it free.</summary>
    public required bool IsDead { get; init; }

    /// <summary>How many attempts were made for the head.</summary>
    public required int Attempts { get; init; }

    /// <summary>When the head is due; null when it is dead, or is the next to go.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Why the head waits or died.</summary>
    public required string Reason { get; init; }

    /// <summary>How many deliveries of the key are parked behind the head.</summary>
    public required long Waiting { get; init; }
}
