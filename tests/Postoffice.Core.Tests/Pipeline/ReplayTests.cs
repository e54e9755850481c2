using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>Replays, seen from outside.</summary>
public sealed class ReplayTests
{
    private static readonly SendResult Accepted = new(SendOutcome.Accepted, 200);
    private static readonly SendResult Refused = new(SendOutcome.Rejected, 400, "400 Bad Request");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_replay_sends_everything_from_its_position_once_more_and_then_is_over()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var publisher = await mail.AddPublisherAsync();
        await mail.PublishAsync(500);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Cursor: 500 });

        var result = await ReplayAsync(mail, publisher, new ReplayRequest(null, Position: 101, OnlyFailed: false));
        result.Should().BeEquivalentTo(new { Status = ReplayStatus.Started, Messages = 400 });
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Delivered: 900 } && await mail.Get<IReplayStore>().FindAsync(publisher.Id, Token) is null);

        mail.Transport.Sent.Skip(500).Select(sent => sent.Position).Order().Should().Equal(Enumerable.Range(101, 400).Select(n => (long)n));
        (await StatusAsync(mail, publisher)).Should().BeEquivalentTo(new { Cursor = 500, Parked = 0, Dead = 0 });
    }

    [Fact]
    public async Task A_dry_run_counts_and_sends_nothing()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var publisher = await mail.AddPublisherAsync();
        await mail.PublishAsync(10);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Cursor: 10 });

        (await mail.Get<IReplayStore>().StartAsync(publisher.Id, new ReplayRequest(null, null, false), dryRun: true, Token)).Messages.Should().Be(10);
        await mail.PublishAsync(1);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Cursor: 11 });

        mail.Transport.Sent.Should().HaveCount(11);
    }

    [Fact]
    public async Task Only_what_failed_is_sent_again_when_that_is_asked_for()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var isBroken = true;
        mail.Transport.Answer = (_, delivery, _) => new(Volatile.Read(ref isBroken) && delivery.Message.Position % 5 == 0 ? Refused : Accepted);
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxAttempts = 1 });
        var published = await mail.PublishAsync(50);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Cursor: 50, Dead: 10 });

        Volatile.Write(ref isBroken, false);
        (await ReplayAsync(mail, publisher, new ReplayRequest(null, Position: 6, OnlyFailed: true))).Messages.Should().Be(9);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Delivered: 49, Dead: 1 });

        mail.Transport.Sent.Skip(50).Select(sent => sent.Position).Order().Should().Equal(10, 15, 20, 25, 30, 35, 40, 45, 50);
        (await mail.StateAsync(published[9], publisher)).Status.Should().Be(DeliveryStatus.Delivered);
        (await mail.StateAsync(published[4], publisher)).Status.Should().Be(DeliveryStatus.DeadLettered, "it lies before the replay");
    }

    [Fact]
    public async Task What_fails_in_a_replay_is_parked_and_retried_like_any_other_and_a_dead_letter_is_one_no_more()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, _, _) => new(Refused);
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxAttempts = 1, RetryDelay = TimeSpan.FromMilliseconds(20) });
        var published = await mail.PublishAsync(1);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Dead: 1 });

        var changed = await mail.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Settings = publisher.Settings with { MaxAttempts = 100 } }, Token);
        var failures = 0;
        mail.Transport.Answer = (_, _, _) => new(Interlocked.Increment(ref failures) <= 2 ? Refused : Accepted);
        await ReplayAsync(mail, changed!, new ReplayRequest(null, null, OnlyFailed: false));

        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Delivered: 1, Dead: 0, Parked: 0 });
        (await mail.StateAsync(published[0], publisher)).Should().BeEquivalentTo(new { Status = DeliveryStatus.Delivered, Attempts = 3 });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dead_letter_retried_while_a_replay_has_it_in_hand_is_attempted_once_and_is_in_one_state(bool isAccepted)
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, _, _) => new(Refused);
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxAttempts = 1 });
        var published = await mail.PublishAsync(1);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Dead: 1 });

        var answer = new TaskCompletionSource<SendResult>();
        mail.Transport.Answer = async (_, delivery, token) => delivery.Message.Position == 1 ? await answer.Task.WaitAsync(token) : Accepted;
        await ReplayAsync(mail, publisher, new ReplayRequest(null, null, OnlyFailed: true));
        await mail.Transport.WaitForAsync(2);
        (await mail.Get<IDeadLetterStore>().RetryAsync(new DeadLetterFilter { PublisherId = publisher.Id }, 1, Token)).Should().Be(1);
        answer.SetResult(isAccepted ? Accepted : Refused);

        await mail.UntilAsync(async () => await mail.Get<IReplayStore>().FindAsync(publisher.Id, Token) is null);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Parked: 0 });
        (await mail.StateAsync(published[0], publisher)).Status.Should().Be(isAccepted ? DeliveryStatus.Delivered : DeliveryStatus.DeadLettered);
        (await StatusAsync(mail, publisher)).Dead.Should().Be(isAccepted ? 0 : 1);
        mail.Transport.Sent.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_replay_takes_a_quarter_of_the_demand_at_most_and_new_mail_does_not_wait_for_it()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = 8 });
        await mail.PublishAsync(100);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Cursor: 100 });

        var (replayed, most) = (0, 0);
        var hold = new TaskCompletionSource();
        mail.Transport.Answer = async (_, delivery, token) =>
        {
            if (delivery.Message.Position <= 100)
            {
                var now = Interlocked.Increment(ref replayed);
                InterlockedMax(ref most, now);
                await hold.Task.WaitAsync(token);
                Interlocked.Decrement(ref replayed);
            }

            return Accepted;
        };
        await ReplayAsync(mail, publisher, new ReplayRequest(null, null, OnlyFailed: false));
        await mail.Transport.WaitForAsync(102);

        await mail.PublishAsync(50);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Cursor: 150 });
        hold.SetResult();
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Delivered: 250 });

        most.Should().Be(2);
    }

    [Fact]
    public async Task Mail_without_end_does_not_hold_a_replay_up_where_there_is_room_for_one_only()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = 1 });
        await mail.PublishAsync(10);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Cursor: 10 });

        var last = 0L;
        mail.Transport.Answer = (_, delivery, _) =>
        {
            last = delivery.Message.Position == 10 ? mail.Transport.Sent.Count : last;
            return new(Accepted);
        };
        await mail.PublishAsync(2_000);
        await ReplayAsync(mail, publisher, new ReplayRequest(null, null, OnlyFailed: false));
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Delivered: 2_020 });

        last.Should().BeLessThan(1_500, "a quarter is the replay's");
    }

    [Fact]
    public async Task Only_what_failed_is_sent_again_where_dead_letters_block_their_keys_and_the_keys_go_on()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, delivery, _) => new(delivery.Message.Position <= 2 ? Refused : Accepted);
        var publisher = await mail.AddPublisherAsync(
            settings: new PublisherSettings { Ordering = DeliveryOrdering.Key, OnKeyFailure = KeyFailure.Block, MaxAttempts = 1 });
        await mail.PublishKeyedAsync(["a", "b", "a", "b", "a"]);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Cursor: 5, Dead: 2, Parked: 3 });

        mail.Transport.Answer = (_, _, _) => new(Accepted);
        await ReplayAsync(mail, publisher, new ReplayRequest(null, null, OnlyFailed: true));
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Dead: 0, Parked: 0, Delivered: 5 });

        mail.Transport.Sent.Skip(2).Select(sent => sent.Position).Where(position => position is 1 or 3 or 5).Should().Equal(1, 3, 5);
    }

    [Fact]
    public async Task A_replay_goes_on_where_it_was_after_a_restart()
    {
        await using var first = await PostofficeInMemory.StartAsync();
        await first.AddTopicAsync();
        var publisher = await first.AddPublisherAsync();
        await first.PublishAsync(400);
        await first.UntilAsync(async () => await StatusAsync(first, publisher) is { Cursor: 400 });
        await ReplayAsync(first, publisher, new ReplayRequest(null, null, OnlyFailed: false));
        await first.Transport.WaitForAsync(500);
        await first.StopAsync();

        await using var second = await PostofficeInMemory.StartAsync(sharing: first);
        await second.UntilAsync(async () => await StatusAsync(second, publisher) is { Delivered: 800 });

        first.Transport.Sent.GroupBy(sent => sent.Position).Should().HaveCount(400).And.OnlyContain(sent => sent.Count() == 2);
    }

    [Fact]
    public async Task A_replay_in_order_by_key_keeps_the_order_of_each_key()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings
        {
            Ordering = DeliveryOrdering.Key,
            RetryDelay = TimeSpan.FromMilliseconds(5),
            MaxDemand = 40,
        });
        await mail.PublishKeyedAsync(Enumerable.Range(0, 300).Select(n => $"k{n % 3}"));
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Cursor: 300 });

        var random = new Random(7);
        var ledger = new KeyOrderLedger(_ =>
        {
            lock (random)
            {
                return random.Next(10) == 0 ? Refused : Accepted;
            }
        });
        mail.Transport.Answer = (_, delivery, _) => ledger.ReceiveAsync(delivery);
        await ReplayAsync(mail, publisher, new ReplayRequest(null, null, OnlyFailed: false));
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Delivered: 600, Parked: 0 });

        ledger.Faults.Should().BeEmpty();
        ledger.Accepted.Should().Be(300);
    }

    private static async Task<ReplayResult> ReplayAsync(PostofficeInMemory mail, Publisher publisher, ReplayRequest request)
    {
        var result = await mail.Get<IReplayStore>().StartAsync(publisher.Id, request, dryRun: false, Token);
        mail.Get<PublisherChanges>().Notify();
        return result;
    }

    private static async Task<PublisherStatus> StatusAsync(PostofficeInMemory mail, Publisher publisher) =>
        (await mail.Publishers.FindStatusAsync(publisher.Id, Token))!;

    private static void InterlockedMax(ref int most, int value)
    {
        for (var known = Volatile.Read(ref most); value > known; known = Volatile.Read(ref most))
        {
            if (Interlocked.CompareExchange(ref most, value, known) == known)
            {
                return;
            }
        }
    }
}
