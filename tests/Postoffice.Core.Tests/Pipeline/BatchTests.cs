using Postoffice.Deliveries;
using Postoffice.Pipeline;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>A transport that takes several deliveries in one call.</summary>
public sealed class BatchTests
{
    private static readonly SendResult Accepted = new(SendOutcome.Accepted, 200);
    private static readonly SendResult Rejected = new(SendOutcome.Rejected, 400, "poison");
    private static readonly PublisherSettings Once = new() { MaxAttempts = 1 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backlog_goes_out_in_full_batches_and_each_message_once()
    {
        await using var mail = await StartAsync(maxBatch: 100);
        var publisher = await AddPausedAsync(mail);

        // None ends before the whole demand is out.
        var allOut = new TaskCompletionSource();
        mail.Transport.AnswerBatch = async (_, deliveries, token) =>
        {
            await allOut.Task.WaitAsync(token);
            return [.. deliveries.Select(_ => (SendResult?)Accepted)];
        };
        for (var bulk = 0; bulk < 10; bulk++)
        {
            await mail.PublishAsync(1_000);
        }

        await ResumeAsync(mail, publisher);
        await mail.Transport.WaitForAsync(400);
        allOut.SetResult();
        await mail.UntilSettledAsync(publisher, 10_000);

        mail.Transport.Sent.Select(sent => sent.Position).Should().BeEquivalentTo(Enumerable.Range(1, 10_000).Select(n => (long)n));
        mail.Transport.Batches.Should().OnlyContain(size => size <= 100);
        (mail.Transport.Sent.Count / (double)mail.Transport.Batches.Count).Should().BeGreaterThan(50);
        mail.Transport.MaxInFlight.Should().Be(400, "four batches are asked for, so that one is filled while others are on their way");
    }

    [Fact]
    public async Task A_full_batch_is_not_waited_for()
    {
        await using var mail = await StartAsync(maxBatch: 100);
        var publisher = await mail.AddPublisherAsync();

        await mail.PublishAsync(1);
        await mail.UntilSettledAsync(publisher, 1);

        mail.Transport.Batches.Should().BeEmpty("one delivery is sent as one");
    }

    [Theory]
    [InlineData(null, null, 100, 400)]
    [InlineData(null, null, 10, 50)]
    [InlineData(null, null, 1_000, 1_000)]
    [InlineData(null, null, int.MaxValue, 1_000)]
    [InlineData(null, null, 0, 50)]
    [InlineData(20, null, 100, 20)]
    [InlineData(null, 7, 100, 50)]
    public async Task The_demand_is_some_batches_unless_the_publisher_says_otherwise(int? maxDemand, int? chunkSize, int maxBatch, int expected)
    {
        await using var mail = await StartAsync(maxBatch);
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = maxDemand, ChunkSize = chunkSize });
        await mail.PublishAsync(1);
        await mail.UntilSettledAsync(publisher, 1);

