using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postoffice.Activity;
using Postoffice.Cluster;
using Postoffice.Diagnostics;
using Postoffice.Outcomes;
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
    private readonly PipelineStores _stores;
    private readonly TopicReaders _readers;
    private readonly StorageStartup _storage;
    private readonly PublisherChanges _changes;
    private readonly PipelineOptions _options;
    private readonly ClusterOptions _cluster;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RunningPublishers _running;

    /// <summary>Leases that were taken and not started yet. Nobody renews them, so those that are kept too long run out.</summary>
    private readonly Dictionary<long, LeaseHold> _taken = [];
    private readonly OutageLog _renewOutage;
    private readonly (OutageLog Outage, Func<CancellationToken, Task> Look)[] _looks;
    private readonly CancellationTokenSource _stopLooking = new();
    private readonly CancellationTokenSource _stopRenewing = new();
    private bool _isDisposed;
    private Task _looking = Task.CompletedTask;
    private Task _renewing = Task.CompletedTask;

    public PipelineSupervisor(
        LeaseKeeper leases,
        IPublisherStore publishers,
        IMessageLog log,
        PipelineStores stores,
        TopicReaders readers,
        IEnumerable<ITransport> transports,
        IEnumerable<UnconfiguredTransport> unconfigured,
        StorageStartup storage,
        PublisherChanges changes,
        DeliveryMetrics metrics,
        ActivityRecorder activity,
        PipelineOptions options,
        ClusterOptions cluster,
        TimeProvider time,
        ILogger<PipelineSupervisor> logger)
    {
        _leases = leases;
        _publishers = publishers;
        _log = log;
        _stores = stores;
        _readers = readers;
        _storage = storage;
        _changes = changes;
        _options = options;
        _cluster = cluster;
        _time = time;
        _logger = logger;
        _running = new RunningPublishers(leases, transports, unconfigured, changes, new PipelineServices(
            readers, stores, new NodeSlots(options.MaxInFlight), new EgressWatch(), metrics, activity, options, time, logger,
            (publisher, reason) => _ = PauseAsync(publisher, reason)));
        _renewOutage = new OutageLog(logger, "Renewing the leases");
        _looks =
        [
            (new OutageLog(logger, "Looking for free publishers"), StartFreePublishersAsync),
            (new OutageLog(logger, "Looking for changed publishers"), FollowChangesAsync),
            (new OutageLog(logger, "Looking for messages and due deliveries"), HearNewsAsync),
        ];
    }

    /// <summary>Whether this node has the publisher in hand just now.</summary>
    public bool Runs(long publisherId) => _running.Find(publisherId) is not null;

    /// <returns>How a publisher that this node runs does just now; null when it runs elsewhere or nowhere.</returns>
    public PublisherReport? Report(long publisherId) => _running.Find(publisherId)?.Pipeline?.Report();

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
        await _running.StopAllAsync(cancellationToken).ConfigureAwait(false);

        // Leases are renewed to the end: draining may take longer than they last.
        await _stopRenewing.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
    }

    public void Dispose()
    {
        // The container knows it under two names and disposes it twice.
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;

        // The application may have failed to start, and then nobody has stopped us.
        _stopLooking.Cancel();
        _stopRenewing.Cancel();
        _stopLooking.Dispose();
        _stopRenewing.Dispose();
    }

    private async Task LookAsync(CancellationToken stop)
    {
        await _storage.Ready.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stop.IsCancellationRequested)
        {
            foreach (var (outage, look) in _looks)
            {
                await TryAsync(outage, look, stop).ConfigureAwait(false);
            }

            _readers.Trim();
            await _changes.WaitAsync(Jittered(_options.PollInterval), stop).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RenewAsync(CancellationToken stop)
    {
        await _storage.Ready.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stop.IsCancellationRequested)
        {
            // If this goes on the leases run out by themselves, and the pipelines stop sending in time.
            await TryAsync(_renewOutage, RenewOnceAsync, stop).ConfigureAwait(false);
            await Task.Delay(_cluster.RenewInterval, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RenewOnceAsync(CancellationToken stop)
    {
        var held = _running.All.Select(running => (running.Hold, running.Pipeline?.Report()?.ToJson())).ToList();
        foreach (var hold in await _leases.RenewAsync(held, stop).ConfigureAwait(false))
        {
            if (_running.Find(hold.Lease.PublisherId) is { } running && running.Hold == hold)
            {
                _running.Stop(running);
            }
        }
    }

    private async Task StartFreePublishersAsync(CancellationToken stop)
    {
        foreach (var hold in await _leases.AcquireAsync([.. _running.Ids, .. _taken.Keys], stop).ConfigureAwait(false))
        {
            _taken.Add(hold.Lease.PublisherId, hold);
        }

        if (_taken.Count == 0)
        {
            return;
        }

        // If this fails the leases are still ours: the next look goes on with them.
        var publishers = await _publishers.FindManyAsync(_taken.Keys, stop).ConfigureAwait(false);
        var topics = new HashSet<long>();
        foreach (var publisher in publishers)
        {
            if (!_taken.Remove(publisher.Id, out var hold) || !hold.IsValid)
            {
                continue;
            }

            if (publisher.Active)
            {
                _running.Start(publisher, hold);
                topics.Add(publisher.TopicId);
            }
            else
            {
                // Paused since the lease was taken.
                await _leases.ReleaseAsync(hold, stop).ConfigureAwait(false);
            }
        }

        // What is left was deleted since.
        _taken.Clear();
        await RaiseHeadsAsync(topics, stop).ConfigureAwait(false);
    }

    /// <summary>A publisher that was changed gets a new pipeline, one that was paused or deleted none.</summary>
    private async Task FollowChangesAsync(CancellationToken stop)
    {
        var ids = _running.Ids.ToHashSet();
        if (ids.Count == 0)
        {
            return;
        }

        var now = (await _publishers.FindManyAsync(ids, stop).ConfigureAwait(false)).ToDictionary(publisher => publisher.Id);
        foreach (var running in _running.All)
        {
            // One that was started since is not among the answers.
            if (ids.Contains(running.Publisher.Id) && now.GetValueOrDefault(running.Publisher.Id)?.Version != running.Publisher.Version)
            {
                _running.Stop(running);
            }
        }
    }

    /// <summary>What nobody told this node of: messages of other nodes, parked deliveries that are due.</summary>
    private async Task HearNewsAsync(CancellationToken stop)
    {
        var running = _running.All.Where(running => running.Pipeline is not null).ToList();
        if (running.Count == 0)
        {
            return;
        }

        await RaiseHeadsAsync(running.Select(publisher => publisher.Publisher.TopicId).ToHashSet(), stop).ConfigureAwait(false);
        var ids = running.ConvertAll(publisher => publisher.Publisher.Id);
        foreach (var (publisherId, delay) in await _stores.Deliveries.NextDueAsync(ids, stop).ConfigureAwait(false))
        {
            _running.Find(publisherId)?.Pipeline?.DueIn(delay);
        }
    }

    private async Task RaiseHeadsAsync(HashSet<long> topicIds, CancellationToken stop)
    {
        foreach (var (topicId, head) in await _log.HeadsAsync(topicIds, stop).ConfigureAwait(false))
        {
            _readers.RaiseHead(topicId, head);
        }
    }

    /// <summary>Tries until the store has it: a receiver that is gone must not be asked again.</summary>
    private async Task PauseAsync(Publisher publisher, string reason)
    {
        Log.Paused(_logger, publisher.Id, publisher.Target, reason);
        var outage = new OutageLog(_logger, $"Pausing publisher {publisher.Id}");
        var isPaused = false;
        while (!isPaused && !_stopLooking.IsCancellationRequested)
        {
            await TryAsync(
                outage,
                async stop =>
                {
                    await _publishers.UpdateAsync(publisher.Id, new PublisherChange { Active = false, PausedReason = reason }, stop).ConfigureAwait(false);
                    isPaused = true;
                    _changes.Notify();
                },
                _stopLooking.Token).ConfigureAwait(false);
            if (!isPaused)
            {
                await Task.Delay(Jittered(_options.PollInterval), _time, _stopLooking.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Whatever it meets, the loop goes on, and so do the steps after it.</summary>
    private static async Task TryAsync(OutageLog outage, Func<CancellationToken, Task> step, CancellationToken stop)
    {
        try
        {
            await step(stop).ConfigureAwait(false);
            outage.Works();
        }
        catch (Exception exception)
        {
            if (!stop.IsCancellationRequested)
            {
                outage.Failed(exception);
            }
        }
    }

    private static TimeSpan Jittered(TimeSpan interval) => interval * (0.8 + (0.4 * Random.Shared.NextDouble()));

    private static partial class Log
    {
        [LoggerMessage(EventIds.PublisherPaused, LogLevel.Warning,
            "Publisher {PublisherId} is paused: {Target} says {Reason}. Nothing is lost; resume it with PATCH /api/publishers/{PublisherId}")]
        public static partial void Paused(ILogger logger, long publisherId, string target, string reason);
    }
}
