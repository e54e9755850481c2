using Polly;
using Polly.Retry;
using Postoffice.Diagnostics;
using Postoffice.Storage;
using Postoffice.Threading;

namespace Postoffice.Pipeline;

/// <summary>
/// Writes what has finished, in batches: one transaction a flush, one flush at a time for each publisher. A flush that meets an outage is written again,
/// the very same batch, until the store has it or says that the lease is lost.
/// </summary>
internal sealed class Settler(
    DeliveryWindow window,
    IDeliveryStore deliveries,
    WakeSignal wake,
    Action<SettleBatch> onSettled,
    PipelineOptions options,
    OutageLog outage,
    TimeProvider time)
{
    private readonly ResiliencePipeline<SettleStatus> _untilWritten = new ResiliencePipelineBuilder<SettleStatus> { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions<SettleStatus>
        {
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(100),
            MaxDelay = TimeSpan.FromSeconds(2),
            UseJitter = true,
            // Whatever it is: dropping the outcomes would send the messages again, at once and for ever. The publisher stands still instead, and says so.
            ShouldHandle = new PredicateBuilder<SettleStatus>().Handle<Exception>(exception => exception is not OperationCanceledException),
            OnRetry = arguments =>
            {
                outage.Failed(arguments.Outcome.Exception);
                return default;
            },
        })
        .Build();

    /// <summary>Settles until <paramref name="stop"/> is cancelled; what waits then is for <see cref="FlushAsync"/>.</summary>
    /// <param name="stop">Cancelled when all consumers have ended. A flush under way is finished all the same.</param>
    /// <param name="abort">Cancelled when the publisher is another's: drops what is not written.</param>
    /// <returns>False when the lease is lost: the pipeline must stop and drop its results.</returns>
    public async Task<bool> RunAsync(CancellationToken stop, CancellationToken abort)
    {
        try
        {
            while (true)
            {
                await wake.WaitAsync(stop).ConfigureAwait(false);
                await GatherAsync(stop).ConfigureAwait(false);
                if (!await FlushAsync(abort).ConfigureAwait(false))
                {
                    return false;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !abort.IsCancellationRequested)
        {
            // An abort is no such end: a batch may be gone with it.
            return true;
        }
    }

    /// <summary>Writes all that waits.</summary>
    /// <param name="cancellationToken">Cancelled when the publisher is another's, or the time for stopping is over: drops what is not written.</param>
    /// <returns>False when the lease is lost.</returns>
    public async Task<bool> FlushAsync(CancellationToken cancellationToken)
    {
        while (window.TakeBatch() is { } batch)
        {
            // A batch once taken is written or the pipeline is over: its outcomes are nowhere else.
            var status = await _untilWritten.ExecuteAsync(
                static async (state, token) => await state.deliveries.SettleAsync(state.batch, token).ConfigureAwait(false),
                (deliveries, batch), cancellationToken).ConfigureAwait(false);
            if (status == SettleStatus.LeaseLost)
            {
                return false;
            }

            outage.Works();
            onSettled(batch);
            if (window.Unsettled < options.SettleBatchSize)
            {
                break;
            }
        }

        return true;
    }

    /// <summary>Gives others the chance to join the flush: until there are enough, or the first has waited long enough.</summary>
    private async ValueTask GatherAsync(CancellationToken stop)
    {
        var start = time.GetTimestamp();
        while (window.Unsettled is > 0 and var waiting && waiting < options.SettleBatchSize)
        {
            var left = options.SettleDelay - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            await wake.WaitAsync(left, stop).ConfigureAwait(false);
        }
    }
}
