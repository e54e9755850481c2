using System.Collections;
using Grpc.Core;
using Postoffice.Deliveries;
using Postoffice.Publishers;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.PubSub;
using Postoffice.Testing.Receivers;

namespace Postoffice.Transports.Tests.PubSub;

/// <summary>What goes over the wire, and what comes of it.</summary>
public sealed class PubSubSenderTests
{
    private static readonly SendResult Accepted = new(SendOutcome.Accepted, 200);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_is_one_call_to_the_topic_with_every_message_as_it_is()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service);
        Delivery[] batch = [PubSubWire.Delivery([0, 0xFF], [("region", "eu")]), PubSubWire.Delivery([], []), PubSubWire.Delivery("{}"u8.ToArray(), [])];

        (await sender.SendBatchAsync(batch, Token)).Should().Equal(Accepted, Accepted, Accepted);

        var call = service.Calls.Should().ContainSingle().Subject;
        call.Request.Topic.Should().Be(PubSubWire.Topic);
        call.Messages.Select(message => message.Data.ToByteArray()).Should().BeEquivalentTo(batch.Select(delivery => delivery.Message.Payload.ToArray()), o => o.WithStrictOrdering());
        call.Messages.Select(message => message.Attributes["message-id"]).Should().Equal(batch.Select(delivery => delivery.Message.Id.ToString()));
        call.Messages[0].Attributes["region"].Should().Be("eu");
        call.Headers["x-goog-request-params"].Should().Be("topic=projects%2Fshop%2Ftopics%2Forders");
        call.Authorization.Should().BeNull("an emulator is sent no credentials");
    }

    [Fact]
    public async Task The_service_is_told_by_when_it_must_answer()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service, new PublisherSettings { Timeout = TimeSpan.FromSeconds(20) });
        var before = TimeProvider.System.GetUtcNow().UtcDateTime;

        await sender.SendAsync(PubSubWire.Delivery(), Token);

        service.Calls.Single().Deadline.Should().BeCloseTo(before.AddSeconds(20), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task One_poison_message_keeps_none_of_the_others_from_the_topic()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service);
        var batch = PubSubWire.Batch(100);
        var poison = batch[42].Message.Id.ToString();
        service.OnPublish = call => call.Messages.Any(message => message.Attributes["message-id"] == poison)
            ? throw FakePubSub.Refusal(StatusCode.InvalidArgument, "poison")
            : Task.CompletedTask;

        var results = await sender.SendBatchAsync(batch, Token);

        results[42].Should().Be(new SendResult(SendOutcome.Rejected, 400, "INVALID_ARGUMENT: poison"));
        results.Where((_, index) => index != 42).Should().OnlyContain(result => result == Accepted);
        service.Ledger.Distinct.Should().Be(99);
        service.Ledger.Repeats.Should().Be(0);
        service.Calls.Should().HaveCountLessThanOrEqualTo(1 + (2 * 7), "each half is halved again");
    }

    [Fact]
    public async Task What_concerns_all_of_a_batch_splits_none()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service);
        service.OnPublish = _ => throw FakePubSub.Refusal(StatusCode.NotFound);

        (await sender.SendBatchAsync(PubSubWire.Batch(50), Token)).Should().OnlyContain(result => result!.Value.Fault == SendFault.Setup);

        service.Calls.Should().HaveCount(1);
    }

    [Fact]
    public async Task A_batch_of_large_messages_goes_in_requests_that_the_service_takes()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service);
        var payload = new byte[1024 * 1024];

        var results = await sender.SendBatchAsync([.. Enumerable.Range(0, 25).Select(_ => PubSubWire.Delivery(payload, []))], Token);

        results.Should().OnlyContain(result => result == Accepted);
        service.Calls.Select(call => call.Messages.Count).Should().BeEquivalentTo([9, 9, 7]);
        service.Calls.Should().OnlyContain(call => call.Request.CalculateSize() <= 10_000_000);
    }

    [Fact]
    public async Task A_message_over_a_limit_is_invalid_and_its_neighbours_are_sent()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service);

        var results = await sender.SendBatchAsync([PubSubWire.Delivery(), PubSubWire.Delivery([], [("googclient", "v")]), PubSubWire.Delivery()], Token);

        (results[0], results[2]).Should().Be((Accepted, Accepted));
        results[1].Should().Match<SendResult?>(result => result!.Value.Outcome == SendOutcome.Invalid && result.Value.Error!.Contains("goog"));
        (await sender.SendAsync(PubSubWire.Delivery([], [("goog", "v")]), Token)).Outcome.Should().Be(SendOutcome.Invalid);
        service.Calls.Should().HaveCount(1, "there was nothing else to send");
    }

    [Fact]
    public async Task The_pause_that_the_service_asks_for_comes_back()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service);
        service.OnPublish = _ => throw FakePubSub.Refusal(StatusCode.ResourceExhausted, "quota", TimeSpan.FromMinutes(2));

        (await sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(new SendResult(SendOutcome.Throttled, 429, "RESOURCE_EXHAUSTED: quota", TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public async Task A_service_that_never_answers_is_left_when_the_time_is_over()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service);
        service.OnPublish = call => call.HangAsync();
        using var time = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var sending = sender.SendBatchAsync(PubSubWire.Batch(3), time.Token).AsTask();
        await service.WaitForAsync(fake => fake.Calls.Count == 1, Token);

        await time.CancelAsync();

        await sending.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task The_deadline_ends_a_call_by_itself()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service, new PublisherSettings { Timeout = TimeSpan.FromMilliseconds(300) });
        service.OnPublish = call => call.HangAsync();

        (await sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Match<SendResult>(result =>
            result.Outcome == SendOutcome.Unavailable && result.Fault == SendFault.Timeout && result.Error!.StartsWith("DEADLINE_EXCEEDED"));
    }

    [Fact]
    public async Task What_is_known_when_the_time_is_over_comes_back()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service);
        var batch = PubSubWire.Batch(4);
        var last = batch[3].Message.Id.ToString();
        using var time = CancellationTokenSource.CreateLinkedTokenSource(Token);

        // Refused whole; then the first half is taken, and the second is not answered.
        service.OnPublish = call => call.Messages.Count == 4 ? throw FakePubSub.Refusal(StatusCode.InvalidArgument)
            : call.Messages.Any(message => message.Attributes["message-id"] == last) ? call.HangAsync()
            : Task.CompletedTask;
        var watched = new Watched(batch, index: 1);
        var sending = sender.SendBatchAsync(watched, time.Token).AsTask();
        await watched.AskedAgain.WaitAsync(Token);
        await service.WaitForAsync(fake => fake.Calls.Count == 3, Token);

        await time.CancelAsync();

        var results = await sending;
        results[0].Should().Be(Accepted);
        results[2..].Should().OnlyContain(result => result == null);
    }

    [Fact]
    public async Task A_service_that_is_down_refuses_connections_and_is_found_again_when_it_is_back()
    {
        await using var service = await FakePubSub.StartAsync(FreePort.Take());
        await using var sender = PubSubWire.Sender(service);
        await sender.SendAsync(PubSubWire.Delivery(), Token);

        await service.StopAsync();
        (await sender.SendAsync(PubSubWire.Delivery(), Token)).Outcome.Should().Be(SendOutcome.Unavailable);
        (await sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(new SendResult(SendOutcome.Unavailable, Error: "connection refused"));
        await service.StartAgainAsync();

        (await sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(Accepted);
        service.Ledger.Distinct.Should().Be(2);
    }

    [Fact]
    public async Task A_connection_that_breaks_off_in_a_call_is_a_failure_of_the_service()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service);
        service.OnPublish = call =>
        {
            call.Http.Abort();
            return call.HangAsync();
        };

        (await sender.SendBatchAsync(PubSubWire.Batch(2), Token)).Should().AllBeEquivalentTo(
            new SendResult(SendOutcome.Unavailable, Error: "broken off by the receiver: HTTP/2 INTERNAL_ERROR"));
    }

    [Fact]
    public async Task A_service_that_goes_down_in_a_call_has_reset_the_connection()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service);
        service.OnPublish = call => call.HangAsync();
        var sending = sender.SendAsync(PubSubWire.Delivery(), Token);
        await service.WaitForAsync(fake => fake.Calls.Count == 1, Token);

        await service.StopAsync();

        (await sending).Should().Be(new SendResult(SendOutcome.Unavailable, Error: "connection reset"));
    }

    [Fact]
    public async Task A_server_that_speaks_something_else_is_no_Pub_Sub()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = PubSubWire.Transport(options => options.EmulatorHost = $"127.0.0.1:{receiver.Port}").CreateSender(PubSubWire.Publisher(), 10);

        (await sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Match<SendResult>(result => result.Outcome == SendOutcome.Unavailable && result.Error!.Length > 0);
    }

    [Fact]
    public async Task Publishers_share_no_connection()
    {
        await using var service = await FakePubSub.StartAsync();
        var transport = PubSubWire.Transport(options => options.EmulatorHost = service.Host);
        await using var first = transport.CreateSender(PubSubWire.Publisher(), 10);
        await using var second = transport.CreateSender(PubSubWire.Publisher(), 10);

        await first.SendAsync(PubSubWire.Delivery(), Token);
        await first.SendAsync(PubSubWire.Delivery(), Token);
        await second.SendAsync(PubSubWire.Delivery(), Token);

        var connections = service.Calls.Select(call => call.ConnectionId).ToList();
        connections[1].Should().Be(connections[0]);
        connections[2].Should().NotBe(connections[0]);
    }

    [Fact]
    public async Task Whoever_waits_for_the_answer_is_told_the_id_that_the_service_gave()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service);

        (await sender.SendAsync(PubSubWire.Delivery([], [], keepsAnswer: true), Token)).Answer.Should().Be("message id 1");
    }

    [Theory]
    [InlineData("my topic", 30, "*target is invalid*")]
    [InlineData("orders", 0, "*timeout (00:00:00) is out of range*")]
    public async Task A_row_that_cannot_be_used_says_so_and_calls_nobody(string target, int seconds, string error)
    {
        var publisher = PubSubWire.Publisher(new PublisherSettings { Timeout = TimeSpan.FromSeconds(seconds) }, target);
        await using var sender = PubSubWire.Transport(options => options.ProjectId = "shop").CreateSender(publisher, 10);

        (await sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Match<SendResult>(result => result.Outcome == SendOutcome.Unavailable)
            .And.Match<SendResult>(result => Matches(result.Error!, error));
    }

    private static bool Matches(string text, string pattern)
    {
        text.Should().Match(pattern);
        return true;
    }

    /// <summary>
    /// Tells when a delivery is looked at for the second time. The first is to make its message; the second is to book what came of it, in order: those before it are booked.
    /// </summary>
    private sealed class Watched(IReadOnlyList<Delivery> deliveries, int index) : IReadOnlyList<Delivery>
    {
        private readonly TaskCompletionSource _askedAgain = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _asked;

        public Task AskedAgain => _askedAgain.Task;

        public int Count => deliveries.Count;

        public Delivery this[int at]
        {
            get
            {
                if (at == index && Interlocked.Increment(ref _asked) == 2)
                {
                    _askedAgain.TrySetResult();
                }

                return deliveries[at];
            }
        }

        public IEnumerator<Delivery> GetEnumerator() => deliveries.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
