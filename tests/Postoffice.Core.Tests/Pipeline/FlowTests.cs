using Postoffice.Deliveries;
using Postoffice.Pipeline;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>What holds a publisher back, seen from outside.</summary>
public sealed class FlowTests
{
    private static readonly SendResult Accepted = new(SendOutcome.Accepted, 200);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rate_limit_holds_demand_and_not_messages()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { RateLimit = new RateLimit(Permits: 7, PerSeconds: 3_600) });
        var free = await mail.AddPublisherAsync("b");

        await mail.PublishAsync(100);
        await mail.UntilSettledAsync(free, 100);
        await mail.UntilAsync(async () => await mail.Publishers.FindStatusAsync(publisher.Id, Token) is { Cursor: 7, Parked: 0 });

        mail.Transport.PositionsSentTo(publisher.Id).Should().BeEquivalentTo([1L, 2, 3, 4, 5, 6, 7]);
        mail.Get<PipelineSupervisor>().Report(publisher.Id)!.RateLimitedUntil.Should().NotBeNull();
        mail.Get<PipelineSupervisor>().Report(free.Id)!.RateLimitedUntil.Should().BeNull();
    }

    [Theory]
    [InlineData(DemandMode.Completed)]
    [InlineData(DemandMode.LowWatermark)]
    public async Task Both_ways_of_asking_deliver_everything_within_the_demand(DemandMode mode)
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = async (_, _, _) =>
        {
            await Task.Yield();
            return Accepted;
        };
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = 9, MinDemand = 4, DemandMode = mode });

        await mail.PublishAsync(2_000);
        await mail.UntilSettledAsync(publisher, 2_000);

        mail.Transport.Sent.Should().HaveCount(2_000);
        mail.Transport.MaxInFlight.Should().BeLessThanOrEqualTo(9);
    }

    [Fact]
    public async Task No_demand_is_higher_than_what_the_node_may_have_in_flight()
    {
        await using var mail = await PostofficeInMemory.StartAsync(options => options.Pipeline.MaxInFlight = 3);
        await mail.AddTopicAsync();
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = 500 });

        await mail.PublishAsync(300);
        await mail.UntilSettledAsync(publisher, 300);

        mail.Transport.MaxInFlight.Should().BeLessThanOrEqualTo(3);
        mail.Get<PipelineSupervisor>().Report(publisher.Id)!.MaxDemand.Should().Be(3);
    }

    [Fact]
    public async Task A_publisher_that_hangs_leaves_slots_of_the_node_to_others()
    {
        await using var mail = await PostofficeInMemory.StartAsync(options => options.Pipeline.MaxInFlight = 20);
        await mail.AddTopicAsync();
        var release = new TaskCompletionSource();
        var hanging = await mail.AddPublisherAsync("hanging", settings: new PublisherSettings { MaxDemand = 1_000 });
        mail.Transport.Answer = async (publisher, _, token) =>
        {
            if (publisher.Id == hanging.Id)
            {
                await release.Task.WaitAsync(token);
            }

            return Accepted;
        };
        await mail.PublishAsync(500);
        await mail.Transport.WaitForAsync(16);

        // It has all that one may have; whoever comes later is served all the same.
        var late = await mail.AddPublisherAsync("late");
        await mail.UntilSettledAsync(late, 500);

        mail.Get<PipelineSupervisor>().Report(hanging.Id)!.InFlight.Should().Be(16);
        release.SetResult();
        await mail.UntilSettledAsync(hanging, 500);
    }

    [Fact]
    public async Task A_fault_of_our_own_counts_for_nothing_and_opens_no_breaker()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var isOurs = true;
        mail.Transport.Answer = (_, _, _) => new(Volatile.Read(ref isOurs) ? new SendResult(SendOutcome.Unavailable, Error: "too many open files", Fault: SendFault.Local) : Accepted);
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxAttempts = 1, MaxDemand = 10 });

        var published = await mail.PublishAsync(40);
        await mail.Transport.WaitForAsync(10);
        await mail.UntilAsync(() => Task.FromResult(mail.Get<PipelineSupervisor>().Report(publisher.Id) is { OfflineUntil: not null, InFlight: 0, Breaker: "closed" }));

        Volatile.Write(ref isOurs, false);
        await mail.UntilAsync(async () => await mail.Publishers.FindStatusAsync(publisher.Id, Token) is { Cursor: 40, Delivered: 40, Parked: 0, Dead: 0 });
        (await mail.StateAsync(published[0], publisher)).Should().BeEquivalentTo(new { Status = DeliveryStatus.Delivered, Attempts = 1, FailedAttempts = Array.Empty<FailedAttempt>() });
        mail.Get<PipelineSupervisor>().Report(publisher.Id)!.OfflineUntil.Should().BeNull();
    }

    [Fact]
    public async Task A_receiver_that_throttles_gets_half_of_it_at_once_unless_that_is_switched_off()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var isThrottling = true;
        var all = new TaskCompletionSource();
        mail.Transport.Answer = async (_, _, token) =>
        {
            if (!Volatile.Read(ref isThrottling))
            {
                return Accepted;
            }

            await all.Task.WaitAsync(token);
            return new SendResult(SendOutcome.Throttled, 429, "429 Too Many Requests");
        };
        var settings = new PublisherSettings { MaxDemand = 64, RetryDelay = TimeSpan.FromMilliseconds(5) };
        var adaptive = await mail.AddPublisherAsync("a", settings: settings);
        var steady = await mail.AddPublisherAsync("b", settings: settings with { AdaptiveDemand = false });

        await mail.PublishAsync(1_000);
        await mail.Transport.WaitForAsync(128);
        all.SetResult();
        await mail.UntilAsync(() => Task.FromResult(
            mail.Get<PipelineSupervisor>().Report(adaptive.Id) is { EffectiveDemand: <= 32 } && mail.Get<PipelineSupervisor>().Report(steady.Id) is { EffectiveDemand: 64 }));

        Volatile.Write(ref isThrottling, false);
        await mail.UntilAsync(async () => await mail.Publishers.FindStatusAsync(adaptive.Id, Token) is { Cursor: 1_000, Parked: 0 });
        await mail.UntilAsync(async () => await mail.Publishers.FindStatusAsync(steady.Id, Token) is { Cursor: 1_000, Parked: 0 });
    }
}
