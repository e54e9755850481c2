using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Diagnostics;
using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Threading;
using Postoffice.Transports;

namespace Postoffice.Pipeline;

/// <summary>One running publisher: producer, bounded channel, consumers and settler, from the taking of its lease to its end.</summary>
internal sealed partial class PublisherPipeline : IAsyncDisposable
{
    private readonly PipelineServices _services;
    private readonly ISender _sender;
    private readonly DeliveryWindow _window;
    private readonly TopicReader.Subscription _log;
    private readonly Channel<Delivery[]> _channel;
    private readonly DueClock _due;
    private readonly PublisherProducer _producer;
    private readonly DeliveryConsumer _consumer;
    private readonly Settler _settler;
    private readonly WakeSignal _producerWake;
    private readonly WakeSignal _settlerWake;
    private readonly RecentRate _delivered;
    private readonly CancellationTokenSource _stopReading = new();
    private readonly CancellationTokenSource _stopSending = new();
    private readonly CancellationTokenSource _stopSettling = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly Lock _abortLock = new();
    private readonly TaskCompletionSource _leaseLost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Task> _consuming = [];
    private Task _producing = Task.CompletedTask;
    private Task<bool> _settling = Task.FromResult(true);
    private bool _isDisposed;
    private int _gone;

    /// <summary>Where the cursor stands in the store.</summary>
    private long _cursor;

    public PublisherPipeline(Publisher publisher, LeaseHold lease, ITransport transport, PipelineServices services)
    {
        Publisher = publisher;
        Lease = lease;
        _cursor = lease.Lease.Cursor;
        _services = services;
        _producerWake = new WakeSignal(services.Time);
        _settlerWake = new WakeSignal(services.Time);
        _delivered = new RecentRate(services.Time);
        var maxBatch = Math.Clamp(transport.MaxBatchSize(publisher.Settings), 1, FlowControl.HighestDemand);
        _window = new DeliveryWindow(publisher, lease.Lease, services.Options, maxBatch, services.Slots, _producerWake.Wake, services.Time);
        _sender = transport.CreateSender(publisher, _window.MaxDemand);
        _log = services.Readers.GetOrAdd(publisher.TopicId).Subscribe(_producerWake, lease.Lease.Cursor);
        _channel = Channel.CreateBounded<Delivery[]>(new BoundedChannelOptions(_window.MaxDemand) { SingleWriter = true });
        _due = new DueClock(_producerWake, services.Time);
        _producer = new PublisherProducer(
            publisher, lease, _window, _log, services.Stores, maxBatch, _channel, EnsureConsumers, _due, _producerWake, _settlerWake,
            new OutageLog(services.Logger, $"Reading for publisher {publisher.Id}"));
        _consumer = new DeliveryConsumer(
            publisher, lease, _window, new SendPipeline(publisher, _sender, _window.MaxDemand, services.Egress, services.Time, services.Logger),
            _producerWake, _settlerWake, _producer.StartAgain, OnGone, services.Metrics, services.Time, services.Logger);
        _settler = new Settler(
            _window, services.Stores.Deliveries, _settlerWake, OnSettled, services.Options,
            new OutageLog(services.Logger, $"Writing the outcomes of publisher {publisher.Id}"), services.Time);
    }

    public Publisher Publisher { get; }

    public LeaseHold Lease { get; }

    /// <summary>Ends when the pipeline cannot go on: the store has said that the lease is lost, or the settler failed. Never, when it is stopped before.</summary>
    public Task LeaseLost => _leaseLost.Task;

    public void Start()
    {
        Log.Started(_services.Logger, Publisher.Id, Publisher.Topic, Publisher.Target, Lease.Lease.Epoch, Lease.Lease.Cursor);

        // What the owner before us could not deliver may be deliverable now.
        _producer.StartAgain();
        _settling = Task.Run(SettleAsync);
        _producing = Task.Run(() => _producer.RunAsync(_stopReading.Token));
    }

    /// <summary>The poll has found that the earliest parked delivery is due in so long.</summary>
    public void DueIn(TimeSpan delay) => _due.In(delay);

    /// <summary>How it does just now.</summary>
    public PublisherReport? Report() => _window.Report(_delivered.PerSecond());

    /// <summary>
    /// Stops in three steps: reads no more; waits for what is in flight, at most <see cref="PipelineOptions.DrainTimeout"/>; cancels the rest and writes what
    /// is known.
    /// </summary>
    /// <param name="cancellationToken">Cancelled when there is no time left at all: drops what is not written.</param>
    /// <returns>Whether all that is known is written.</returns>
    public async Task<bool> StopAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(static state => ((PublisherPipeline)state!).Abort(), this);

        await _stopReading.CancelAsync().ConfigureAwait(false);
        await _producing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await DrainAsync().ConfigureAwait(false);

