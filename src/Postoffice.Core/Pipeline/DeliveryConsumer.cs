using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Diagnostics;
using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Threading;
using Postoffice.Transports;

namespace Postoffice.Pipeline;

/// <summary>Sends one delivery after the other: takes from the channel, sends, asks the policy what follows, books it. Many of them share a publisher.</summary>
internal sealed partial class DeliveryConsumer(
    Publisher publisher,
    LeaseHold lease,
    DeliveryWindow window,
    ISender sender,
    SemaphoreSlim nodeSlots,
    WakeSignal producerWake,
    WakeSignal settlerWake,
    Action onBack,
    Action onGone,
    DeliveryMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    public async Task RunAsync(ChannelReader<Delivery> deliveries, CancellationToken stopSending)
    {
        // One delivery wakes one consumer; waiting for "something to read" would wake all of them.
        while (true)
        {
            Delivery delivery;
            try
            {
                delivery = await deliveries.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (ChannelClosedException)
            {
                return;
            }

            await SendAsync(delivery, stopSending).ConfigureAwait(false);
        }
    }

    private async Task SendAsync(Delivery delivery, CancellationToken stopSending)
    {
        try
        {
            await nodeSlots.WaitAsync(stopSending).ConfigureAwait(false);
            try
            {
                await AttemptAsync(delivery, stopSending).ConfigureAwait(false);
            }
            finally
            {
                nodeSlots.Release();
            }
        }
        catch (Exception) when (stopSending.IsCancellationRequested)
        {
            // Cut short by our own stop, whatever the transport makes of that: not counted, not recorded, sent again by the next owner.
            window.Abandon(delivery);
        }
    }

    private async Task AttemptAsync(Delivery delivery, CancellationToken stopSending)
    {
        stopSending.ThrowIfCancellationRequested();
        if (!lease.IsValid)
        {
            // Another node may run this publisher by now.
            window.Abandon(delivery);
            producerWake.Wake();
            return;
        }

        var start = time.GetTimestamp();
        var result = await SendOnceAsync(delivery, stopSending).ConfigureAwait(false);
        var duration = time.GetElapsedTime(start);

        // What a target has answered is booked without a token.
        var decision = OutcomePolicy.Decide(result, delivery.Attempt, publisher.Settings, Random.Shared.NextDouble());
        var finished = window.Finish(delivery, result, decision, duration);
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

        if (decision.Kind == DecisionKind.Pause)
        {
            onGone();
        }

        Tell(delivery, result, decision, duration);
    }

    /// <summary>After all is booked: a listener that throws costs nobody a delivery.</summary>
    private void Tell(Delivery delivery, SendResult result, Decision decision, TimeSpan duration)
    {
        try
        {
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

    private async ValueTask<SendResult> SendOnceAsync(Delivery delivery, CancellationToken stopSending)
    {
        try
        {
            return await sender.SendAsync(delivery, stopSending).ConfigureAwait(false);
        }
        catch (Exception exception) when (!stopSending.IsCancellationRequested)
        {
            // A fault of the transport itself: booked as a failed attempt, so that one poison message stops nobody.
            Log.TransportFailed(logger, delivery.Message.Id, publisher.Id, exception);
            return new SendResult(SendOutcome.Unavailable, Error: $"The transport \"{publisher.Type}\" failed: {exception.GetType().Name}");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.AttemptFailed, LogLevel.Debug,
            "Message {MessageId} for publisher {PublisherId}, attempt {Attempt}: {Decision} ({Reason}): {Error}")]
        public static partial void Failed(
            ILogger logger, Guid messageId, long publisherId, int attempt, DecisionKind decision, string reason, string? error);

        [LoggerMessage(EventIds.TransportFailed, LogLevel.Error, "Message {MessageId} for publisher {PublisherId}: the transport threw")]
        public static partial void TransportFailed(ILogger logger, Guid messageId, long publisherId, Exception exception);
    }
}
