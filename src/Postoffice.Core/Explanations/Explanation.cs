namespace Postoffice.Explanations;

/// <summary>Why one message is, or is not, delivered by one publisher.</summary>
/// <param name="Reason">The one reason.</param>
/// <param name="Text">The same as a sentence for a person.</param>
/// <param name="Facts">What decides it.</param>
internal sealed record Explanation(ExplanationReason Reason, string Text, ExplanationFacts Facts);

internal enum ExplanationReason
{
    Delivered,

    /// <summary>The publisher's filter left it out.</summary>
    Filtered,

    /// <summary>An operator gave it up, or the publisher was deleted.</summary>
    Discarded,

    /// <summary>Given up: a dead letter.</summary>
    Dead,

    /// <summary>The message is older than the publisher's start.</summary>
    CreatedLater,

    /// <summary>Settled so long ago that the delivery log no longer knows how.</summary>
    Settled,

    Paused,
    InFlight,

    /// <summary>An earlier message of its ordering key goes first.</summary>
    BehindKey,

    /// <summary>Failed, and its next attempt is not due yet.</summary>
    Parked,

    /// <summary>No node has the publisher's lease, or none can run it.</summary>
    NotRunning,

    /// <summary>The receiver fails, and nothing but a probe is sent to it.</summary>
    BreakerOpen,

    /// <summary>The node that runs the publisher reaches no target at all.</summary>
    Offline,

    RateLimited,

    /// <summary>Nothing holds it up: its turn comes.</summary>
    Waiting,
}

/// <summary>The facts that decide; those that do not belong to the reason are null.</summary>
internal sealed record ExplanationFacts
{
    /// <summary>When it was delivered, filtered or discarded.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Since when it is dead or in flight, or its publisher paused.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Until when it is parked, its publisher rate limited, or its node offline.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>When the next probe may go out; null while one is under way.</summary>
    public DateTimeOffset? ProbeAt { get; init; }

    /// <summary>How many attempts were made.</summary>
    public int? Attempts { get; init; }

    /// <summary>Which attempt is in flight: 1 for the first.</summary>
    public int? Attempt { get; init; }

    public int? StatusCode { get; init; }

    /// <summary>Why it is parked or dead, or its publisher paused or not run, in few words.</summary>
    public string? Reason { get; init; }

    /// <summary>What the last failed attempt met: its own, or with an open breaker the receiver's last.</summary>
    public string? Error { get; init; }

    /// <summary>The position at which the publisher started.</summary>
    public long? StartPosition { get; init; }

    /// <summary>The node that runs the publisher.</summary>
    public ExplainedNode? Node { get; init; }

    /// <summary>The ordering key, and what holds it up.</summary>
    public Deliveries.BlockedKey? Key { get; init; }

    /// <summary>How many messages go before it.</summary>
    public long? Ahead { get; init; }

    /// <summary>About how many seconds those take at the rate of the last minute; null when there is no rate.</summary>
    public double? Seconds { get; init; }
}

/// <summary>A node, as an explanation names it.</summary>
internal sealed record ExplainedNode(Guid Id, string Host);
