using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Postoffice.Outcomes;

/// <summary>What follows from an attempt: design section 5 as a pure function. Same input, same decision.</summary>
internal static class OutcomePolicy
{
    /// <param name="result">What the attempt came to.</param>
    /// <param name="attempt">Which attempt it was: 1 for the first.</param>
    /// <param name="age">How long ago the message entered the log.</param>
    /// <param name="settings">The publisher's settings.</param>
    /// <param name="jitter">Where in its range a delay falls: 0 up to, not including, 1.</param>
    public static Decision Decide(SendResult result, int attempt, TimeSpan age, PublisherSettings settings, double jitter) => result.Outcome switch
    {
        SendOutcome.Accepted => new Decision(DecisionKind.Deliver),
        _ when result.Fault == SendFault.Local => new Decision(DecisionKind.GiveBack, Reason: "own-fault"),
        SendOutcome.Blocked => new Decision(DecisionKind.DeadLetter, Reason: "blocked-target"),
        SendOutcome.Invalid => new Decision(DecisionKind.DeadLetter, Reason: "invalid-message"),

        // A receiver that is gone gets nothing more; what it did not take waits until an operator resumes the publisher.
        SendOutcome.Gone => new Decision(DecisionKind.Pause, RetryBackoff.After(settings.RetryDelay, attempt, jitter), "gone"),
        _ when attempt >= settings.MaxAttempts => new Decision(DecisionKind.DeadLetter, Reason: "max-attempts"),
        _ when age >= settings.MaxAge => new Decision(DecisionKind.DeadLetter, Reason: "max-age"),
        _ => new Decision(
            DecisionKind.Park,
            RetryBackoff.WithRetryAfter(RetryBackoff.After(settings.RetryDelay, attempt, jitter), result.RetryAfter),
            Describe(result)),
    };

    private static string Describe(SendResult result) => result switch
    {
        { StatusCode: { } status } => $"{Name(result.Outcome)} ({status})",
        _ => Name(result.Outcome),
    };

    private static string Name(SendOutcome outcome) => outcome switch
    {
        SendOutcome.Rejected => "rejected",
        SendOutcome.Throttled => "throttled",
        _ => ParkEntry.Unavailable,
    };
}

internal enum DecisionKind
{
    Deliver,
    Park,
    DeadLetter,

    /// <summary>Park, and pause the publisher.</summary>
    Pause,

    /// <summary>The attempt is not counted: the fault was our own. The delivery is attempted again as if nothing had been.</summary>
    GiveBack,
}

/// <summary>What to do with a delivery after an attempt.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Delay">How long a parked delivery waits.</param>
/// <param name="Reason">Why, in few words; empty when delivered.</param>
internal readonly record struct Decision(DecisionKind Kind, TimeSpan Delay = default, string Reason = "");