        mail.Get<PipelineSupervisor>().Report(publisher.Id)!.MaxDemand.Should().Be(expected);
    }

    [Fact]
    public async Task One_poison_message_keeps_none_of_its_batch_from_the_target()
    {
        await using var mail = await StartAsync(maxBatch: 100);
        var publisher = await AddPausedAsync(mail, Once);
        mail.Transport.AnswerBatch = (_, deliveries, _) => new([.. deliveries.Select(delivery => (SendResult?)(delivery.Message.Position == 42 ? Rejected : Accepted))]);
        var messages = await mail.PublishAsync(100);

        await ResumeAsync(mail, publisher);
        await mail.UntilSettledAsync(publisher, 100);

        mail.Transport.Batches.Should().Equal(100);
        (await mail.StateAsync(messages[41], publisher)).Should().Match<DeliveryState>(state => state.Status == DeliveryStatus.DeadLettered && state.Reason == "max-attempts");
        (await mail.Publishers.FindStatusAsync(publisher.Id, Token)).Should().Match<PublisherStatus>(status => status.Dead == 1 && status.Parked == 0);
        mail.Get<PipelineSupervisor>().Report(publisher.Id)!.Breaker.Should().Be("closed");
    }

    [Fact]
    public async Task A_message_that_can_never_be_sent_is_dead_lettered_at_once()
    {
        await using var mail = await StartAsync(maxBatch: 100);
        mail.Transport.Answer = (_, _, _) => new(new SendResult(SendOutcome.Invalid, Error: "101 attributes; at most 100 are allowed"));
        var publisher = await mail.AddPublisherAsync();
        var messages = await mail.PublishAsync(20);

        await mail.UntilSettledAsync(publisher, 20);

        var state = await mail.StateAsync(messages[0], publisher);
        (state.Status, state.Reason, state.Attempts).Should().Be((DeliveryStatus.DeadLettered, "invalid-message", 1));
        mail.Get<PipelineSupervisor>().Report(publisher.Id)!.Breaker.Should().Be("closed", "the receiver was never asked");
    }

    [Fact]
    public async Task A_call_that_fails_is_one_failure_for_the_breaker_however_many_it_bore()
    {
        await using var mail = await StartAsync(maxBatch: 100);
        var publisher = await AddPausedAsync(mail, new PublisherSettings { RetryDelay = TimeSpan.FromMinutes(1) });
        var calls = 0;
        mail.Transport.AnswerBatch = (_, deliveries, _) =>
        {
            var result = Interlocked.Increment(ref calls) <= 4 ? new SendResult(SendOutcome.Unavailable, 503, "busy") : Accepted;
            return new([.. deliveries.Select(_ => (SendResult?)result)]);
        };
        await mail.PublishAsync(1_000);

        await ResumeAsync(mail, publisher);
        await mail.UntilSettledAsync(publisher, 1_000);

        (await mail.Publishers.FindStatusAsync(publisher.Id, Token))!.Parked.Should().Be(400, "the breaker would have opened with the fifth call that failed");
    }

    [Fact]
    public async Task A_target_that_is_not_set_up_opens_the_breaker_at_once_and_mail_flows_when_it_is()
    {
        await using var mail = await StartAsync(maxBatch: 100);
        var isSetUp = false;
        mail.Transport.Answer = (_, _, _) => new(Volatile.Read(ref isSetUp)
            ? Accepted
            : new SendResult(SendOutcome.Unavailable, 404, "NOT_FOUND: create it", Fault: SendFault.Setup));
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { RetryDelay = TimeSpan.FromHours(1) });
        await mail.PublishAsync(1);
        await mail.UntilAsync(async () => await mail.Publishers.FindStatusAsync(publisher.Id, Token) is { Parked: 1 });

        var report = mail.Get<PipelineSupervisor>().Report(publisher.Id)!;
        (report.Breaker, report.LastError).Should().Be(("open", "NOT_FOUND: create it"));

        Volatile.Write(ref isSetUp, true);
        await mail.PublishAsync(1);
        await mail.UntilAsync(async () => await mail.Publishers.FindStatusAsync(publisher.Id, Token) is { Cursor: 2, Parked: 0, Dead: 0 });
        mail.Transport.Sent.Select(sent => (sent.Position, sent.Attempt)).Should().Equal((1, 1), (2, 1), (1, 2));
    }

    [Fact]
    public async Task A_key_has_one_message_in_a_batch_and_goes_on_with_the_next()
    {
        await using var mail = await StartAsync(maxBatch: 100);
        var publisher = await AddPausedAsync(mail, new PublisherSettings { Ordering = DeliveryOrdering.Key });
        var sizes = new List<int>();
        mail.Transport.AnswerBatch = (_, deliveries, _) =>
        {
            deliveries.Select(delivery => delivery.Message.OrderingKey).Should().OnlyHaveUniqueItems();
            lock (sizes)
            {
                sizes.Add(deliveries.Count);
            }

            return new([.. deliveries.Select(_ => (SendResult?)Accepted)]);
        };
        await mail.PublishKeyedAsync(Enumerable.Range(0, 1_000).Select(number => $"k{number % 50}"));

        await ResumeAsync(mail, publisher);
        await mail.UntilSettledAsync(publisher, 1_000);

        mail.Transport.Sent.GroupBy(sent => (sent.Position - 1) % 50).Should().OnlyContain(key => key.Select(sent => sent.Position).SequenceEqual(key.Select(sent => sent.Position).Order()));
        sizes.Average().Should().BeGreaterThan(10);
    }

    [Fact]
    public async Task Publishers_that_compete_for_the_slots_of_the_node_send_batches_that_are_no_smaller()
    {
        await using var mail = await StartAsync(maxBatch: 100, maxInFlight: 8);
        mail.Transport.AnswerBatch = async (_, deliveries, _) =>
        {
            await Task.Yield();
            return [.. deliveries.Select(_ => (SendResult?)Accepted)];
        };
        var publishers = new List<Publisher>();
        for (var number = 0; number < 20; number++)
        {
            publishers.Add(await AddPausedAsync(mail, target: $"target {number}"));
        }

        await mail.PublishAsync(2_000);
        foreach (var publisher in publishers)
        {
            await ResumeAsync(mail, publisher);
        }

        foreach (var publisher in publishers)
        {
            await mail.UntilSettledAsync(publisher, 2_000);
        }

        mail.Transport.Sent.Should().HaveCount(40_000);
        (mail.Transport.Sent.Count / (double)mail.Transport.Batches.Count).Should().BeGreaterThan(50);
        mail.Transport.MaxInFlight.Should().BeLessThanOrEqualTo(800, "eight calls");
    }

    private static async Task<PostofficeInMemory> StartAsync(int maxBatch, int maxInFlight = 1_000)
    {
        var mail = await PostofficeInMemory.StartAsync(options => options.Pipeline.MaxInFlight = maxInFlight);
        mail.Transport.MaxBatch = maxBatch;
        await mail.AddTopicAsync();
        return mail;
    }

    private static async Task<Publisher> AddPausedAsync(PostofficeInMemory mail, PublisherSettings? settings = null, string target = "a") => (await mail.Publishers.TryAddAsync(
        new NewPublisher("orders", "scripted", target, Active: false, FromNow: false, settings ?? new PublisherSettings()), Token)).Publisher!;

    private static Task<Publisher?> ResumeAsync(PostofficeInMemory mail, Publisher publisher) =>
        mail.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Active = true }, Token);
}
