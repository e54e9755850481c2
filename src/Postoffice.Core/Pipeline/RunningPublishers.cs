using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Postoffice.Cluster;
using Postoffice.Diagnostics;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.Pipeline;

/// <summary>The publishers that this node has in hand, from the taking of the lease until it is given back. Starts and stops their pipelines.</summary>
internal sealed partial class RunningPublishers(
    LeaseKeeper leases,
    IEnumerable<ITransport> transports,
    IEnumerable<UnconfiguredTransport> unconfigured,
    PublisherChanges changes,
    PipelineServices services)
{
    private readonly Dictionary<string, ITransport> _transports = transports.ToDictionary(transport => transport.Type, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, RunningPublisher> _running = new();

    public ICollection<long> Ids => _running.Keys;

    public IEnumerable<RunningPublisher> All => _running.Values;

    public RunningPublisher? Find(long publisherId) => _running.GetValueOrDefault(publisherId);

    /// <summary>Called by one loop only.</summary>
    public void Start(Publisher publisher, LeaseHold hold)
    {
        if (_running.ContainsKey(publisher.Id))
        {
            throw new InvalidOperationException($"Publisher {publisher.Id} was taken by this node twice.");
        }

        // Entered last and whole: whoever finds it may stop it.
        var running = new RunningPublisher(publisher, hold, CreatePipeline(publisher, hold));
        running.Pipeline?.Start();
        _running[publisher.Id] = running;
        if (running.Pipeline is { } pipeline)
        {
            _ = WatchAsync(running, pipeline);
        }
    }

    /// <summary>Drains, settles and gives the lease back, in the background. What is in flight is finished; the store's fence decides what still counts.</summary>
    public void Stop(RunningPublisher running) => _ = StopAsync(running, CancellationToken.None);

    /// <summary>Stops all side by side.</summary>
    /// <param name="cancellationToken">Cancelled when there is no time left: what is in flight, or not written, is dropped and repeated by the next owner.</param>
    public async Task StopAllAsync(CancellationToken cancellationToken)
    {
        // Those that were stopping before have no token of ours.
        using var hurry = cancellationToken.Register(() =>
        {
            foreach (var running in _running.Values)
            {
                running.Pipeline?.Abort();
            }
        });
        await Task.WhenAll(_running.Values.Select(running => StopAsync(running, cancellationToken))).ConfigureAwait(false);
    }

    private PublisherPipeline? CreatePipeline(Publisher publisher, LeaseHold hold)
    {
        if (publisher.Settings.Fault is { } fault)
        {
            Log.CannotRun(services.Logger, publisher.Id, fault);
            return null;
        }

        if (!_transports.TryGetValue(publisher.Type, out var transport))
        {
            Log.CannotRun(services.Logger, publisher.Id, unconfigured.FirstOrDefault(known => known.Type == publisher.Type) is { } missing
                ? $"{missing.Type} is not set up here; {missing.Remedy}"
                : $"no transport is registered here for its type \"{publisher.Type}\"");
            return null;
        }

        try
        {
            return new PublisherPipeline(publisher, hold, transport, services);
        }
        catch (Exception exception)
        {
            // A publisher that its transport cannot work with concerns nobody but itself.
            Log.Failed(services.Logger, publisher.Id, exception);
            return null;
        }
    }

    /// <summary>A pipeline that ends by itself has lost its lease: what it still sends is another's to send, even while it drains.</summary>
    private async Task WatchAsync(RunningPublisher running, PublisherPipeline pipeline)
    {
        await pipeline.LeaseLost.ConfigureAwait(false);
        pipeline.Abort();
        Stop(running);
    }

    private Task StopAsync(RunningPublisher running, CancellationToken cancellationToken) => running.StopOnceAsync(async () =>
    {
        try
        {
            if (running.Pipeline is { } pipeline)
            {
                await using (pipeline.ConfigureAwait(false))
                {
                    await pipeline.StopAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            await leases.ReleaseAsync(running.Hold, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Its lease is renewed no more and runs out.
            Log.Failed(services.Logger, running.Publisher.Id, exception);
        }
        finally
        {
            _running.TryRemove(running.Publisher.Id, out _);
            changes.Notify();
        }
    });

    private static partial class Log
    {
        [LoggerMessage(EventIds.CannotRun, LogLevel.Error, "Publisher {PublisherId} delivers nothing: {Reason}")]
        public static partial void CannotRun(ILogger logger, long publisherId, string reason);

        [LoggerMessage(EventIds.PipelineFailed, LogLevel.Error, "Publisher {PublisherId} was not started or stopped as it should be; its lease runs out, and what it had not written is repeated")]
        public static partial void Failed(ILogger logger, long publisherId, Exception exception);
    }
}
