namespace Postoffice.Transports;

/// <summary>What a target said to one attempt. A refusal, an unreachable host and a timeout are values, never exceptions.</summary>
public enum SendOutcome
{
    /// <summary>The target has taken the message.</summary>
    Accepted,

    /// <summary>The target refused this message; a retry is made all the same.</summary>
    Rejected,

    /// <summary>The target could not be reached, failed, or did not answer in time.</summary>
    Unavailable,

    /// <summary>The target asks to be sent less.</summary>
    Throttled,

    /// <summary>The target is gone for good; the publisher is paused and nothing is lost.</summary>
    Gone,

    /// <summary>The target may not be called from here; the delivery is dead-lettered at once.</summary>
    Blocked,

    /// <summary>The message breaks a limit of the target's service, which was not asked: no attempt can ever succeed, and the delivery is dead-lettered at once.</summary>
    Invalid,
}

/// <summary>What kept an attempt from an answer, as far as it tells whether the fault is the target's or this node's.</summary>
public enum SendFault
{
    /// <summary>There was an answer, or what came instead is the target's doing: a refused connection, a name that does not exist, a broken TLS handshake.</summary>
    None,

    /// <summary>No answer within the deadline.</summary>
    Timeout,

    /// <summary>
    /// The target's host could not be found or reached: no answer from the name servers, no route, no connection in time. If it is the same for all targets,
    /// this node is cut off.
    /// </summary>
    Unreachable,

    /// <summary>This node's own fault, such as no more sockets or memory: the attempt says nothing of the target and is not counted.</summary>
    Local,

    /// <summary>
    /// The target is not set up for us: it says that it does not exist, or does not let us in; or we have nothing to identify ourselves with. Every message meets
    /// the same until somebody acts, so the breaker opens at once.
    /// </summary>
    Setup,
}

/// <summary>The result of one attempt.</summary>
/// <param name="Outcome">What it means.</param>
/// <param name="StatusCode">The protocol's status code; null when there was no answer.</param>
/// <param name="Error">What went wrong, with an excerpt of the answer, at most 4 KiB; null when accepted.</param>
/// <param name="RetryAfter">The pause that the target asked for; null when it named none.</param>
/// <param name="Fault">What kept it from an answer; anything but <see cref="SendFault.None"/> goes with <see cref="SendOutcome.Unavailable"/>.</param>
public readonly record struct SendResult(
    SendOutcome Outcome, int? StatusCode = null, string? Error = null, TimeSpan? RetryAfter = null, SendFault Fault = SendFault.None)
{
    /// <summary>An excerpt of the answer, whatever the outcome, when <see cref="Deliveries.Delivery.KeepsAnswer"/> asked for it and the transport can; else null.</summary>
    internal string? Answer { get; init; }
}
