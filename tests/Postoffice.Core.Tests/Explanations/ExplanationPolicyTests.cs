using Postoffice.Deliveries;
using Postoffice.Explanations;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Explanations;

public sealed class ExplanationPolicyTests
{
    private const long Position = 7;

    private static readonly DateTimeOffset Now = new(2030, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Before = Now.AddMinutes(-5);
    private static readonly DateTimeOffset Later = Now.AddMinutes(5);
    private static readonly FailedAttempt Failure = new(3, Before, 503, TimeSpan.FromSeconds(1), "503: try later.");

    private static readonly Publisher Publisher = new()
    {
        Id = 1,
        TopicId = 1,
        Topic = "orders",
        Type = "http",
        Target = "https://receiver.example/",
        Active = true,
        Settings = PublisherSettings.Default,
        StartPosition = 0,
        Version = 1,
        CreatedAt = Before,
        UpdatedAt = Before,
    };

    private static readonly DeliveryState Waiting = new() { Publisher = Publisher, Status = DeliveryStatus.Waiting, Ahead = 20 };

    private static readonly DeliveryState Parked = new()
    {
        Publisher = Publisher, Status = DeliveryStatus.Parked, Attempts = 3, DueAt = Later, Reason = "unavailable (503)", FailedAttempts = [Failure],
    };

    private static readonly PublisherReport Report = new()
    {
        At = Now, Breaker = "closed", MaxDemand = 50, EffectiveDemand = 50, InFlight = 0, Rate = 8,
    };

    private static readonly BlockedKey Key = new()
    {
        Key = "k", HeadPosition = 5, HeadMessageId = Guid.CreateVersion7(), IsDead = false, Attempts = 2, DueAt = Later, Reason = "rejected (404)", Waiting = 3,
    };

    private static readonly Guid NodeId = Guid.CreateVersion7();

    [Fact]
    public void Delivered_says_when_by_which_attempt_and_with_what_answer()
    {
        var explanation = Explain(Waiting with { Status = DeliveryStatus.Delivered, SettledAt = Before, Attempts = 2, StatusCode = 204 });

        Is(explanation, ExplanationReason.Delivered, new ExplanationFacts { At = Before, Attempts = 2, StatusCode = 204 });
        explanation.Text.Should().Be("Delivered at 2030-01-31T11:55:00Z by attempt 2, answered with 204.");
    }

    [Fact]
    public void Filtered_says_when() =>
        Is(Explain(Waiting with { Status = DeliveryStatus.Skipped, SettledAt = Before }), ExplanationReason.Filtered, new ExplanationFacts { At = Before });

    [Fact]
    public void Discarded_says_when() =>
        Is(Explain(Waiting with { Status = DeliveryStatus.Discarded, SettledAt = Before }), ExplanationReason.Discarded, new ExplanationFacts { At = Before });

    [Fact]
    public void Dead_says_since_when_why_and_what_the_last_attempt_met()
    {
        var explanation = Explain(Parked with { Status = DeliveryStatus.DeadLettered, SettledAt = Before, DueAt = null, Reason = "max-attempts" });

        Is(explanation, ExplanationReason.Dead,
            new ExplanationFacts { Since = Before, Reason = "max-attempts", Attempts = 3, StatusCode = 503, Error = "503: try later." });
        explanation.Text.Should().Be(
            "Dead since 2030-01-31T11:55:00Z after 3 attempts: max-attempts; the last attempt met: 503: try later. Retry or discard the dead letter.");
    }

    [Fact]
    public void Created_later_says_where_the_publisher_starts() =>
        Is(Explain(Waiting with { Status = DeliveryStatus.NotSubscribed, Publisher = Publisher with { StartPosition = 9 } }),
            ExplanationReason.CreatedLater, new ExplanationFacts { StartPosition = 9 });

    [Fact]
    public void Settled_is_what_the_log_no_longer_knows() =>
        Is(Explain(Waiting with { Status = DeliveryStatus.Settled }), ExplanationReason.Settled, new ExplanationFacts());

    [Fact]
    public void Paused_says_since_when_and_why_whatever_else_holds()
    {
        var paused = Publisher with { Active = false, PausedReason = "gone", PausedAt = Before };

        var explanation = Explain(Parked with { Publisher = paused }, Key, Owner(Report with { Breaker = "open", Sending = [new(Position, 4, Before)] }));

        Is(explanation, ExplanationReason.Paused, new ExplanationFacts { Since = Before, Reason = "gone" });
        explanation.Text.Should().Be("The publisher is paused since 2030-01-31T11:55:00Z (gone). Resume it to have this sent.");
    }

    [Fact]
    public void In_flight_says_on_which_node_since_when_and_which_attempt()
    {
        var explanation = Explain(Parked, Key, Owner(Report with { Breaker = "open", Sending = [new(6, 1, Before), new(Position, 4, Before)] }));

        Is(explanation, ExplanationReason.InFlight, new ExplanationFacts { Node = new ExplainedNode(NodeId, "host-a"), Since = Before, Attempt = 4 });
    }

    [Fact]
    public void An_attempt_that_is_parked_while_it_runs_is_in_flight_too() =>
        Is(Explain(Parked with { Reason = "in flight" }, owner: Owner(Report)), ExplanationReason.InFlight,
            new ExplanationFacts { Node = new ExplainedNode(NodeId, "host-a"), Attempt = 4 });

    [Fact]
    public void In_flight_on_a_node_that_has_gone_is_parked_until_its_deadline() =>
        Explain(Parked with { Reason = "in flight" }).Reason.Should().Be(ExplanationReason.Parked);

    [Fact]
    public void Behind_key_says_what_holds_the_key_up()
    {
        var explanation = Explain(Parked with { DueAt = null, Reason = "behind key" }, Key, Owner(Report));

        Is(explanation, ExplanationReason.BehindKey, new ExplanationFacts { Key = Key });
        explanation.Text.Should().Be("Waits behind position 5 of its ordering key, which is parked until 2030-01-31T12:05:00Z (rejected (404)).");
    }

    [Fact]
    public void Behind_a_dead_letter_the_remedy_is_an_operators() =>
        Explain(Waiting, Key with { IsDead = true, DueAt = null, Reason = "max-attempts" }, Owner(Report)).Text.Should().Be(
            "Waits behind position 5 of its ordering key, a dead letter (max-attempts): retry or discard it to set the key free.");

    [Fact]
    public void Behind_an_attempt_of_its_key_that_is_under_way_too()
    {
        var messageId = Guid.CreateVersion7();
        var sending = Owner(Report with { Breaker = "open", Sending = [new(4, 1, Before, "other", Guid.CreateVersion7()), new(3, 2, Before, "k", messageId)] });
        var itself = Key with { HeadPosition = Position, DueAt = null, Reason = "behind key", Waiting = 0 };

        var held = Explain(Waiting, owner: sending);
        var parked = Explain(Parked with { DueAt = null, Reason = "behind key" }, itself, sending);

        var key = new BlockedKey { Key = "k", HeadPosition = 3, HeadMessageId = messageId, IsDead = false, Attempts = 1, Reason = "in flight", Waiting = 0 };
        Is(held, ExplanationReason.BehindKey, new ExplanationFacts { Key = key });
        Is(parked, ExplanationReason.BehindKey, new ExplanationFacts { Key = key with { Waiting = 1 } });
        held.Text.Should().Be("Waits behind position 3 of its ordering key, which is in flight.");
    }

    [Fact]
    public void What_holds_a_key_up_is_its_first()
    {
        var sending = Owner(Report with { Sending = [new(6, 1, Before, "k", Guid.CreateVersion7())] });

        Explain(Waiting, Key, sending).Facts.Key.Should().Be(Key);
        Explain(Waiting, Key with { HeadPosition = 7 }, sending).Facts.Key!.HeadPosition.Should().Be(6);
    }

    [Fact]
    public void The_head_of_a_key_is_behind_nothing()
    {
        var head = Key with { HeadPosition = Position };

        Explain(Parked, head, Owner(Report)).Reason.Should().Be(ExplanationReason.Parked);
        Explain(Parked with { DueAt = null, Reason = "behind key" }, head with { DueAt = null }, Owner(Report)).Reason.Should().Be(ExplanationReason.Waiting);
    }

    [Fact]
    public void Parked_says_until_when_and_what_it_met()
    {
        var explanation = Explain(Parked, owner: Owner(Report with { Breaker = "open", RateLimitedUntil = Later }));

        Is(explanation, ExplanationReason.Parked,
            new ExplanationFacts { Until = Later, Attempts = 3, Reason = "unavailable (503)", Error = "503: try later." });
        explanation.Text.Should().Be("Parked until 2030-01-31T12:05:00Z after 3 attempts: unavailable (503); the last attempt met: 503: try later.");
    }

    [Fact]
    public void Not_running_says_the_remedy()
    {
        Is(Explain(Waiting), ExplanationReason.NotRunning, new ExplanationFacts());
        Explain(Waiting).Text.Should().Contain("Start a node");
    }

    [Fact]
    public void Settings_that_cannot_be_read_keep_a_publisher_from_running() =>
        Is(Explain(Waiting with { Publisher = Publisher with { Settings = new PublisherSettings { Fault = "its settings are null" } } }, owner: Owner(null)),
            ExplanationReason.NotRunning, new ExplanationFacts { Reason = "its settings are null" });

    [Fact]
    public void Breaker_open_says_when_the_next_probe_goes_out()
    {
        var explanation = Explain(
            Waiting, owner: Owner(Report with { Breaker = "open", ProbeAt = Later, LastError = "connection refused", OfflineUntil = Later, RateLimitedUntil = Later }));

        Is(explanation, ExplanationReason.BreakerOpen, new ExplanationFacts { ProbeAt = Later, Error = "connection refused" });
        explanation.Text.Should().Be(
            "The receiver fails, so only probes are sent to it; the next goes out at 2030-01-31T12:05:00Z; the last attempt met: connection refused.");
    }

    [Fact]
    public void A_half_open_breaker_holds_back_until_its_first_success()
    {
        var probing = Report with { Breaker = "half_open", LastError = "connection refused" };

        Explain(Waiting, owner: Owner(probing)).Text.Should().Contain("one is under way");
        Explain(Waiting, owner: Owner(probing with { LastError = null })).Reason.Should().Be(ExplanationReason.Waiting);
    }

    [Fact]
    public void Offline_says_which_node_and_until_when() =>
        Is(Explain(Waiting, owner: Owner(Report with { OfflineUntil = Later, RateLimitedUntil = Later })), ExplanationReason.Offline,
            new ExplanationFacts { Node = new ExplainedNode(NodeId, "host-a"), Until = Later });

    [Fact]
    public void Rate_limited_says_until_when() =>
        Is(Explain(Waiting, owner: Owner(Report with { RateLimitedUntil = Later })), ExplanationReason.RateLimited, new ExplanationFacts { Until = Later });

    [Fact]
    public void Waiting_says_how_much_is_before_it_and_how_long_that_takes()
    {
        var explanation = Explain(Waiting, owner: Owner(Report with { OfflineUntil = Before, RateLimitedUntil = Before }));

        Is(explanation, ExplanationReason.Waiting, new ExplanationFacts { Ahead = 20, Seconds = 2.5 });
        explanation.Text.Should().Be("Waits for its turn: 20 before it, about 2 s at the rate of the last minute.");
    }

    [Fact]
    public void Without_a_rate_nobody_knows_how_long()
    {
        Is(Explain(Waiting, owner: Owner(Report with { Rate = 0 })), ExplanationReason.Waiting, new ExplanationFacts { Ahead = 20 });
        Is(Explain(Waiting, owner: Owner(null)), ExplanationReason.Waiting, new ExplanationFacts { Ahead = 20 });
    }

    [Fact]
    public void What_is_parked_and_due_waits_for_its_turn() =>
        Is(Explain(Parked with { DueAt = Now }, owner: Owner(Report)), ExplanationReason.Waiting, new ExplanationFacts { Ahead = 0, Seconds = 0 });

    private static Explanation Explain(DeliveryState state, BlockedKey? key = null, PublisherOwner? owner = null) =>
        ExplanationPolicy.Explain(state, Position, "k", key, owner, Now);

    private static PublisherOwner Owner(PublisherReport? report) => new(NodeId, "host-a", report);

    private static void Is(Explanation explanation, ExplanationReason reason, ExplanationFacts facts)
    {
        explanation.Reason.Should().Be(reason, explanation.Text);
        explanation.Facts.Should().Be(facts);
        explanation.Text.Should().EndWith(".");
    }
}
