using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Outcomes;

public class OutcomePolicyTests
{
    private const double Middle = 0.5;

    private static readonly TimeSpan Young = TimeSpan.FromMinutes(59);
    private static readonly TimeSpan Old = TimeSpan.FromHours(1);
    private static readonly PublisherSettings Settings = new() { RetryDelay = TimeSpan.FromSeconds(10), MaxAttempts = 3, MaxAge = Old };

    /// <summary>
    /// The table of outcomes, row by row: what an attempt came to; what follows from the first, from the last that may be made, and from the first when the
    /// message is too old.
    /// </summary>
    public static TheoryData<SendResult, string, string, string> Table => new()
    {
        { new(SendOutcome.Accepted, 200), "Deliver", "Deliver", "Deliver" },
        { new(SendOutcome.Unavailable, 408, "e"), "Park 10 s: unavailable (408)", "DeadLetter: max-attempts", "DeadLetter: max-age" },
        { new(SendOutcome.Unavailable, 425, "e"), "Park 10 s: unavailable (425)", "DeadLetter: max-attempts", "DeadLetter: max-age" },
        { new(SendOutcome.Unavailable, 500, "e"), "Park 10 s: unavailable (500)", "DeadLetter: max-attempts", "DeadLetter: max-age" },
        { new(SendOutcome.Unavailable, null, "connection refused"), "Park 10 s: unavailable", "DeadLetter: max-attempts", "DeadLetter: max-age" },
        { Failed(SendFault.Timeout), "Park 10 s: unavailable", "DeadLetter: max-attempts", "DeadLetter: max-age" },
        { Failed(SendFault.Unreachable), "Park 10 s: unavailable", "DeadLetter: max-attempts", "DeadLetter: max-age" },
        { Failed(SendFault.Local), "GiveBack: own-fault", "GiveBack: own-fault", "GiveBack: own-fault" },
        { new(SendOutcome.Throttled, 429, "e"), "Park 10 s: throttled (429)", "DeadLetter: max-attempts", "DeadLetter: max-age" },
        { Asking(429, 5), "Park 10 s: throttled (429)", "DeadLetter: max-attempts", "DeadLetter: max-age" },
        { Asking(503, 120), "Park 120 s: throttled (503)", "DeadLetter: max-attempts", "DeadLetter: max-age" },
        { Asking(503, 1_000_000), "Park 86400 s: throttled (503)", "DeadLetter: max-attempts", "DeadLetter: max-age" },
        { new(SendOutcome.Rejected, 302, "e"), "Park 10 s: rejected (302)", "DeadLetter: max-attempts", "DeadLetter: max-age" },
        { new(SendOutcome.Rejected, 404, "e"), "Park 10 s: rejected (404)", "DeadLetter: max-attempts", "DeadLetter: max-age" },
        { new(SendOutcome.Gone, 410, "e"), "Pause 10 s: gone", "Pause 40 s: gone", "Pause 10 s: gone" },
        { new(SendOutcome.Blocked, null, "e"), "DeadLetter: blocked-target", "DeadLetter: blocked-target", "DeadLetter: blocked-target" },
        { new(SendOutcome.Invalid, null, "e"), "DeadLetter: invalid-message", "DeadLetter: invalid-message", "DeadLetter: invalid-message" },
        { new(SendOutcome.Unavailable, 403, "e", Fault: SendFault.Setup), "Park 10 s: unavailable (403)", "DeadLetter: max-attempts", "DeadLetter: max-age" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Follows_the_table(SendResult result, string first, string last, string tooOld)
    {
        Spell(OutcomePolicy.Decide(result, 1, Young, Settings, Middle)).Should().Be(first);
        Spell(OutcomePolicy.Decide(result, 3, Young, Settings, Middle)).Should().Be(last);
        Spell(OutcomePolicy.Decide(result, 1, Old, Settings, Middle)).Should().Be(tooOld);
    }

    [Fact]
    public void Parks_for_the_backoff_of_the_attempt() =>
        OutcomePolicy.Decide(new SendResult(SendOutcome.Unavailable, 503), 2, Young, Settings, Middle)
            .Should().Be(new Decision(DecisionKind.Park, TimeSpan.FromSeconds(20), "unavailable (503)"));

    [Fact]
    public void Without_an_age_limit_no_message_is_too_old() =>
        OutcomePolicy.Decide(new SendResult(SendOutcome.Rejected, 400), 1, TimeSpan.FromDays(3650), Settings with { MaxAge = null }, Middle)
            .Kind.Should().Be(DecisionKind.Park);

    [Fact]
    public void An_attempt_beyond_the_last_is_the_last_too() =>
        OutcomePolicy.Decide(new SendResult(SendOutcome.Throttled, 429), 4, Young, Settings, Middle).Reason.Should().Be("max-attempts");

    private static SendResult Failed(SendFault fault) => new(SendOutcome.Unavailable, Error: "e", Fault: fault);

    private static SendResult Asking(int status, int seconds) => new(SendOutcome.Throttled, status, "e", TimeSpan.FromSeconds(seconds));

    private static string Spell(Decision decision)
    {
        var delay = decision.Delay == TimeSpan.Zero ? "" : $" {decision.Delay.TotalSeconds:0} s";
        return decision.Reason.Length == 0 ? $"{decision.Kind}{delay}" : $"{decision.Kind}{delay}: {decision.Reason}";
    }
}