        await _stopSettling.CancelAsync().ConfigureAwait(false);
        try
        {
            var settled = await _settling.ConfigureAwait(false) && await _settler.FlushAsync(_abort.Token).ConfigureAwait(false);
            Log.Stopped(_services.Logger, Publisher.Id, settled);
            return settled;
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            Log.Stopped(_services.Logger, Publisher.Id, settled: false);
            return false;
        }
    }

    /// <summary>Stops at once: the publisher is another's, or gone. Results that are not written are dropped; they would be refused anyway.</summary>
    public void Abort()
    {
        lock (_abortLock)
        {
            if (!_isDisposed)
            {
                // Not here and now: what is cancelled may run at once, and must not run under the lock.
                _ = _stopReading.CancelAsync();
                _ = _stopSending.CancelAsync();
                _ = _abort.CancelAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_abortLock)
        {
            _isDisposed = true;
        }

        _log.Dispose();
        _window.Dispose();
        await _sender.DisposeAsync().ConfigureAwait(false);
        _producerWake.Dispose();
        _settlerWake.Dispose();
        _stopReading.Dispose();
        _stopSending.Dispose();
        _stopSettling.Dispose();
        _abort.Dispose();
    }

    private async Task<bool> SettleAsync()
    {
        bool isHeld;
        try
        {
            isHeld = await _settler.RunAsync(_stopSettling.Token, _abort.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A fault of our own, or of a metric listener: without its settler the publisher must start anew, not stand still unseen.
            Log.SettlerFailed(_services.Logger, Publisher.Id, exception);
            _leaseLost.TrySetResult();
            return false;
        }

        if (!isHeld)
        {
            Log.Lost(_services.Logger, Publisher.Id);
            _leaseLost.TrySetResult();
        }

        return isHeld;
    }

    private async Task DrainAsync()
    {
        var drain = _services.Options.DrainTimeout;
        var consumers = Task.WhenAll(_consuming);
        try
        {
            await consumers.WaitAsync(drain, _services.Time, _abort.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            if (!_abort.IsCancellationRequested)
            {
                Log.DrainTimedOut(_services.Logger, Publisher.Id, drain);
            }

            await _stopSending.CancelAsync().ConfigureAwait(false);
            await consumers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Consumers are started as they are needed, so an idle publisher costs no task but its producer and settler, and one that sends batches no more than it
    /// has calls. Called by the producer only.
    /// </summary>
    /// <param name="handedOver">How many batches were handed over so far.</param>
    private void EnsureConsumers(long handedOver)
    {
        while (_consuming.Count < Math.Min(handedOver - _consumer.Done, _window.MaxDemand))
        {
            _consuming.Add(Task.Run(() => _consumer.RunAsync(_channel.Reader, _stopSending.Token)));
        }
    }

    private void OnSettled(SettleBatch batch)
    {
        _window.Written(batch);
        foreach (var parked in batch.Parked)
        {
            if (parked.Delay is { } delay)
            {
                _due.In(delay);
            }
        }

        // The cursor has moved: the window has room again.
        _producerWake.Wake();
        _delivered.Add(batch.Delivered.Count);
        _services.Activity.Settled(batch, advanced: batch.Cursor - _cursor);
        _cursor = batch.Cursor;
        _services.Metrics.Settled(Publisher, batch.Delivered.Count + batch.Failed.Count, batch.Skipped.Count);
        _services.Metrics.Delivered(Publisher, batch.Delivered, _services.Activity.ClockOffset);
    }

    private void OnGone()
    {
        // Many in flight hear the same; one of them pauses the publisher.
        if (Interlocked.Exchange(ref _gone, 1) == 0)
        {
            _ = _stopReading.CancelAsync();
            _services.Pause(Publisher, "gone");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.PipelineStarted, LogLevel.Information,
            "Publisher {PublisherId} delivers \"{Topic}\" to {Target} (epoch {Epoch}, cursor {Cursor})")]
        public static partial void Started(ILogger logger, long publisherId, string topic, string target, long epoch, long cursor);

        [LoggerMessage(EventIds.PipelineStopped, LogLevel.Information, "Publisher {PublisherId} stopped; all that is known is written: {Settled}")]
        public static partial void Stopped(ILogger logger, long publisherId, bool settled);

        [LoggerMessage(EventIds.PipelineLost, LogLevel.Warning, "Publisher {PublisherId} is no longer this node's; unwritten outcomes are dropped and may be repeated")]
        public static partial void Lost(ILogger logger, long publisherId);

        [LoggerMessage(EventIds.SettlerFailed, LogLevel.Error, "Publisher {PublisherId} starts anew: writing its outcomes failed for a reason of our own")]
        public static partial void SettlerFailed(ILogger logger, long publisherId, Exception exception);

        [LoggerMessage(EventIds.DrainTimedOut, LogLevel.Warning, "Publisher {PublisherId}: attempts still under way after {Drain} are cancelled and will be repeated")]
        public static partial void DrainTimedOut(ILogger logger, long publisherId, TimeSpan drain);
    }
}
