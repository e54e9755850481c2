using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postoffice.Cluster;
using Postoffice.Diagnostics;
using Postoffice.Startup;
using Postoffice.Storage;

namespace Postoffice.Activity;

/// <summary>
/// Writes down what this node has counted, every two seconds and once more at the end, and removes what is older than a day. What fails is written with the next
/// round: a row is always written as a whole.
/// </summary>
internal sealed class ActivityWriter(
    ActivityRecorder recorder, IActivityStore store, StorageStartup storage, LeaseKeeper leases, TimeProvider time, ILogger<ActivityWriter> logger)
    : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(10);

    /// <summary>A day, and an hour more, so that a chart of a day has its first hour to the end.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(25);

    /// <summary>How many rows one statement removes: few enough to hold nobody up.</summary>
    public const int PruneSize = 1_000;

    /// <summary>A node with nothing to write looks at the store's clock all the same.</summary>
    private static readonly TimeSpan MeasureInterval = TimeSpan.FromMinutes(1);

    /// <summary>What cannot be written in that time at the end is lost.</summary>
    private static readonly TimeSpan LastWrite = TimeSpan.FromSeconds(3);

    private readonly OutageLog _outage = new(logger, "Writing the activity");
    private long _measuredAt;
    private bool _isMeasured;

    /// <summary>Comes after the pipelines have stopped, so what they settled last is among it.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (!storage.Ready.IsCompletedSuccessfully)
        {
            return;
        }

        using var limit = new CancellationTokenSource(LastWrite, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await WriteAsync(linked.Token).WaitAsync(linked.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Figures only: not worth a stop that fails.
            _outage.Failed(exception);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await storage.Ready.WaitAsync(stoppingToken).ConfigureAwait(false);
        var prunedAt = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await WriteAsync(stoppingToken).ConfigureAwait(false);
                if (time.GetElapsedTime(prunedAt) >= PruneInterval)
                {
                    await PruneAsync(stoppingToken).ConfigureAwait(false);
                    prunedAt = time.GetTimestamp();
                }

                _outage.Works();
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                _outage.Failed(exception);
            }
            catch (Exception)
            {
                // Stopping: the last write is still to come.
                return;
            }

            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var changes = recorder.Changes();
        if (changes.Rows.Count == 0 && _isMeasured && time.GetElapsedTime(_measuredAt) < MeasureInterval)
        {
            return;
        }

        var (before, start) = (time.GetUtcNow(), time.GetTimestamp());
        var storeTime = await store.WriteAsync(leases.NodeId, [.. changes.Rows.Select(static change => change.Row)], cancellationToken).ConfigureAwait(false);
        recorder.Measured(storeTime, before + (time.GetElapsedTime(start) / 2));
        recorder.Written(changes);
        (_measuredAt, _isMeasured) = (time.GetTimestamp(), true);
    }

    private async Task PruneAsync(CancellationToken stoppingToken)
    {
        while (await store.PruneAsync(Kept, PruneSize, stoppingToken).ConfigureAwait(false) == PruneSize)
        {
            // There may be more.
        }
    }
}
