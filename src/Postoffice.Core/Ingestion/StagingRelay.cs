using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postoffice.Activity;
using Postoffice.Diagnostics;
using Postoffice.Pipeline;
using Postoffice.Startup;
using Postoffice.Storage;
using Postoffice.Threading;

namespace Postoffice.Ingestion;

/// <summary>Moves staged messages into the log when they are due. Every node runs one; the store sees to it that each message is moved once.</summary>
internal sealed partial class StagingRelay(
    IStagedMessageStore staged,
    StorageStartup storage,
    TopicReaders readers,
    ActivityRecorder activity,
    IngestionOptions options,
    TimeProvider time,
    ILogger<StagingRelay> logger)
    : BackgroundService
{
    /// <summary>How many messages of a topic one transaction moves.</summary>
    private const int BatchSize = 100;

    /// <summary>What is due and does not move is another node's just now: no reason to spin.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(10);

    private readonly WakeSignal _wake = new(time);
    private readonly OutageLog _outage = new(logger, "Moving due messages into the log");

    /// <summary>Something was staged on this node: look when it is due.</summary>
    public void Wake() => _wake.Wake();

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await storage.Ready.WaitAsync(stoppingToken).ConfigureAwait(false);
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = options.RelayInterval;
            try
            {
                await RelayAsync(stoppingToken).ConfigureAwait(false);
                _outage.Works();
                if (await staged.NextDueAsync(stoppingToken).ConfigureAwait(false) is { } due && due < wait)
                {
                    wait = due > ShortestPause ? due : ShortestPause;
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Nothing is lost: what is due stays due.
                _outage.Failed(exception);
            }

            await _wake.WaitAsync(wait, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task RelayAsync(CancellationToken stoppingToken)
    {
        bool isMoreDue;
        do
        {
            isMoreDue = false;
            foreach (var (topicId, head, moved) in await staged.RelayDueAsync(BatchSize, stoppingToken).ConfigureAwait(false))
            {
                Log.Relayed(logger, moved, topicId);
                readers.RaiseHead(topicId, head);

                // Those few that were published before are among it, and were dropped.
                activity.Received(topicId, moved);
                isMoreDue |= moved >= BatchSize;
            }
        }
        while (isMoreDue);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Relayed, LogLevel.Debug, "{Count} staged messages moved into the log of topic {TopicId}")]
        public static partial void Relayed(ILogger logger, int count, long topicId);
    }
}
