namespace Postoffice.Activity;

/// <summary>Why somebody should look at a publisher.</summary>
/// <param name="Reason">The gravest reason.</param>
/// <param name="Text">The same as a sentence for a person.</param>
/// <param name="Since">Since when; null when that is not known.</param>
internal sealed record Attention(AttentionReason Reason, string Text, DateTimeOffset? Since);

/// <summary>The gravest first.</summary>
internal enum AttentionReason
{
    /// <summary>No node runs it, or none can.</summary>
    NotRunning,

    /// <summary>The receiver fails, and nothing but a probe is sent to it.</summary>
    BreakerOpen,

    /// <summary>Its node reaches no target at all.</summary>
    Offline,

    /// <summary>By hand, or since the receiver is gone.</summary>
    Paused,

    /// <summary>More comes in than it gets done.</summary>
    LagGrowing,

    /// <summary>An ordering key waits for an operator.</summary>
    BlockedKeys,

    DeadLetters,

    RateLimited,
}
