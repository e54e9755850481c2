using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Postoffice.Outcomes;

/// <summary>What follows from an attempt: design section 5 as a pure function. Same input, same decision.</summary>
internal static class OutcomePolicy
{
    public static Decision Decide(SendResult result, int attempt, PublisherSettings settings, double jitter) => result.Outcome switch
    {
        SendOutcome.Accepted => new Decision(DecisionKind.Deliver),
        SendOutcome.Blocked => new Decision(DecisionKind.DeadLetter, Reason: "blocked-target"),

        // A receiver that is gone gets nothing more; what it did not take waits until an operator resumes the publisher.
        SendOutcome.Gone => new Decision(DecisionKind.Pause, RetryBackoff.After(settings.RetryDelay, attempt, jitter), "gone"),
        _ when attempt >= settings.MaxAttempts => new Decision(DecisionKind.DeadLetter, Reason: "max-attempts"),
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
}

/// <summary>What to do with a delivery after an attempt.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Delay">How long a parked delivery waits.</param>
/// <param name="Reason">Why, in few words; empty when delivered.</param>
internal readonly record struct Decision(DecisionKind Kind, TimeSpan Delay = default, string Reason = "");
