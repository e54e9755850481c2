using Postoffice.Deliveries;
using Postoffice.Publishers;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IOverviewStore.PulseAsync"/> promises: another pulse whenever something has changed that people look at, and no other.</summary>
public abstract class PulseContract : LeasedPublisherSteps
{
    [Fact]
    public async Task It_has_the_totals_and_the_time()
    {
        await StartAsync(messages: 3);
        await SettleAsync(Settle().Deliver(1, 2));
        var now = await Store.NowAsync();

        var pulse = await Store.Overview.PulseAsync(Cancel);

        pulse.Received.Should().Be(3);
        pulse.Delivered.Should().Be(2);
        pulse.At.Should().BeOnOrAfter(now).And.BeBefore(now + Minute);
    }

    [Fact]
    public async Task While_nothing_changes_it_stays_the_same()
    {
        await BeginMinuteAsync();
        await StartAsync(messages: 3);
        await SettleAsync(Settle().Deliver(1).Kill(2));

        await ShouldStayAsync(() => Task.CompletedTask);
        await ShouldStayAsync(() => Store.Leases.RenewAsync(NodeA, "one.example", [new HeldLease(Publisher.Id, Lease.Epoch)], LeaseDuration, Cancel), isFirst: false);
    }

    [Fact]
    public async Task It_changes_with_all_that_people_look_at()
    {
        await BeginMinuteAsync();
        await ShouldChangeAsync("a topic and a publisher are created and it is taken", () => StartAsync(messages: 0));
        await ShouldChangeAsync("messages come in", () => FillAsync(Topic, 9));
        await ShouldChangeAsync("one is delivered", () => SettleAsync(Settle().Deliver(1)));
        await ShouldChangeAsync("one is skipped", () => SettleAsync(Settle().Skip(2)));
        await ShouldChangeAsync("one is parked", () => SettleAsync(Settle().Park(3, Minute)));
        await ShouldChangeAsync("one fails again", () => SettleAsync(Settle().Park(3, Minute, attempts: 2)));
        await ShouldChangeAsync("one dies", () => SettleAsync(Settle().Kill(4)));
        await ShouldChangeAsync("another dies", () => SettleAsync(Settle().Kill(5)));
        await ShouldChangeAsync("a dead letter is discarded", () => Store.DeadLetters.DiscardAsync(new DeadLetterFilter { Ids = [new(Publisher.Id, 4)] }, 1, Cancel));
        await ShouldChangeAsync("a dead letter is retried", () => Store.DeadLetters.RetryAsync(new DeadLetterFilter(), 1, Cancel));
        await ShouldChangeAsync("a replay begins", () => Store.Replays.StartAsync(Publisher.Id, new ReplayRequest(null, 1, OnlyFailed: false), dryRun: false, Cancel));
        await ShouldChangeAsync("a node comes up", () => Store.Leases.RenewAsync(NodeB, "two.example", [], LeaseDuration, Cancel));
        await ShouldChangeAsync("a node tells what it did", async () =>
            await Store.Activity.WriteAsync(NodeA, [new ActivityRow(await MinuteAsync(), Topic.Id, 0) { Received = 9 }], Cancel));
        await ShouldChangeAsync("the publisher is paused", () => Store.Publishers.UpdateAsync(Publisher.Id, new PublisherChange { Active = false }, Cancel));
        await ShouldChangeAsync("it is given back", () => Store.Leases.ReleaseAsync(NodeA, Publisher.Id, Lease.Epoch, Cancel));
        await ShouldChangeAsync("it is deleted", () => Store.Publishers.DeleteAsync(Publisher.Id, Cancel));
    }

    [Fact]
    public async Task It_changes_when_a_lease_runs_out_or_a_node_falls_silent()
    {
        await StartAsync(messages: 0);
        await Store.Leases.RenewAsync(NodeB, "two.example", [], LeaseDuration, Cancel);

        await ShouldChangeAsync("a node has fallen silent", () => Store.AdvanceAsync(Minute * 2));
        await ShouldChangeAsync("a lease has run out", () => Store.AdvanceAsync(LeaseDuration));
    }

    [Fact]
    public async Task It_changes_with_how_a_publisher_does_and_not_with_each_report_of_it()
    {
        await BeginMinuteAsync();
        await StartAsync(messages: 0);
        var report = new PublisherReport { At = await Store.NowAsync(), Breaker = "closed", MaxDemand = 50, EffectiveDemand = 50, InFlight = 0, Rate = 0 };
        await ReportAsync(report);

        await ShouldStayAsync(() => ReportAsync(report with { At = report.At + Minute, Rate = 7.5 }));
        await ShouldChangeAsync("it works", () => ReportAsync(report = report with { InFlight = 1 }));
        await ShouldStayAsync(() => ReportAsync(report = report with { InFlight = 20 }));
        await ShouldChangeAsync("an attempt has failed", () => ReportAsync(report = report with { LastError = "it said \"breaker\":\"open\"" }));
        await ShouldChangeAsync("the breaker opens", () => ReportAsync(report = report with { Breaker = "open", ProbeAt = report.At }));
        await ShouldChangeAsync("a probe is under way", () => ReportAsync(report = report with { Breaker = "half_open", ProbeAt = null }));
        await ShouldChangeAsync("the receiver is back", () => ReportAsync(report = report with { Breaker = "closed", LastError = null }));
        await ShouldChangeAsync("its rate limit is used up", () => ReportAsync(report = report with { RateLimitedUntil = report.At }));
        await ShouldChangeAsync("its node is offline", () => ReportAsync(report = report with { OfflineUntil = report.At }));
        await ShouldChangeAsync("all is over", () => ReportAsync(report with { InFlight = 0, RateLimitedUntil = null, OfflineUntil = null }));
    }

    private async Task ReportAsync(PublisherReport report) =>
        await Store.Leases.RenewAsync(NodeA, "one.example", [new HeldLease(Publisher.Id, Lease.Epoch, report.ToJson())], LeaseDuration, Cancel);

    private async Task<DateTimeOffset> MinuteAsync()
    {
        var now = await Store.NowAsync();
        return new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
    }

    private async Task ShouldChangeAsync(string why, Func<Task> step)
    {
        var before = await SignsAsync();
        await step();
        (await SignsAsync()).Should().NotEqual(before, why);
    }

    /// <summary>The first time a node says that it lives is a change, the next is none.</summary>
    private async Task ShouldStayAsync(Func<Task> step, bool isFirst = true)
    {
        if (!isFirst)
        {
            await step();
        }

        var before = await SignsAsync();
        await step();
        (await SignsAsync()).Should().Equal(before);
    }

    private async Task<IReadOnlyList<long>> SignsAsync()
    {
        var pulse = await Store.Overview.PulseAsync(Cancel);
        return [pulse.Received, pulse.Delivered, .. pulse.Facts];
    }
}
