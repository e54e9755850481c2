using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postoffice.Cluster;
using Postoffice.Diagnostics;
using Postoffice.Publishers;
using Postoffice.Startup;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Postoffice.Pipeline;

/// <summary>
/// Runs the publishers whose leases this node holds: takes what is free, starts a pipeline for each, follows changes, stops what is paused, deleted or lost.
/// Two loops: one renews the leases and does nothing else, so that nothing slow can delay it; one looks around (<see cref="PipelineOptions.PollInterval"/>).
/// </summary>
internal sealed partial class PipelineSupervisor : IHostedService, IDisposable
{
    private readonly LeaseKeeper _leases;
    private readonly IPublisherStore _publishers;
    private readonly IMessageLog _log;
    private readonly IDeliveryStore _deliveries;
    private readonly TopicReaders _readers;
    private readonly Dictionary<string, ITransport> _transports;
    private readonly StorageStartup _storage;
    private readonly PublisherChanges _changes;
    private readonly PipelineOptions _options;
    private readonly ClusterOptions _cluster;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PipelineServices _services;
    private readonly SemaphoreSlim _nodeSlots;
    private readonly ConcurrentDictionary<long, RunningPublisher> _running = new();

    /// <summary>Leases that are taken and not acted on yet. Renewals prolong them, so they must not be forgotten when the store fails in between.</summary>
    private readonly Dictionary<long, LeaseHold> _taken = [];
    private readonly CancellationTokenSource _stopLooking = new();
    private readonly CancellationTokenSource _stopRenewing = new();
    private Task _looking = Task.CompletedTask;
    private Task _renewing = Task.CompletedTask;

    public PipelineSupervisor(
        LeaseKeeper leases,
        IPublisherStore publishers,
        IMessageLog log,
        IDeliveryStore deliveries,
        TopicReaders readers,
        IEnumerable<ITransport> transports,
        StorageStartup storage,
        PublisherChanges changes,
        DeliveryMetrics metrics,
        PipelineOptions options,
        ClusterOptions cluster,
        TimeProvider time,
        ILogger<PipelineSupervisor> logger)
    {
        _leases = leases;
        _publishers = publishers;
        _log = log;
        _deliveries = deliveries;
        _readers = readers;
        _transports = transports.ToDictionary(transport => transport.Type, StringComparer.Ordinal);
        _storage = storage;
        _changes = changes;
        _options = options;
        _cluster = cluster;
        _time = time;
        _logger = logger;
        _nodeSlots = new SemaphoreSlim(_options.MaxInFlight);
        _services = new PipelineServices(readers, deliveries, _nodeSlots, metrics, _options, time, logger, (publisher, reason) => _ = PauseAsync(publisher, reason));
    }

