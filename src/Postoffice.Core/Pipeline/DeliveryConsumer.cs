using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Diagnostics;
using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Threading;

namespace Postoffice.Pipeline;

/// <summary>
/// Sends one batch after the other (of one delivery, unless the transport takes more): takes from the channel, sends, asks the policy what follows, books it. Many
/// loops of it share a publisher.
/// </summary>
internal sealed partial class DeliveryConsumer(
    Publisher publisher,
    LeaseHold lease,
    DeliveryWindow window,
    SendPipeline sending,
    WakeSignal producerWake,
    WakeSignal settlerWake,
    Action onBack,
    Action onGone,
    DeliveryMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    private long _done;

    /// <summary>How many batches have come to their end, over all loops.</summary>
    public long Done => Volatile.Read(ref _done);

    public async Task RunAsync(ChannelReader<Delivery[]> batches, CancellationToken stopSending)
    {
        // One batch wakes one loop; waiting for "something to read" would wake all of them.
        while (true)
        {
            Delivery[] batch;
            try
            {
                batch = await batches.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (ChannelClosedException)
            {
                return;
            }

            await SendAsync(batch, stopSending).ConfigureAwait(false);
            Interlocked.Increment(ref _done);
        }
    }

    private async Task SendAsync(Delivery[] batch, CancellationToken stopSending)
    {
        try
        {
            stopSending.ThrowIfCancellationRequested();
            if (lease.IsValid)
            {
                await AttemptAsync(batch, stopSending).ConfigureAwait(false);
            }
            else
            {
                // Another node may run this publisher by now.
                GiveBack(batch);
                producerWake.Wake();
            }
        }
        catch (Exception) when (stopSending.IsCancellationRequested)
        {
            // Cut short by our own stop, whatever the transport makes of that: not counted, not recorded, sent again by the next owner.
            GiveBack(batch);
        }
    }

    private void GiveBack(Delivery[] batch)
    {
        foreach (var delivery in batch)
        {
            window.GiveBack(delivery);
        }
    }

    private async Task AttemptAsync(Delivery[] batch, CancellationToken stopSending)
    {
        var start = time.GetTimestamp();
        var results = await sending.SendAsync(batch, stopSending).ConfigureAwait(false);
        var duration = time.GetElapsedTime(start);

        // What a target has answered is booked without a token.
        var now = time.GetUtcNow();
        var call = new Attempted[batch.Length];
        var answered = 0;
        for (var index = 0; index < batch.Length; index++)
        {
            if (results[index] is { } result)
            {
                var delivery = batch[index];
                var age = now - delivery.Message.ReceivedAt;
                call[answered++] = new Attempted(
                    delivery, result, OutcomePolicy.Decide(result, delivery.Attempt, age, publisher.Settings, Random.Shared.NextDouble()));
            }
            else
            {
                // Our own stop came while the call was answered in part.
                window.GiveBack(batch[index]);
            }
        }

        var finished = window.Finish(call.AsSpan(0, answered), duration);
        Wake(finished);
        foreach (var attempted in call.AsSpan(0, answered))
        {
            Tell(attempted, duration);
        }

        TellOfNode(call[0], finished);
    }

    private void Wake(DeliveryWindow.Finished finished)
    {
        if (finished.IsBack)
        {
            onBack();
        }

        if (finished.WakeProducer)
        {
            producerWake.Wake();
        }

        if (finished.WakeSettler)
        {
            settlerWake.Wake();
        }
    }

    /// <summary>After all is booked: a listener that throws costs nobody a delivery.</summary>
    private void Tell(in Attempted attempted, TimeSpan duration)
    {
        var (delivery, result, decision) = attempted;
        if (decision.Kind == DecisionKind.Pause)
        {
            onGone();
        }

        try
        {
            if (decision.Kind == DecisionKind.GiveBack)
            {
                metrics.FailedByOwnFault(publisher);
                return;
            }

            metrics.Attempted(publisher, result.Outcome, duration);
            if (decision.Kind != DecisionKind.Deliver)
            {
                Log.Failed(logger, delivery.Message.Id, publisher.Id, delivery.Attempt, decision.Kind, decision.Reason, result.Error);
            }
        }
        catch (Exception exception)
        {
            Trace.TraceError($"A log provider or metric listener threw: {exception}");
        }
    }

    private void TellOfNode(in Attempted first, DeliveryWindow.Finished finished)
    {
        try
        {
            if (finished.IsOffline)
            {
                Log.Offline(logger, publisher.Id, first.Delivery.Message.Id, first.Result.Error);
            }

            if (finished.IsOnline)
            {
                Log.Online(logger, publisher.Id);
            }
        }
        catch (Exception exception)
        {
            Trace.TraceError($"A log provider or metric listener threw: {exception}");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.AttemptFailed, LogLevel.Debug,
            "Message {MessageId} for publisher {PublisherId}, attempt {Attempt}: {Decision} ({Reason}): {Error}")]
        public static partial void Failed(
            ILogger logger, Guid messageId, long publisherId, int attempt, DecisionKind decision, string reason, string? error);

        [LoggerMessage(EventIds.OwnFault, LogLevel.Warning,
            "Publisher {PublisherId} waits, and no attempt is counted: this node can send nothing (message {MessageId}: {Error}). Look at its network, its name resolution and its limits")]
        public static partial void Offline(ILogger logger, long publisherId, Guid messageId, string? error);

        [LoggerMessage(EventIds.OwnFaultOver, LogLevel.Information, "Publisher {PublisherId}: this node can send again")]
        public static partial void Online(ILogger logger, long publisherId);
    }
}
