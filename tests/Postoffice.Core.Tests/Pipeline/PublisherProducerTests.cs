using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Postoffice.Cluster;
using Postoffice.Diagnostics;
using Postoffice.Core.Tests.Storage;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Outcomes;
using Postoffice.Pipeline;
using Postoffice.Storage;
using Postoffice.Storage.InMemory;
using Postoffice.Threading;

namespace Postoffice.Core.Tests.Pipeline;

public sealed class PublisherProducerTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ScriptedMessageLog _log = ScriptedMessageLog.WithOneTopic();
    private readonly TopicReader _reader;
    private readonly DueStore _due = new();
    private readonly IOrderingKeyStore _keys = new InMemoryOrderingKeyStore(new InMemoryDatabase(TimeProvider.System));
    private readonly IReplayStore _replays = new InMemoryReplayStore(new InMemoryDatabase(TimeProvider.System));
    private readonly DeliveryWindow _window;
    private readonly WakeSignal _wake;
    private readonly WakeSignal _settlerWake;
    private readonly Channel<Delivery[]> _channel = Channel.CreateBounded<Delivery[]>(20);
    private readonly LeaseHold _lease;
    private readonly DueClock _dueClock;
    private readonly PublisherProducer _producer;
    private Task _running = Task.CompletedTask;

    public PublisherProducerTests()
    {
        var lease = new Lease(1, 1, 0, [0b100]);
        _reader = new TopicReader(1, _log);
        _window = DeliveryWindowTests.Window(_time, lease);
        _wake = new WakeSignal(_time);
        _settlerWake = new WakeSignal(_time);
        _lease = new LeaseHold(lease, long.MaxValue, _time);
        _dueClock = new DueClock(_wake, _time);
        _producer = new PublisherProducer(
            DeliveryWindowTests.Publisher, _lease, _window, _reader.Subscribe(_wake, 0), new PipelineStores(_due, _keys, _replays), maxBatch: 1, _channel, _ => { }, _dueClock, _wake, _settlerWake,
            new OutageLog(NullLogger.Instance, "Reading"));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_what_is_asked_for_and_no_more_and_leaves_out_what_is_settled()
    {
        await GrowAsync(100);
        Start();

        var first = await TakeAsync(19);
        first.Select(delivery => delivery.Message.Position).Should().Equal([1, 2, .. Enumerable.Range(4, 16).Select(n => (long)n), 20]);
        (await TakeAsync(1))[0].Message.Position.Should().Be(21, "3 was settled by an owner before");
        _window.InFlightCount.Should().Be(20);

        for (var finished = 0; finished < 10; finished++)
        {
            _channel.Reader.TryRead(out _).Should().BeFalse("half of the demand has to finish first");
            DeliveryWindowTests.Finish(_window, first[finished], DecisionKind.Deliver);
        }

        _wake.Wake();
        (await TakeAsync(10)).Select(delivery => delivery.Message.Position).Should().Equal(Enumerable.Range(22, 10).Select(n => (long)n));
    }

    [Fact]
    public async Task Parked_deliveries_come_first_and_leave_half_of_the_demand_to_new_mail()
    {
        await GrowAsync(100);
        _due.Rows.AddRange(Enumerable.Range(1_000, 50).Select(position => new DueDelivery(DeliveryWindowTests.Message(position), 3)));
        _dueClock.In(TimeSpan.Zero);
        Start();

        // The twentieth place goes to new mail: one position of its share was settled.
        var deliveries = await TakeAsync(19);
        deliveries.Take(10).Should().OnlyContain(delivery => delivery.IsParked && delivery.Attempt == 4);
        deliveries.Skip(10).Should().OnlyContain(delivery => !delivery.IsParked && delivery.Attempt == 1);
    }

    [Fact]
    public async Task Without_new_mail_parked_deliveries_have_all_of_the_demand()
    {
        _due.Rows.AddRange(Enumerable.Range(1_000, 50).Select(position => new DueDelivery(DeliveryWindowTests.Message(position), 3)));
        _dueClock.In(TimeSpan.Zero);
        Start();

        (await TakeAsync(20)).Should().OnlyContain(delivery => delivery.IsParked);
    }

    [Fact]
    public async Task Parked_deliveries_are_read_when_they_are_due_and_not_before()
    {
        Start();
        _dueClock.In(TimeSpan.FromSeconds(10));
        _due.Rows.Add(new DueDelivery(DeliveryWindowTests.Message(1_000), 1));

        _time.Advance(TimeSpan.FromSeconds(9));
        _due.Reads.Should().Be(0);
        while (_due.Reads == 0)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _wake.Wake();
            await Task.Yield();
        }

        (await TakeAsync(1))[0].Message.Position.Should().Be(1_000);
    }

    [Fact]
    public async Task A_due_time_that_passes_while_the_log_is_read_is_not_slept_over()
    {
        // One millisecond less than nothing is what a timer takes for "for ever".
        _dueClock.In(TimeSpan.FromMilliseconds(10));
        _reader.RaiseHead(1);
        await _wake.WaitAsync(Token);
        _log.BeforeRead = () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(11));
            _log.BeforeRead = () => Task.CompletedTask;
            return Task.CompletedTask;
        };
        _due.Rows.Add(new DueDelivery(DeliveryWindowTests.Message(1_000), 1));
        Start();

        (await TakeAsync(1))[0].Message.Position.Should().Be(1_000);
    }

    [Fact]
    public async Task What_was_given_back_while_the_lease_was_in_doubt_goes_out_again_before_new_mail()
    {
        await GrowAsync(3);
        _window.GiveBack(DeliveryWindowTests.Begin(_window, DeliveryWindowTests.Message(200)));
        Start();

        (await TakeAsync(3)).Select(delivery => delivery.Message.Position).Should().Equal(200, 1, 2);
    }

    [Fact]
    public async Task While_the_lease_is_in_doubt_nothing_is_read()
    {
        await GrowAsync(3);
        _lease.Prolong(0);
        Start();
        _log.Reads.Should().BeEmpty();
        _channel.Reader.TryRead(out _).Should().BeFalse();

        _lease.Prolong(long.MaxValue);
        _wake.Wake();
        await TakeAsync(2);
    }

    [Fact]
    public async Task A_window_that_is_full_has_its_stragglers_parked()
    {
        await GrowAsync(400);
        Start();
        var straggler = (await TakeAsync(1))[0];
        while (!straggler.IsParked)
        {
            FinishAllOthers();
            _wake.Wake();
            await Task.Yield();
        }

        FinishAllOthers();
        await _settlerWake.WaitAsync(Token);
        var batch = _window.TakeBatch()!;
        batch.Parked.Select(parked => parked.Position).Should().Equal(1);
        batch.Cursor.Should().Be(256);

        void FinishAllOthers()
        {
            while (_channel.Reader.TryRead(out var sent))
            {
                DeliveryWindowTests.Finish(_window, sent.Single(), DecisionKind.Deliver);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _window.Dispose();
        _wake.Dispose();
        _settlerWake.Dispose();
    }

    private void Start() => _running = Task.Run(() => _producer.RunAsync(_stop.Token), Token);

    private async Task GrowAsync(int count)
    {
        var messages = await _log.GrowAsync(count);
        _reader.RaiseHead(messages[^1].Position);
    }

    private async Task<List<Delivery>> TakeAsync(int count)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        var deliveries = new List<Delivery>();
        while (deliveries.Count < count)
        {
            deliveries.AddRange(await _channel.Reader.ReadAsync(patience.Token));
        }

        return deliveries;
    }

    /// <summary>Hands its parked deliveries out once each.</summary>
    private sealed class DueStore : IDeliveryStore
    {
        private int _reads;

        public List<DueDelivery> Rows { get; } = [];

        public int Reads => Volatile.Read(ref _reads);

        public Task<IReadOnlyList<DueDelivery>> ReadDueAsync(
            long topicId, long publisherId, IReadOnlyCollection<long> except, int max, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _reads);
            var due = Rows.Take(max).ToList();
            Rows.RemoveRange(0, due.Count);
            return Task.FromResult<IReadOnlyList<DueDelivery>>(due);
        }

        public Task<SettleStatus> SettleAsync(SettleBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<int> MakeUnavailableDueAsync(long topicId, long publisherId, long epoch, CancellationToken cancellationToken) => Task.FromResult(0);

        public Task<MakeDueStatus> MakeDueAsync(long topicId, long publisherId, long position, CancellationToken cancellationToken) =>
            Task.FromResult(MakeDueStatus.NotParked);

        public Task<IReadOnlyDictionary<long, TimeSpan>> NextDueAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<DeliveryState>> StatesAsync(Message message, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
