using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Outcomes;

public class OutcomePolicyTests
{
    private static readonly PublisherSettings Settings = new() { RetryDelay = TimeSpan.FromSeconds(10), MaxAttempts = 3 };

    [Theory]
    [InlineData(SendOutcome.Accepted, 1, DecisionKind.Deliver)]
    [InlineData(SendOutcome.Accepted, 3, DecisionKind.Deliver)]
    [InlineData(SendOutcome.Rejected, 1, DecisionKind.Park)]
    [InlineData(SendOutcome.Unavailable, 2, DecisionKind.Park)]
    [InlineData(SendOutcome.Throttled, 2, DecisionKind.Park)]
    [InlineData(SendOutcome.Rejected, 3, DecisionKind.DeadLetter)]
    [InlineData(SendOutcome.Unavailable, 3, DecisionKind.DeadLetter)]
    [InlineData(SendOutcome.Throttled, 4, DecisionKind.DeadLetter)]
    [InlineData(SendOutcome.Gone, 1, DecisionKind.Pause)]
    [InlineData(SendOutcome.Gone, 3, DecisionKind.Pause)]
    [InlineData(SendOutcome.Blocked, 1, DecisionKind.DeadLetter)]
    internal void Follows_the_table(SendOutcome outcome, int attempt, DecisionKind expected) =>
        OutcomePolicy.Decide(new SendResult(outcome), attempt, Settings, 0.5).Kind.Should().Be(expected);

    [Fact]
    public void Parks_for_the_backoff_of_the_attempt() =>
        OutcomePolicy.Decide(new SendResult(SendOutcome.Unavailable, 503), 2, Settings, 0.5)
            .Should().Be(new Decision(DecisionKind.Park, TimeSpan.FromSeconds(20), "unavailable (503)"));

    [Fact]
    public void Honours_retry_after() =>
        OutcomePolicy.Decide(new SendResult(SendOutcome.Throttled, 429, RetryAfter: TimeSpan.FromMinutes(2)), 1, Settings, 0.5)
            .Delay.Should().Be(TimeSpan.FromMinutes(2));

    [Theory]
    [InlineData(SendOutcome.Blocked, "blocked-target")]
    [InlineData(SendOutcome.Rejected, "max-attempts")]
    public void Says_why_a_delivery_is_given_up(SendOutcome outcome, string reason) =>
        OutcomePolicy.Decide(new SendResult(outcome), 3, Settings, 0.5).Reason.Should().Be(reason);
}
