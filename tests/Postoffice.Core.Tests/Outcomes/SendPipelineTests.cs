using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Postoffice.Core.Tests.Pipeline;
using Postoffice.Deliveries;
using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Outcomes;

public sealed class SendPipelineTests : IDisposable
{
    private static readonly SendResult Accepted = new(SendOutcome.Accepted, 200);
    private static readonly SendResult Unreachable = new(SendOutcome.Unavailable, Error: "host unreachable", Fault: SendFault.Unreachable);

    private readonly FakeTimeProvider _time = new();
    private readonly EgressWatch _egress = new();
    private readonly ScriptedTransport _transport = new();
    private readonly CancellationTokenSource _stopSending = new();
    private Publisher _publisher = DeliveryWindowTests.Publisher with { Settings = new PublisherSettings { Timeout = TimeSpan.FromSeconds(2.5) } };

    [Fact]
    public async Task What_the_target_answers_is_returned()
    {
        _transport.Answer = (_, _, _) => new(Accepted);

        (await SendAsync()).Should().Be(Accepted);
    }

    [Fact]
    public async Task An_attempt_that_takes_too_long_is_a_timeout()
    {
        _transport.Answer = HangAsync;
        var attempt = SendAsync();

        _time.Advance(TimeSpan.FromSeconds(2.5) - TimeSpan.FromTicks(1));
        attempt.IsCompleted.Should().BeFalse();
        _time.Advance(TimeSpan.FromTicks(1));

        (await attempt).Should().Be(new SendResult(SendOutcome.Unavailable, Error: "timeout after 2.5 s", Fault: SendFault.Timeout));
    }

    [Fact]
    public async Task A_transport_with_an_exception_of_its_own_for_being_cancelled_is_a_timeout_too()
    {
        _transport.Answer = async (_, _, token) =>
        {
            await ScriptedTransport.NeverAsync(token).ContinueWith(_ => { }, TaskScheduler.Default);
            throw new InvalidOperationException("status: cancelled");
        };
        var attempt = SendAsync();
        _time.Advance(_publisher.Settings.Timeout);

        (await attempt).Fault.Should().Be(SendFault.Timeout);
    }

    [Fact]
    public async Task What_the_target_answered_counts_though_the_deadline_came_meanwhile()
    {
        _transport.Answer = (_, _, _) =>
        {
            _time.Advance(_publisher.Settings.Timeout);
            return new(Accepted);
        };

        (await SendAsync()).Should().Be(Accepted);
    }

    [Fact]
    public async Task A_transport_that_throws_has_failed()
    {
        _transport.Answer = (_, _, _) => throw new InvalidOperationException("secret");

        (await SendAsync()).Should().Be(new SendResult(SendOutcome.Unavailable, Error: "The transport \"scripted\" failed: InvalidOperationException"));
    }

    [Fact]
    public async Task A_transport_that_gives_up_by_itself_has_failed_and_was_not_cut_short()
    {
        _transport.Answer = (_, _, _) => throw new OperationCanceledException("its own timeout");

        (await SendAsync()).Error.Should().Be("The transport \"scripted\" failed: OperationCanceledException");
    }

    [Fact]
    public async Task An_attempt_that_our_own_stop_cuts_short_has_no_outcome()
    {
        _transport.Answer = HangAsync;
        var attempt = SendAsync();
        await _stopSending.CancelAsync();

        await attempt.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        await this.Invoking(tests => tests.SendAsync()).Should().ThrowAsync<OperationCanceledException>();
        _transport.Sent.Should().HaveCount(1, "after the stop none is begun");
    }

    [Fact]
    public async Task What_the_target_answered_counts_though_the_stop_came_meanwhile()
    {
        _transport.Answer = async (_, _, _) =>
        {
            await _stopSending.CancelAsync();
            return Accepted;
        };

        (await SendAsync()).Should().Be(Accepted);
    }

    [Fact]
    public async Task The_nodes_own_fault_is_told_as_such()
    {
        var result = new SendResult(SendOutcome.Unavailable, Error: "no more sockets", Fault: SendFault.Local);
        _transport.Answer = (_, _, _) => new(result);

        (await SendAsync()).Should().Be(result);
    }

    [Fact]
    public async Task Unreachable_becomes_the_nodes_own_fault_when_another_publisher_meets_the_same()
    {
        _transport.Answer = (_, _, _) => new(Unreachable);
        (await SendAsync()).Should().Be(Unreachable);

        _publisher = _publisher with { Target = "https://elsewhere.example/" };
        (await SendAsync()).Should().Be(Unreachable with { Fault = SendFault.Local });
    }

