using Postoffice.Deliveries;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>What a publisher does, seen from outside: messages in, attempts out, books kept.</summary>
public class DeliveryTests
{
    [Fact]
    public async Task Each_message_reaches_each_publisher_once_and_the_books_say_so()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var first = await mail.AddPublisherAsync("a");
        var second = await mail.AddPublisherAsync("b");

        var published = await mail.PublishAsync(1_000);
        await mail.UntilSettledAsync(first, 1_000);
        await mail.UntilSettledAsync(second, 1_000);

        mail.Transport.PositionsSentTo(first.Id).Order().Should().Equal(Enumerable.Range(1, 1_000).Select(n => (long)n));
        mail.Transport.PositionsSentTo(second.Id).Order().Should().Equal(Enumerable.Range(1, 1_000).Select(n => (long)n));
        (await mail.StateAsync(published[499], first)).Should().BeEquivalentTo(
            new { Status = DeliveryStatus.Delivered, Attempts = 1, StatusCode = 200 });
    }

    [Fact]
    public async Task With_a_demand_of_one_messages_arrive_in_the_order_of_their_positions()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = 1 });

        await mail.PublishAsync(200);
        await mail.UntilSettledAsync(publisher, 200);

        mail.Transport.PositionsSentTo(publisher.Id).Should().BeInAscendingOrder().And.HaveCount(200);
        mail.Transport.MaxInFlight.Should().Be(1);
    }

    [Fact]
    public async Task Never_more_is_in_flight_than_the_demand()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var release = new TaskCompletionSource();
        mail.Transport.Answer = async (_, _, token) =>
        {
            await release.Task.WaitAsync(token);
            return new SendResult(SendOutcome.Accepted, 200);
        };
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = 7 });

        await mail.PublishAsync(100);
        await mail.Transport.WaitForAsync(7);
        release.SetResult();
        await mail.UntilSettledAsync(publisher, 100);

        mail.Transport.MaxInFlight.Should().BeLessThanOrEqualTo(7);
    }

    [Fact]
    public async Task A_failed_delivery_is_parked_and_tried_again_while_the_others_go_on()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, delivery, _) => new(delivery.Message.Position == 3 && delivery.Attempt <= 2
            ? new SendResult(SendOutcome.Unavailable, 503, "503 Service Unavailable")
            : new SendResult(SendOutcome.Accepted, 200));
        var publisher = await mail.AddPublisherAsync();

        var published = await mail.PublishAsync(10);
        await mail.Transport.WaitForAsync(12);
        await mail.UntilAsync(async () => (await mail.StateAsync(published[2], publisher)).Status == DeliveryStatus.Delivered);

        var state = await mail.StateAsync(published[2], publisher);
        state.Attempts.Should().Be(3);
        state.FailedAttempts.Select(failed => (failed.Attempt, failed.StatusCode)).Should().Equal((1, 503), (2, 503));
        mail.Transport.Sent.Should().HaveCount(12, "the nine others are sent once");
    }

    [Fact]
    public async Task A_delivery_whose_attempts_run_out_becomes_a_dead_letter()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, _, _) => new(new SendResult(SendOutcome.Rejected, 400, "400 Bad Request: no"));
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxAttempts = 3, RetryDelay = TimeSpan.FromMilliseconds(20) });

        var published = await mail.PublishAsync(1);
        await mail.UntilAsync(async () => (await mail.StateAsync(published[0], publisher)).Status == DeliveryStatus.DeadLettered);

        mail.Transport.Sent.Select(sent => sent.Attempt).Should().Equal(1, 2, 3);
        (await mail.StateAsync(published[0], publisher)).Reason.Should().Be("max-attempts");
    }

    [Fact]
    public async Task A_receiver_that_is_gone_pauses_its_publisher_and_loses_nothing()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, _, _) => new(new SendResult(SendOutcome.Gone, 410));
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { RetryDelay = TimeSpan.FromMilliseconds(20), MaxDemand = 5 });

        await mail.PublishAsync(20);
        await mail.UntilAsync(async () => await mail.Publishers.FindAsync(publisher.Id, CancellationToken.None) is { Active: false, PausedReason: "gone" });

        mail.Transport.Answer = (_, _, _) => new(new SendResult(SendOutcome.Accepted, 200));
        await mail.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Active = true }, CancellationToken.None);
        await mail.UntilAsync(async () => await mail.Publishers.FindStatusAsync(publisher.Id, CancellationToken.None) is { Cursor: 20, Parked: 0 });

        mail.Transport.Sent.Select(sent => sent.Position).Distinct().Should().HaveCount(20);
    }

    [Fact]
    public async Task A_receiver_that_is_down_costs_a_handful_of_rows_and_gets_everything_when_it_is_back()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, _, _) => new(new SendResult(SendOutcome.Unavailable, Error: "connection refused"));
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { RetryDelay = TimeSpan.FromMilliseconds(20), MaxDemand = 10 });

        for (var batch = 0; batch < 5; batch++)
        {
            await mail.PublishAsync(2_000);
        }

        // Ten at once, then the probes.
        await mail.Transport.WaitForAsync(12);
        var status = await mail.Publishers.FindStatusAsync(publisher.Id, CancellationToken.None);
        status!.Parked.Should().BeLessThan(30, "an open breaker reads nothing, so it parks nothing");
        status.Cursor.Should().BeLessThan(30);

        mail.Transport.Answer = (_, _, _) => new(new SendResult(SendOutcome.Accepted, 200));
        await mail.UntilAsync(async () => await mail.Publishers.FindStatusAsync(publisher.Id, CancellationToken.None) is { Cursor: 10_000, Parked: 0 });
    }

    [Fact]
    public async Task What_waited_for_a_receiver_that_was_down_arrives_in_the_order_of_its_positions()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var isDown = true;
        var arrived = new System.Collections.Concurrent.ConcurrentQueue<long>();
        mail.Transport.Answer = (_, delivery, _) =>
        {
            if (Volatile.Read(ref isDown))
            {
                return new(new SendResult(SendOutcome.Unavailable, Error: "connection refused"));
            }

            arrived.Enqueue(delivery.Message.Position);
            return new(new SendResult(SendOutcome.Accepted, 200));
        };

        // By their own backoff the first ones would be tried again in an hour.
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = 1, RetryDelay = TimeSpan.FromHours(1) });
        await mail.PublishAsync(50);
        await mail.Transport.WaitForAsync(6);
        Volatile.Write(ref isDown, false);

        await mail.UntilAsync(async () => await mail.Publishers.FindStatusAsync(publisher.Id, CancellationToken.None) is { Cursor: 50, Parked: 0 });
        arrived.Should().HaveCount(50);

        // The probe was whatever came next; all else is in order.
        arrived.Skip(1).Should().BeInAscendingOrder();
    }

    [Fact]
    public async Task One_slow_call_does_not_hold_the_cursor()
    {
        await using var mail = await PostofficeInMemory.StartAsync(options => options.Pipeline.WindowSize = 256);
        await mail.AddTopicAsync();
        var release = new TaskCompletionSource();
        mail.Transport.Answer = async (_, delivery, token) =>
        {
            if (delivery.Message.Position == 1)
            {
                await release.Task.WaitAsync(token);
            }

            return new SendResult(SendOutcome.Accepted, 200);
        };
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = 10, MinDemand = 0, Timeout = TimeSpan.FromHours(1) });

        var published = await mail.PublishAsync(2_000);
        await mail.UntilSettledAsync(publisher, 2_000);
        (await mail.StateAsync(published[0], publisher)).Should().BeEquivalentTo(new { Status = DeliveryStatus.Parked, Reason = "in flight" });

        release.SetResult();
        await mail.UntilAsync(async () => (await mail.StateAsync(published[0], publisher)).Status == DeliveryStatus.Delivered);
        mail.Transport.Sent.Should().HaveCount(2_000, "what was parked while it ran is not sent twice");
    }

    [Fact]
    public async Task A_transport_that_throws_is_a_failed_attempt_and_stops_nobody()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, delivery, _) => delivery.Message.Position == 1
            ? throw new InvalidOperationException("poison")
            : new(new SendResult(SendOutcome.Accepted, 200));
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxAttempts = 2, RetryDelay = TimeSpan.FromMilliseconds(20) });

        var published = await mail.PublishAsync(50);
        await mail.UntilSettledAsync(publisher, 50);
        await mail.UntilAsync(async () => (await mail.StateAsync(published[0], publisher)).Status == DeliveryStatus.DeadLettered);
        (await mail.StateAsync(published[49], publisher)).Status.Should().Be(DeliveryStatus.Delivered);
    }

    [Fact]
    public async Task From_now_delivers_only_what_comes_later()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        await mail.PublishAsync(100);
        var all = await mail.AddPublisherAsync("a");
        var later = await mail.AddPublisherAsync("b", fromNow: true);
        await mail.PublishAsync(10);

        await mail.UntilSettledAsync(all, 110);
        await mail.UntilSettledAsync(later, 110);
        mail.Transport.PositionsSentTo(all.Id).Should().HaveCount(110);
        mail.Transport.PositionsSentTo(later.Id).Order().Should().Equal(Enumerable.Range(101, 10).Select(n => (long)n));
    }

    [Fact]
    public async Task A_stop_waits_for_what_is_in_flight_and_writes_it_down()
    {
        var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var release = new TaskCompletionSource();
        mail.Transport.Answer = async (_, _, token) =>
        {
            await release.Task.WaitAsync(token);
            return new SendResult(SendOutcome.Accepted, 200);
        };
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = 3 });
        var published = await mail.PublishAsync(3);
        await mail.Transport.WaitForAsync(3);

        var stopping = mail.StopAsync();
        release.SetResult();
        await stopping;

        (await mail.StateAsync(published[2], publisher)).Status.Should().Be(DeliveryStatus.Delivered);
        (await mail.Publishers.FindStatusAsync(publisher.Id, CancellationToken.None))!.Cursor.Should().Be(3);
        await mail.DisposeAsync();
    }

    [Fact]
    public async Task A_paused_publisher_keeps_its_place_and_goes_on_from_there()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var publisher = await mail.AddPublisherAsync();
        await mail.PublishAsync(5);
        await mail.UntilSettledAsync(publisher, 5);

        await mail.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Active = false }, CancellationToken.None);
        await mail.UntilAsync(() => Task.FromResult(!mail.Get<Postoffice.Pipeline.PipelineSupervisor>().Runs(publisher.Id)));
        await mail.PublishAsync(5);
        await mail.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Active = true }, CancellationToken.None);
        await mail.UntilSettledAsync(publisher, 10);

        mail.Transport.PositionsSentTo(publisher.Id).Order().Should().Equal(Enumerable.Range(1, 10).Select(n => (long)n));
    }

    [Fact]
    public async Task A_delivery_that_met_a_lease_in_doubt_is_sent_when_the_lease_is_good_again()
    {
        await using var mail = await PostofficeInMemory.StartAsync(options =>
        {
            // A lease is good for 300 ms, and one attempt runs at a time on this node: the second delivery waits for its slot.
            options.Cluster.LeaseDuration = TimeSpan.FromSeconds(2);
            options.Cluster.LeaseMargin = TimeSpan.FromSeconds(1.7);
            options.Pipeline.MaxInFlight = 1;
        });
        await mail.AddTopicAsync();
        var release = new TaskCompletionSource();
        mail.Transport.Answer = async (_, _, token) =>
        {
            await release.Task.WaitAsync(token);
            return new SendResult(SendOutcome.Accepted, 200);
        };
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = 2 });
        await mail.PublishAsync(3);
        await mail.Transport.WaitForAsync(1);

        mail.Changes.RefuseRenewals = true;
        await mail.UntilAsync(() => Task.FromResult(mail.Changes.RefusedRenewals > 5));
        release.SetResult();
        await mail.UntilSettledAsync(publisher, 1);
        mail.Changes.RefuseRenewals = false;
        await mail.UntilSettledAsync(publisher, 3);

        mail.Transport.PositionsSentTo(publisher.Id).Should().Equal(1, 2, 3);
    }

    [Fact]
    public async Task A_publisher_whose_row_cannot_be_read_delivers_nothing_and_disturbs_nobody()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var poison = await mail.AddPublisherAsync("a", settings: PublisherSettings.FromJson("""{"timeout": "soon"}"""));
        var other = await mail.AddPublisherAsync("b");
        await mail.PublishAsync(10);

        await mail.UntilSettledAsync(other, 10);
        mail.Transport.PositionsSentTo(poison.Id).Should().BeEmpty();
    }

    [Fact]
    public async Task Retries_that_are_due_leave_fresh_mail_its_turn_even_at_a_demand_of_one()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, delivery, _) => new(delivery.Message.Position <= 4
            ? new SendResult(SendOutcome.Rejected, 400)
            : new SendResult(SendOutcome.Accepted, 200));

        // The first four are due again the moment they are parked, for ever.
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = 1, MaxAttempts = 1_000, RetryDelay = TimeSpan.FromTicks(1) });
        await mail.PublishAsync(50);

        await mail.UntilSettledAsync(publisher, 50);
        (await mail.Publishers.FindStatusAsync(publisher.Id, CancellationToken.None))!.Parked.Should().Be(4);
    }

    [Fact]
    public async Task A_deleted_publisher_gets_nothing_more()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var gone = await mail.AddPublisherAsync("a");
        var stays = await mail.AddPublisherAsync("b");
        await mail.PublishAsync(5);
        await mail.UntilSettledAsync(gone, 5);

        await mail.Publishers.DeleteAsync(gone.Id, CancellationToken.None);
        await mail.UntilAsync(async () =>
        {
            await mail.PublishAsync(1);
            return !mail.Get<Postoffice.Pipeline.PipelineSupervisor>().Runs(gone.Id);
        });
        var before = mail.Transport.PositionsSentTo(gone.Id).Count();
        var last = (await mail.PublishAsync(20))[^1].Position;
        await mail.UntilSettledAsync(stays, last);

        mail.Transport.PositionsSentTo(gone.Id).Should().HaveCount(before);
    }

    [Fact]
    public async Task A_publisher_whose_settings_change_goes_on_with_the_new_ones_and_sends_nothing_twice()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = 1 });
        await mail.PublishAsync(50);

        await mail.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Settings = new PublisherSettings { MaxDemand = 20 } }, CancellationToken.None);
        await mail.PublishAsync(50);
        await mail.UntilSettledAsync(publisher, 100);

        mail.Transport.PositionsSentTo(publisher.Id).Order().Should().Equal(Enumerable.Range(1, 100).Select(n => (long)n));
    }
}
