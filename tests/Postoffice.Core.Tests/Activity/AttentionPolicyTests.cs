using Postoffice.Activity;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Activity;

public sealed class AttentionPolicyTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Before = Now.AddMinutes(-5);
    private static readonly DateTimeOffset Later = Now.AddMinutes(5);

    private static readonly PublisherReport Report = new() { At = Now, Breaker = "closed", MaxDemand = 50, EffectiveDemand = 50, InFlight = 0, Rate = 8 };

    private static readonly OverviewPublisher Well = new()
    {
        Id = 1, Topic = "orders", Type = "http", Target = "https://receiver.example/", Active = true, UpdatedAt = Before, Cursor = 100, Head = 100,
        Owner = new PublisherOwner(Guid.CreateVersion7(), "host-a", Report),
    };

    /// <summary>Everything is wrong at once, so that taking the gravest away shows the next.</summary>
    private static readonly OverviewPublisher Worst = Well with
    {
        Owner = null, LeaseEnded = Before, Cursor = 100, Head = 1_000, RecentlyReceived = 500, RecentlyAdvanced = 100, HasBlockedKey = true, Dead = 2, OldestDead = Before,
        Parked = 1,
    };

    private static readonly PublisherReport Troubled = Report with
    {
        Breaker = "open", ProbeAt = Later, LastError = "503: down.", OfflineUntil = Later, RateLimitedUntil = Later,
    };

    [Fact]
    public void A_publisher_that_is_well_needs_nobody() => AttentionPolicy.Judge(Well, Now).Should().BeNull();

    [Fact]
    public void The_gravest_reason_is_told_and_the_next_when_it_is_gone()
    {
        var publisher = Worst;
        Judge().Reason.Should().Be(AttentionReason.NotRunning);
        publisher = publisher with { Owner = Well.Owner! with { Report = Troubled }, LeaseEnded = null };
        Judge().Reason.Should().Be(AttentionReason.BreakerOpen);
        publisher = publisher with { Owner = Well.Owner! with { Report = Troubled with { Breaker = "closed" } } };
        Judge().Reason.Should().Be(AttentionReason.Offline);
        publisher = publisher with { Owner = Well.Owner! with { Report = Report with { RateLimitedUntil = Later } }, Active = false };
        Judge().Reason.Should().Be(AttentionReason.Paused);
        publisher = publisher with { Active = true };
        Judge().Reason.Should().Be(AttentionReason.LagGrowing);
        publisher = publisher with { RecentlyAdvanced = 500 };
        Judge().Reason.Should().Be(AttentionReason.BlockedKeys);
        publisher = publisher with { HasBlockedKey = false };
        Judge().Reason.Should().Be(AttentionReason.DeadLetters);
        publisher = publisher with { Dead = 0 };
        Judge().Reason.Should().Be(AttentionReason.RateLimited);
        publisher = publisher with { Owner = Well.Owner };
        AttentionPolicy.Judge(publisher, Now).Should().BeNull();

        Attention Judge() => AttentionPolicy.Judge(publisher, Now)!;
    }

    [Fact]
    public void Nobody_runs_it_says_since_when_the_lease_is_over() => Is(
        Well with { Owner = null, LeaseEnded = Before }, AttentionReason.NotRunning, Before,
        "No node runs the publisher. Start a node that reaches the storage and has a transport of its type; one takes it over within seconds.");

    [Fact]
    public void Settings_that_cannot_be_read_are_named() => Is(
        Well with { Owner = Well.Owner! with { Report = null }, Fault = "no JSON" }, AttentionReason.NotRunning, null,
        "The publisher cannot run: no JSON. Set its settings anew.");

    [Fact]
    public void A_publisher_that_was_changed_just_now_is_just_being_taken()
    {
        var changed = Well with { Owner = null, UpdatedAt = Now - AttentionPolicy.StartTime + TimeSpan.FromSeconds(1) };

        AttentionPolicy.Judge(changed, Now).Should().BeNull();
        AttentionPolicy.Judge(changed, Now.AddSeconds(1))!.Reason.Should().Be(AttentionReason.NotRunning);
    }

    [Fact]
    public void An_open_breaker_says_what_the_receiver_does() => Is(
        With(Report with { Breaker = "open", ProbeAt = Later, LastError = "503: down." }), AttentionReason.BreakerOpen, null,
        "The receiver fails, so only probes are sent to it; the next goes out at 2030-01-31T12:05:00Z; the last attempt met: 503: down.");

    [Theory]
    [InlineData("half_open", "503", true)]
    [InlineData("half_open", null, false)]
    [InlineData("closed", "503", false)]
    public void A_half_open_breaker_counts_until_its_first_success(string state, string? error, bool counts) =>
        (AttentionPolicy.Judge(With(Report with { Breaker = state, LastError = error }), Now) is not null).Should().Be(counts);

    [Fact]
    public void A_node_that_reaches_nothing_is_named()
    {
        Is(With(Report with { OfflineUntil = Later }), AttentionReason.Offline, null,
            "Node host-a reaches no target at all and tries again at 2030-01-31T12:05:00Z. Check its network.");
        AttentionPolicy.Judge(With(Report with { OfflineUntil = Before }), Now).Should().BeNull();
    }

    [Theory]
    [InlineData("gone", "Paused: the receiver says that it is gone (410). Resume the publisher when the receiver is back, or delete it.")]
    [InlineData("maintenance", "Paused (maintenance). Nothing is sent until it is resumed.")]
    [InlineData(null, "Paused by hand. Nothing is sent until it is resumed.")]
    public void A_pause_says_whose_it_is(string? reason, string text) =>
        Is(With(Troubled) with { Active = false, PausedReason = reason, PausedAt = Before }, AttentionReason.Paused, Before, text);

    [Theory]
    [InlineData(1_000, 500, 100, true)]
    [InlineData(101, 500, 100, true)]
    [InlineData(100, 500, 100, false)]
    [InlineData(1_000, 100, 100, false)]
    [InlineData(1_000, 210, 100, false)]
    [InlineData(1_000, 211, 100, true)]
    [InlineData(1_000, 100_000, 95_000, false)]
    [InlineData(1_000, 100_000, 80_000, true)]
    [InlineData(1_000_000, 0, 0, false)]
    [InlineData(1_000_000, 100, 50_000, false)]
    public void A_backlog_grows_when_much_more_comes_in_than_is_dealt_with(long lag, long received, long advanced, bool grows) =>
        (AttentionPolicy.Judge(Well with { Cursor = 0, Head = lag, RecentlyReceived = received, RecentlyAdvanced = advanced }, Now)?.Reason == AttentionReason.LagGrowing)
            .Should().Be(grows);

    [Fact]
    public void A_growing_backlog_says_its_numbers() => Is(
        Well with { Cursor = 0, Head = 1_000, RecentlyReceived = 500, RecentlyAdvanced = 100 }, AttentionReason.LagGrowing, null,
        "Falls behind: in five minutes 500 messages came in and 100 were dealt with; 1000 wait.");

    [Fact]
    public void Dead_letters_say_how_many_and_since_when()
    {
        Is(Well with { Dead = 1, OldestDead = Before }, AttentionReason.DeadLetters, Before, "1 dead letter waits for somebody to retry or discard it.");
        Is(Well with { Dead = 2, OldestDead = Before }, AttentionReason.DeadLetters, Before, "2 dead letters wait for somebody to retry or discard them.");
        Is(Well with { Dead = 2, OldestDead = Before, HasBlockedKey = true }, AttentionReason.BlockedKeys, Before,
            "Ordering keys wait behind dead letters. Retry or discard those to set the keys free.");
    }

    [Fact]
    public void A_rate_limit_that_holds_nothing_back_is_nobodys_worry()
    {
        var limited = With(Report with { RateLimitedUntil = Later });

        AttentionPolicy.Judge(limited, Now).Should().BeNull();
        Is(limited with { Head = 101 }, AttentionReason.RateLimited, null, "The rate limit of the publisher holds it back until 2030-01-31T12:05:00Z.");
        Is(limited with { Parked = 1 }, AttentionReason.RateLimited, null, "The rate limit of the publisher holds it back until 2030-01-31T12:05:00Z.");
    }

    [Fact]
    public void The_worst_come_first_and_no_more_than_asked_for()
    {
        OverviewPublisher[] publishers =
        [
            Well with { Id = 1 }, Well with { Id = 2, Dead = 1 }, Well with { Id = 3, Dead = 5 }, Well with { Id = 4, Active = false }, Well with { Id = 5, Owner = null },
            Well with { Id = 6, Dead = 5 },
        ];

        AttentionPolicy.Judge(publishers, Now, max: 4).Select(judged => judged.Publisher.Id).Should().Equal(5, 4, 3, 6);
    }

    private static OverviewPublisher With(PublisherReport report) => Well with { Owner = Well.Owner! with { Report = report } };

    private static void Is(OverviewPublisher publisher, AttentionReason reason, DateTimeOffset? since, string text) =>
        AttentionPolicy.Judge(publisher, Now).Should().Be(new Attention(reason, text, since));
}
