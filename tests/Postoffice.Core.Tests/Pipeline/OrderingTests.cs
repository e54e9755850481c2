using CsCheck;
using Postoffice.Deliveries;
using Postoffice.Filters;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>Ordering keys, seen from outside.</summary>
public sealed class OrderingTests
{
    private static readonly SendResult Accepted = new(SendOutcome.Accepted, 200);
    private static readonly SendResult Refused = new(SendOutcome.Rejected, 400, "400 Bad Request");

    private static readonly PublisherSettings ByKey =
        new() { Ordering = DeliveryOrdering.Key, RetryDelay = TimeSpan.FromMilliseconds(10), MaxDemand = 20 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hundred_keys_with_failures_and_two_restarts_arrive_in_order_and_once() =>
        await CheckAsync(new Case(Keys: 200, PerKey: 50, MaxDemand: 50, FailPercent: 10, Seed: 1));

    [Fact]
    public Task Whatever_fails_each_key_arrives_in_order_and_once() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 30], Gen.Int[1, 60], Gen.Int[0, 30], Gen.Int, (keys, perKey, demand, fail, seed) => new Case(keys, perKey, demand, fail, seed))
            .SampleAsync(CheckAsync, iter: 20, threads: 1);

    [Fact]
    public async Task A_key_that_fails_holds_up_itself_and_nobody_else()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var isBroken = true;
        mail.Transport.Answer = (_, delivery, _) => new(Volatile.Read(ref isBroken) && delivery.Message.OrderingKey == "a" ? Refused : Accepted);
        var publisher = await mail.AddPublisherAsync(settings: ByKey with { RetryDelay = TimeSpan.FromMilliseconds(50) });

        var published = await mail.PublishKeyedAsync(Enumerable.Range(0, 300).Select(n => n % 3 == 0 ? "a" : n % 3 == 1 ? "b" : null));
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Cursor: 300, Delivered: 200, Parked: 100 });

        mail.Transport.Sent.Where(sent => sent.Position % 3 == 1).Select(sent => sent.Position).Distinct().Should().Equal([1], "only the head of the key is tried");
        var blocked = (await mail.Get<IOrderingKeyStore>().ListAsync(publisher.TopicId, publisher.Id, null, 10, Token)).Should().ContainSingle().Subject;
        blocked.Should().BeEquivalentTo(new { Key = "a", HeadPosition = 1, HeadMessageId = published[0].Id, IsDead = false, Waiting = 99 });
        (await mail.StateAsync(published[3], publisher)).Should().BeEquivalentTo(new { Status = DeliveryStatus.Parked, Reason = "behind key", DueAt = (DateTimeOffset?)null });

        Volatile.Write(ref isBroken, false);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Delivered: 300, Parked: 0 });
        mail.Transport.Sent.Select(sent => sent.Position).Where(position => position % 3 == 1).Distinct().Should().BeInAscendingOrder().And.HaveCount(100);
        (await mail.Get<IOrderingKeyStore>().ListAsync(publisher.TopicId, publisher.Id, null, 10, Token)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_dead_letter_frees_its_key()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, delivery, _) => new(delivery.Message.Position == 2 ? Refused : Accepted);
        var publisher = await mail.AddPublisherAsync(settings: ByKey with { MaxAttempts = 3 });

        await mail.PublishKeyedAsync(Enumerable.Repeat("a", 10));
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Delivered: 9, Parked: 0, Dead: 1 });

        mail.Transport.Sent.Select(sent => sent.Position).Should().Equal(1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    }

    [Theory]
    [InlineData("retry")]
    [InlineData("discard")]
    public async Task A_key_that_waits_for_an_operator_goes_on_when_its_dead_letter_is_dealt_with(string remedy)
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        var isBroken = true;
        mail.Transport.Answer = (_, delivery, _) => new(Volatile.Read(ref isBroken) && delivery.Message.Position == 2 ? Refused : Accepted);
        var publisher = await mail.AddPublisherAsync(settings: ByKey with { MaxAttempts = 2, OnKeyFailure = KeyFailure.Block });

        await mail.PublishKeyedAsync(["a", "a", "a", "b", "a", "b"]);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Cursor: 6, Delivered: 3, Parked: 2, Dead: 1 });
        (await mail.Get<IOrderingKeyStore>().FindAsync(publisher.TopicId, publisher.Id, "a", Token)).Should()
            .BeEquivalentTo(new { HeadPosition = 2, IsDead = true, Waiting = 2 });

        Volatile.Write(ref isBroken, false);
        var (dead, filter) = (mail.Get<IDeadLetterStore>(), new DeadLetterFilter { PublisherId = publisher.Id });
        (remedy == "retry" ? await dead.RetryAsync(filter, 10, Token) : await dead.DiscardAsync(filter, 10, Token)).Should().Be(1);

        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Parked: 0, Dead: 0 } status && status.Delivered == (remedy == "retry" ? 6 : 5));
        long[] expected = remedy == "retry" ? [1, 2, 2, 2, 3, 5] : [1, 2, 2, 3, 5];
        mail.Transport.Sent.Select(sent => sent.Position).Where(position => position is not (4 or 6)).Should().Equal(expected);
    }

    [Fact]
    public async Task A_restart_finds_the_key_blocked_as_it_was()
    {
        await using var first = await PostofficeInMemory.StartAsync();
        await first.AddTopicAsync();
        first.Transport.Answer = (_, delivery, _) => new(delivery.Message.Position == 1 ? Refused : Accepted);
        var publisher = await first.AddPublisherAsync(settings: ByKey with { MaxAttempts = 1, OnKeyFailure = KeyFailure.Block });
        await first.PublishKeyedAsync(["a", "a", "b"]);
        await first.UntilAsync(async () => await StatusAsync(first, publisher) is { Delivered: 1, Parked: 1, Dead: 1 });
        await first.StopAsync();

        await using var second = await PostofficeInMemory.StartAsync(sharing: first);
        await second.PublishKeyedAsync(["a", "b"]);
        await second.UntilAsync(async () => await StatusAsync(second, publisher) is { Cursor: 5, Delivered: 2, Parked: 2, Dead: 1 });

        await second.Get<IDeadLetterStore>().DiscardAsync(new DeadLetterFilter { PublisherId = publisher.Id }, 10, Token);
        await second.UntilAsync(async () => await StatusAsync(second, publisher) is { Delivered: 4, Parked: 0 });
        first.Transport.Sent.Select(sent => sent.Position).Where(position => position is 2 or 4).Should().Equal(2, 4);
    }

    [Fact]
    public async Task A_key_that_is_slow_lets_others_overtake_and_costs_a_bounded_number_of_rows()
    {
        await using var mail = await PostofficeInMemory.StartAsync(options => options.Pipeline.WindowSize = 256);
        await mail.AddTopicAsync();
        var release = new TaskCompletionSource();
        mail.Transport.Answer = async (_, delivery, token) =>
        {
            if (delivery.Message.OrderingKey == "slow")
            {
                await release.Task.WaitAsync(token);
            }

            return Accepted;
        };
        var publisher = await mail.AddPublisherAsync(settings: ByKey);

        await mail.PublishKeyedAsync(Enumerable.Range(0, 2_000).Select(n => n % 10 == 0 ? "slow" : $"k{n % 7}"));
        await mail.UntilAsync(async () => (await StatusAsync(mail, publisher)).Delivered >= 1_800);
        await mail.PublishKeyedAsync(Enumerable.Repeat("slow", 2_500));
        await mail.PublishKeyedAsync(Enumerable.Repeat("slow", 2_500));
        await mail.UntilAsync(async () => (await StatusAsync(mail, publisher)).Parked > 200);

        release.SetResult();
        await mail.UntilAsync(async () =>
        {
            var status = await StatusAsync(mail, publisher);
            status.Parked.Should().BeLessThan(600, "a key that is slow is read no further than it bears");
            return status is { Delivered: 7_000, Parked: 0 };
        });
        mail.Transport.Sent.Select(sent => sent.Position).Where(position => position % 10 == 1 || position > 2_000).Should().BeInAscendingOrder().And.HaveCount(5_200);
    }

    [Fact]
    public async Task A_publisher_that_begins_to_order_by_key_sends_what_is_parked_of_a_key_one_after_the_other()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, _, _) => new(Refused);
        var publisher = await mail.AddPublisherAsync(settings: ByKey with { Ordering = DeliveryOrdering.None, RetryDelay = TimeSpan.FromMilliseconds(200), MaxDemand = 4 });
        await mail.PublishKeyedAsync(["a", "a", "a", "a"]);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Parked: 4 });

        var ledger = new KeyOrderLedger(_ => Accepted);
        mail.Transport.Answer = (_, delivery, _) => ledger.ReceiveAsync(delivery);
        await mail.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Settings = publisher.Settings with { Ordering = DeliveryOrdering.Key } }, Token);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Delivered: > 0 });
        await mail.PublishKeyedAsync(["a", "a"]);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Cursor: 6, Parked: 0 });

        ledger.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task A_publisher_that_orders_by_key_no_more_sends_what_was_parked_behind_a_key()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, delivery, _) => new(delivery.Message.Position == 1 ? Refused : Accepted);
        var publisher = await mail.AddPublisherAsync(settings: ByKey with { RetryDelay = TimeSpan.FromHours(1) });
        await mail.PublishKeyedAsync(["a", "a", "a"]);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Parked: 3 });

        await mail.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Settings = publisher.Settings with { Ordering = DeliveryOrdering.None } }, Token);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Parked: 1, Delivered: 2 });
    }

    [Fact]
    public async Task A_key_that_a_dead_letter_blocks_goes_on_when_dead_letters_block_none_any_more()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, delivery, _) => new(delivery.Message.Position == 1 ? Refused : Accepted);
        var publisher = await mail.AddPublisherAsync(settings: ByKey with { MaxAttempts = 1, OnKeyFailure = KeyFailure.Block });
        await mail.PublishKeyedAsync(["a", "a", "a"]);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Parked: 2, Dead: 1 });

        await mail.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Settings = publisher.Settings with { OnKeyFailure = KeyFailure.Skip } }, Token);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Parked: 0, Dead: 1, Delivered: 2 });
    }

    [Fact]
    public async Task A_filter_that_leaves_the_head_of_a_key_out_frees_the_key_and_leaves_out_what_waits_behind_it_too()
    {
        await using var mail = await PostofficeInMemory.StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, delivery, _) => new(delivery.Message.Position == 1 ? Refused : Accepted);
        var publisher = await mail.AddPublisherAsync(settings: ByKey with { RetryDelay = TimeSpan.FromMilliseconds(200) });
        string[] payloads = ["""{"n":1}""", """{"n":1}""", """{"n":2}"""];
        await mail.Postoffice.PublishManyAsync("orders", [.. payloads.Select(payload => PostofficeInMemory.New(payload, orderingKey: "a"))], Token);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Parked: 3 });

        var change = new PublisherChange { Settings = publisher.Settings with { Filter = MessageFilter.Parse("""{"payload":{"n":[2]}}""") } };
        await mail.Publishers.UpdateAsync(publisher.Id, change, Token);
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Parked: 0, Delivered: 1 });

        mail.Transport.Sent.Where(sent => sent.Position != 1).Select(sent => sent.Position).Should().Equal(3);
    }

    [Fact]
    public async Task A_node_that_dies_with_messages_of_a_key_held_and_parked_leaves_them_in_order()
    {
        await using var first = await PostofficeInMemory.StartAsync(options => options.Pipeline.DrainTimeout = TimeSpan.Zero);
        await first.AddTopicAsync();
        first.Transport.Answer = async (_, _, token) =>
        {
            await ScriptedTransport.NeverAsync(token);
            return Accepted;
        };
        var publisher = await first.AddPublisherAsync(settings: ByKey);
        await first.PublishKeyedAsync(Enumerable.Repeat("a", 2_000));

        // One is out, 1,024 are held, the others are rows; the cursor stands at 0.
        await first.UntilAsync(async () => await StatusAsync(first, publisher) is { Parked: >= 900 });
        await first.StopAsync();

        var ledger = new KeyOrderLedger(_ => Accepted);
        first.Transport.Answer = (_, delivery, _) => ledger.ReceiveAsync(delivery);
        await using var second = await PostofficeInMemory.StartAsync(sharing: first);
        await second.UntilAsync(async () => await StatusAsync(second, publisher) is { Cursor: 2_000, Parked: 0, Delivered: 2_000 });

        ledger.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task A_retry_is_sent_in_time_although_other_keys_have_always_something_to_go_on_with()
    {
        await using var mail = await PostofficeInMemory.StartAsync(options => options.Pipeline.DrainTimeout = TimeSpan.Zero);
        await mail.AddTopicAsync();
        var (retriedAfter, due) = (0, new TaskCompletionSource());
        mail.Transport.Answer = async (sender, delivery, token) =>
        {
            if (delivery.Message.OrderingKey != "bad")
            {
                await (sender.Settings.MaxDemand == 6 ? ScriptedTransport.NeverAsync(token) : due.Task.WaitAsync(token));
                return Accepted;
            }

            retriedAfter = mail.Transport.Sent.Count;
            return due.Task.IsCompleted ? Accepted : Refused;
        };

        // Four keys are out and slow, what comes for them has rows; then there are more of them than there is room for.
        var publisher = await mail.AddPublisherAsync(settings: ByKey with { MaxDemand = 6, RetryDelay = TimeSpan.FromMilliseconds(300) });
        var bad = (await mail.PublishKeyedAsync(["bad", .. Enumerable.Range(0, 2_999).Select(n => $"k{n % 4}")]))[0];
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Parked: > 1_900 });
        await mail.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Settings = publisher.Settings with { MaxDemand = 2 } }, Token);
        await mail.Transport.WaitForAsync(7);
        await mail.UntilAsync(async () => (await mail.StateAsync(bad, publisher)).DueAt < DateTimeOffset.UtcNow);
        due.SetResult();
        await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Delivered: 3_000 });

        retriedAfter.Should().BeLessThan(2_000);
    }

    private static async Task CheckAsync(Case given)
    {
        var random = new Random(given.Seed);
        var ledger = new KeyOrderLedger(_ =>
        {
            lock (random)
            {
                return random.Next(100) < given.FailPercent ? (random.Next(2) == 0 ? Refused : new SendResult(SendOutcome.Unavailable, 503, "503")) : Accepted;
            }
        });
        var total = given.Keys * given.PerKey;
        var mail = await PostofficeInMemory.StartAsync();
        try
        {
            await mail.AddTopicAsync();
            mail.Transport.Answer = (_, delivery, _) => ledger.ReceiveAsync(delivery);
            var publisher = await mail.AddPublisherAsync(settings: ByKey with { MaxDemand = given.MaxDemand, RetryDelay = TimeSpan.FromMilliseconds(1) });
            var keys = Enumerable.Range(0, total).Select(n => $"k{n % given.Keys}").ToArray();
            random.Shuffle(keys);
            foreach (var batch in keys.Chunk(1_000))
            {
                await mail.PublishKeyedAsync(batch);
            }

            foreach (var restartAt in new[] { total / 3, total * 2 / 3 })
            {
                await mail.Transport.WaitForAsync(restartAt);
                await mail.StopAsync();
                var next = await PostofficeInMemory.StartAsync(sharing: mail);
                await mail.DisposeAsync();
                mail = next;
            }

            await mail.UntilAsync(async () => await StatusAsync(mail, publisher) is { Parked: 0 } status && status.Cursor == total);

            ledger.Faults.Should().BeEmpty();
            ledger.Accepted.Should().Be(total, "nothing is lost, and nothing is sent twice when a node stops in peace");
        }
        finally
        {
            await mail.DisposeAsync();
        }
    }

    private static async Task<PublisherStatus> StatusAsync(PostofficeInMemory mail, Publisher publisher) =>
        (await mail.Publishers.FindStatusAsync(publisher.Id, Token))!;

    private sealed record Case(int Keys, int PerKey, int MaxDemand, int FailPercent, int Seed);
}