    /// <summary>Whether this node runs the publisher just now.</summary>
    public bool Runs(long publisherId) => _running.ContainsKey(publisherId);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.Enabled)
        {
            _looking = Task.Run(() => LookAsync(_stopLooking.Token), CancellationToken.None);
            _renewing = Task.Run(() => RenewAsync(_stopRenewing.Token), CancellationToken.None);
        }

        return Task.CompletedTask;
    }

    /// <summary>Takes nothing more, drains and settles all pipelines side by side, gives their leases back.</summary>
    /// <param name="cancellationToken">Cancelled when the host has no patience left: what is in flight then is repeated by the next owner.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopLooking.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(false);
        await Task.WhenAll(_taken.Values.Select(ReleaseAsync)).ConfigureAwait(false);
        await Task.WhenAll(_running.Values.Select(running => StopAsync(running, cancellationToken))).ConfigureAwait(false);

        // Leases are renewed to the end: draining may take longer than they last.
        await _stopRenewing.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
    }

    public void Dispose()
    {
        _stopLooking.Dispose();
        _stopRenewing.Dispose();
        _nodeSlots.Dispose();
    }

    private async Task LookAsync(CancellationToken stop)
    {
        await _storage.Ready.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await StartFreePublishersAsync(stop).ConfigureAwait(false);
                await FollowChangesAsync(stop).ConfigureAwait(false);
                await HearNewsAsync(stop).ConfigureAwait(false);
                _readers.Trim();
                await _changes.WaitAsync(Jittered(_options.PollInterval), stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.PollFailed(_logger, exception);
                await Task.Delay(Jittered(_options.PollInterval), _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RenewAsync(CancellationToken stop)
    {
        await _storage.Ready.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                foreach (var lost in await _leases.RenewAsync([.. _running.Values.Select(running => running.Hold)], stop).ConfigureAwait(false))
                {
                    await GiveUpAsync(lost, stop).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                // The leases run out by themselves if this goes on; the pipelines stop sending in time.
                Log.RenewFailed(_logger, exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(_cluster.RenewInterval, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A renewal left it out: it is paused, deleted or another's. One that is only paused may finish what it has in hand.</summary>
    private async Task GiveUpAsync(LeaseHold lost, CancellationToken stop)
    {
        if (!_running.TryGetValue(lost.Lease.PublisherId, out var running) || running.Hold != lost || running.IsStopping)
        {
            return;
        }

        if (await _publishers.FindAsync(lost.Lease.PublisherId, stop).ConfigureAwait(false) is { Active: false })
        {
            _ = StopAsync(running, CancellationToken.None);
            return;
        }

        running.Pipeline?.Abort();
        _ = StopAsync(running, CancellationToken.None);
    }

    private async Task StartFreePublishersAsync(CancellationToken stop)
    {
        foreach (var hold in await _leases.AcquireAsync(stop).ConfigureAwait(false))
        {
            _taken[hold.Lease.PublisherId] = hold;
        }

        if (_taken.Count == 0)
        {
            return;
        }

        var topics = new HashSet<long>();
        foreach (var publisher in await _publishers.FindManyAsync(_taken.Keys, stop).ConfigureAwait(false))
        {
            Start(publisher, _taken[publisher.Id]);
            topics.Add(publisher.TopicId);
        }

        _taken.Clear();
        foreach (var (topicId, head) in await _log.HeadsAsync(topics, stop).ConfigureAwait(false))
        {
            _readers.RaiseHead(topicId, head);
        }
    }

    private void Start(Publisher publisher, LeaseHold hold)
    {
        if (Runs(publisher.Id))
        {
            // The one before is still stopping; its lease had run out meanwhile. Take its place when it has ended.
            _ = ReleaseAsync(hold);
            return;
        }

        // Only this loop adds.
        var running = new RunningPublisher(publisher, hold, CreatePipeline(publisher, hold));
        _running[publisher.Id] = running;
        if (running.Pipeline is { } pipeline)
        {
            pipeline.Start();
            _ = WatchAsync(running, pipeline);
        }
    }

    private PublisherPipeline? CreatePipeline(Publisher publisher, LeaseHold hold)
    {
        if (!_transports.TryGetValue(publisher.Type, out var transport))
        {
            Log.NoTransport(_logger, publisher.Id, publisher.Type);
            return null;
        }

        try
        {
            return new PublisherPipeline(publisher, hold, transport, _services);
        }
        catch (Exception exception)
        {
            // A publisher whose settings its transport cannot work with concerns nobody but itself.
            Log.PipelineFailed(_logger, publisher.Id, exception);
            return null;
        }
    }

    /// <summary>A pipeline that ends by itself has lost its lease, or failed.</summary>
    private async Task WatchAsync(RunningPublisher running, PublisherPipeline pipeline)
    {
        await pipeline.Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!running.IsStopping)
        {
            pipeline.Abort();
            await StopAsync(running, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>A publisher that was changed gets a new pipeline, one that was paused or deleted none.</summary>
    private async Task FollowChangesAsync(CancellationToken stop)
    {
        if (_running.IsEmpty)
        {
            return;
        }

        var now = (await _publishers.FindManyAsync([.. _running.Keys], stop).ConfigureAwait(false)).ToDictionary(publisher => publisher.Id);
        foreach (var running in _running.Values)
        {
            if (running.IsStopping)
            {
                continue;
            }

            if (!now.TryGetValue(running.Publisher.Id, out var publisher))
            {
                running.Pipeline?.Abort();
                _ = StopAsync(running, CancellationToken.None);
            }
            else if (publisher.Version != running.Publisher.Version)
            {
                _ = StopAsync(running, CancellationToken.None);
            }
        }
    }

    /// <summary>What nobody told this node of: messages of other nodes, parked deliveries that are due.</summary>
    private async Task HearNewsAsync(CancellationToken stop)
    {
        var pipelines = _running.Values.Where(running => running.Pipeline is not null).ToList();
        if (pipelines.Count == 0)
        {
            return;
        }

        var topics = pipelines.Select(running => running.Publisher.TopicId).ToHashSet();
        foreach (var (topicId, head) in await _log.HeadsAsync(topics, stop).ConfigureAwait(false))
        {
            _readers.RaiseHead(topicId, head);
        }

        var ids = pipelines.ConvertAll(running => running.Publisher.Id);
        foreach (var (publisherId, delay) in await _deliveries.NextDueAsync(ids, stop).ConfigureAwait(false))
        {
            if (_running.TryGetValue(publisherId, out var running))
            {
                running.Pipeline?.DueIn(delay);
            }
        }
    }

    private async Task StopAsync(RunningPublisher running, CancellationToken cancellationToken)
    {
        // Several may want it stopped; one does it, all wait for it.
        await running.StopOnceAsync(async () =>
        {
            if (running.Pipeline is { } pipeline)
            {
                try
                {
                    await pipeline.StopAsync(_options.DrainTimeout, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception exception)
                {
                    Log.PipelineFailed(_logger, running.Publisher.Id, exception);
                }

                await pipeline.DisposeAsync().ConfigureAwait(false);
            }

            await ReleaseAsync(running.Hold).ConfigureAwait(false);
            _running.TryRemove(KeyValuePair.Create(running.Publisher.Id, running));
            _changes.Notify();
        }).ConfigureAwait(false);
    }

    private async Task ReleaseAsync(LeaseHold hold)
    {
        try
        {
            await _leases.ReleaseAsync(hold, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StorageUnavailableException exception)
        {
            // It runs out by itself.
            Log.ReleaseFailed(_logger, hold.Lease.PublisherId, exception);
        }
    }

    /// <summary>Tries until the store has it: a receiver that is gone must not be asked again.</summary>
    private async Task PauseAsync(Publisher publisher, string reason)
    {
        Log.Paused(_logger, publisher.Id, publisher.Target, reason);
        while (!_stopLooking.IsCancellationRequested)
        {
            try
            {
                await _publishers.UpdateAsync(publisher.Id, new PublisherChange { Active = false, PausedReason = reason }, CancellationToken.None).ConfigureAwait(false);
                _changes.Notify();
                return;
            }
            catch (StorageUnavailableException exception)
            {
                Log.PollFailed(_logger, exception);
                await Task.Delay(Jittered(_options.PollInterval), _time).ConfigureAwait(false);
            }
        }
    }

    private static TimeSpan Jittered(TimeSpan interval) => interval * (0.8 + (0.4 * Random.Shared.NextDouble()));

    /// <summary>A publisher whose lease this node holds. Without a pipeline when no transport here can serve it: the lease is kept, so that nobody spins on it.</summary>
    private sealed class RunningPublisher(Publisher publisher, LeaseHold hold, PublisherPipeline? pipeline)
    {
        private readonly Lock _lock = new();
        private Task? _stopping;

        public Publisher Publisher => publisher;

        public LeaseHold Hold => hold;

        public PublisherPipeline? Pipeline => pipeline;

        public bool IsStopping => Volatile.Read(ref _stopping) is not null;

        public Task StopOnceAsync(Func<Task> stop)
        {
            lock (_lock)
            {
                return _stopping ??= Task.Run(stop);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.PollFailed, LogLevel.Warning, "Cannot look for publishers and messages; trying again")]
        public static partial void PollFailed(ILogger logger, Exception exception);

        [LoggerMessage(EventIds.LeaseRoundFailed, LogLevel.Warning, "Cannot renew the leases; trying again")]
        public static partial void RenewFailed(ILogger logger, Exception exception);

        [LoggerMessage(EventIds.ReleaseFailed, LogLevel.Warning, "Cannot give back the lease of publisher {PublisherId}; it runs out by itself")]
        public static partial void ReleaseFailed(ILogger logger, long publisherId, Exception exception);

        [LoggerMessage(EventIds.NoTransport, LogLevel.Error, "Publisher {PublisherId} has type \"{Type}\", for which no transport is registered; it delivers nothing")]
        public static partial void NoTransport(ILogger logger, long publisherId, string type);

        [LoggerMessage(EventIds.PipelineFailed, LogLevel.Error, "Publisher {PublisherId} failed; unwritten outcomes are dropped and may be repeated")]
        public static partial void PipelineFailed(ILogger logger, long publisherId, Exception exception);

        [LoggerMessage(EventIds.PublisherPaused, LogLevel.Warning, "Publisher {PublisherId} is paused: {Target} says {Reason}. Nothing is lost; resume it with PATCH /api/publishers/{PublisherId}")]
        public static partial void Paused(ILogger logger, long publisherId, string target, string reason);
    }
}