    [Fact]
    public async Task A_last_bound_keeps_attempts_beyond_the_demand_from_the_transport()
    {
        var answer = new TaskCompletionSource<SendResult>();
        _transport.Answer = (_, _, _) => new(answer.Task);
        var pipeline = Pipeline(maxInFlight: 1);
        var first = pipeline.SendAsync(Delivery(), _stopSending.Token).AsTask();

        (await pipeline.SendAsync(Delivery(), _stopSending.Token)).Fault.Should().Be(SendFault.Local);
        answer.SetResult(Accepted);
        (await first).Should().Be(Accepted);
        (await pipeline.SendAsync(Delivery(), _stopSending.Token)).Should().Be(Accepted);
        (_transport.MaxInFlight, _transport.Sent.Count).Should().Be((1, 2));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1e9)]
    public async Task A_publisher_whose_row_has_a_timeout_out_of_range_can_still_be_run(double seconds)
    {
        // Its transport says what is wrong with it.
        _publisher = _publisher with { Settings = new PublisherSettings { Timeout = TimeSpan.FromSeconds(seconds) } };

        (await SendAsync()).Should().Be(Accepted);
    }

    [Fact]
    public async Task A_batch_goes_out_in_one_call_and_each_of_it_has_a_result_of_its_own()
    {
        _transport.AnswerBatch = (_, deliveries, _) => new([.. deliveries.Select(delivery => (SendResult?)(delivery.Message.Position == 2 ? Unreachable : Accepted))]);

        (await SendBatchAsync(3)).Should().Equal(Accepted, Unreachable, Accepted);
        _transport.Batches.Should().Equal(3);
    }

    [Fact]
    public async Task A_batch_of_one_is_a_single_delivery()
    {
        (await SendBatchAsync(1)).Should().Equal(Accepted);
        _transport.Batches.Should().BeEmpty();
    }

    [Fact]
    public async Task A_batch_that_takes_too_long_has_timed_out_as_far_as_nothing_is_known_of_it()
    {
        _transport.AnswerBatch = async (_, deliveries, token) =>
        {
            await ScriptedTransport.NeverAsync(token).ContinueWith(_ => { }, TaskScheduler.Default);
            return [Accepted, null, null];
        };
        var attempt = SendBatchAsync(3);
        _time.Advance(_publisher.Settings.Timeout);

        var timeout = new SendResult(SendOutcome.Unavailable, Error: "timeout after 2.5 s", Fault: SendFault.Timeout);
        (await attempt).Should().Equal(Accepted, timeout, timeout);
    }

    [Fact]
    public async Task A_batch_that_takes_too_long_without_an_answer_has_timed_out_whole()
    {
        _transport.AnswerBatch = async (_, _, token) =>
        {
            await ScriptedTransport.NeverAsync(token);
            return [];
        };
        var attempt = SendBatchAsync(2);
        _time.Advance(_publisher.Settings.Timeout);

        (await attempt).Should().HaveCount(2).And.OnlyContain(result => result!.Value.Fault == SendFault.Timeout);
    }

    [Fact]
    public async Task Of_a_batch_that_our_own_stop_cuts_short_what_is_known_counts_and_the_rest_has_no_outcome()
    {
        _transport.AnswerBatch = async (_, deliveries, token) =>
        {
            await _stopSending.CancelAsync();
            return [null, Accepted];
        };

        (await SendBatchAsync(2)).Should().Equal(null, Accepted);
    }

    [Fact]
    public async Task A_batch_that_our_own_stop_cuts_short_before_any_answer_has_no_outcome()
    {
        _transport.AnswerBatch = async (_, _, token) =>
        {
            await _stopSending.CancelAsync();
            token.ThrowIfCancellationRequested();
            return [];
        };

        await this.Invoking(tests => tests.SendBatchAsync(2)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task A_transport_that_says_too_little_of_a_batch_has_failed()
    {
        _transport.AnswerBatch = (_, _, _) => new([Accepted]);

        (await SendBatchAsync(2)).Should().HaveCount(2).And.OnlyContain(result => result!.Value.Error == "The transport \"scripted\" failed: InvalidOperationException");
    }

    public void Dispose() => _stopSending.Dispose();

    private static async ValueTask<SendResult> HangAsync(Publisher publisher, Delivery delivery, CancellationToken cancellationToken)
    {
        await ScriptedTransport.NeverAsync(cancellationToken);
        return default;
    }

    private static Delivery Delivery(long position = 1) => new() { Message = DeliveryWindowTests.Message(position), Attempt = 1 };

    private async Task<SendResult?[]> SendBatchAsync(int count) =>
        await Pipeline(maxInFlight: 8).SendAsync([.. Enumerable.Range(1, count).Select(position => Delivery(position))], _stopSending.Token);

    private async Task<SendResult> SendAsync() => await Pipeline(maxInFlight: 8).SendAsync(Delivery(), _stopSending.Token);

    private SendPipeline Pipeline(int maxInFlight) => new(
        _publisher, _transport.CreateSender(_publisher, maxInFlight), maxInFlight, _egress, _time, NullLogger.Instance);
}
