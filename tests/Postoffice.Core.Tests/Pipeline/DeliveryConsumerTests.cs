using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Diagnostics;
using Postoffice.Outcomes;
using Postoffice.Pipeline;
using Postoffice.Threading;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Pipeline;

public sealed class DeliveryConsumerTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<DeliveryMetrics>().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new();
    private readonly Channel<Delivery[]> _channel = Channel.CreateUnbounded<Delivery[]>();
    private readonly ScriptedTransport _transport = new();
    private readonly CancellationTokenSource _stopSending = new();
    private readonly DeliveryWindow _window;
    private readonly WakeSignal _producerWake;
    private readonly WakeSignal _settlerWake;
    private readonly LeaseHold _lease;
    private bool _isGone;

    public DeliveryConsumerTests()
    {
        var lease = new Lease(1, 1, 0, []);
        _window = DeliveryWindowTests.Window(_time, lease);
        _producerWake = new WakeSignal(_time);
        _settlerWake = new WakeSignal(_time);
        _lease = new LeaseHold(lease, long.MaxValue, _time);
    }

    [Fact]
    public async Task Sends_what_comes_and_books_it()
    {
        await ConsumeAsync(2);

        _window.TakeBatch()!.Delivered.Select(entry => entry.Position).Should().Equal(1, 2);
        await _settlerWake.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task While_the_lease_is_in_doubt_it_sends_nothing_and_gives_back()
    {
        _lease.Prolong(0);

        await ConsumeAsync(1);

        _transport.Sent.Should().BeEmpty();
        _window.TakeBatch().Should().BeNull();
        _window.BeginTurn();
        _window.TakeWaiting(parked: false)!.Message.Position.Should().Be(1);
        await _producerWake.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_attempt_that_our_own_stop_cuts_short_is_not_counted()
    {
        _transport.Answer = async (_, _, token) =>
        {
            await _stopSending.CancelAsync();
            token.ThrowIfCancellationRequested();
            return default;
        };

        await ConsumeAsync(3);

        _transport.Sent.Should().HaveCount(1, "the others are not begun any more");
        _window.TakeBatch().Should().BeNull();
        _window.InFlightCount.Should().Be(0);
    }

    [Fact]
    public async Task What_a_target_has_answered_is_booked_though_the_stop_came_meanwhile()
    {
        _transport.Answer = async (_, _, _) =>
        {
            await _stopSending.CancelAsync();
            return new SendResult(SendOutcome.Accepted, 200);
        };

        await ConsumeAsync(1);

        _window.TakeBatch()!.Delivered.Should().HaveCount(1);
    }

    [Fact]
    public async Task A_transport_that_gives_up_by_itself_has_failed_and_was_not_cut_short()
    {
        _transport.Answer = (_, _, _) => throw new OperationCanceledException("its own timeout");

        await ConsumeAsync(1);

        _window.TakeBatch()!.Failed.Should().ContainSingle().Which.Error.Should().Contain("scripted").And.Contain(nameof(OperationCanceledException));
    }

    [Fact]
    public async Task A_target_that_is_gone_is_told_and_its_delivery_is_parked()
    {
        _transport.Answer = (_, _, _) => new(new SendResult(SendOutcome.Gone, 410));

        await ConsumeAsync(1);

        _isGone.Should().BeTrue();
        _window.TakeBatch()!.Parked.Should().ContainSingle().Which.Reason.Should().Be("gone");
    }

    public void Dispose()
    {
        _services.Dispose();
        _window.Dispose();
        _stopSending.Dispose();
        _producerWake.Dispose();
        _settlerWake.Dispose();
    }

    private async Task ConsumeAsync(int count)
    {
        for (var position = 1; position <= count; position++)
        {
            _channel.Writer.TryWrite([DeliveryWindowTests.Begin(_window, DeliveryWindowTests.Message(position))]);
        }

        _channel.Writer.Complete();
        var publisher = DeliveryWindowTests.Publisher;
        await using var sender = _transport.CreateSender(publisher, 1);
        var consumer = new DeliveryConsumer(
            publisher, _lease, _window, new SendPipeline(publisher, sender, 1, new EgressWatch(), _time, NullLogger.Instance), _producerWake, _settlerWake, () => { }, () => _isGone = true,
            _services.GetRequiredService<DeliveryMetrics>(), _time, NullLogger.Instance);
        await consumer.RunAsync(_channel.Reader, _stopSending.Token);
    }
}
