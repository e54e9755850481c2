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
    SendPipeline sending,
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
            stopSending.ThrowIfCancellationRequested();
            if (lease.IsValid)
            {
                await AttemptAsync(delivery, stopSending).ConfigureAwait(false);
            }
            else
            {
                // Another node may run this publisher by now.
                window.GiveBack(delivery);
                producerWake.Wake();
            }
        }
        catch (Exception) when (stopSending.IsCancellationRequested)
        {
            // Cut short by our own stop, whatever the transport makes of that: not counted, not recorded, sent again by the next owner.
            window.GiveBack(delivery);
        }
    }

    private async Task AttemptAsync(Delivery delivery, CancellationToken stopSending)
    {
        var start = time.GetTimestamp();
        var result = await sending.SendAsync(delivery, stopSending).ConfigureAwait(false);
        var duration = time.GetElapsedTime(start);

        // What a target has answered is booked without a token.
        var age = time.GetUtcNow() - delivery.Message.ReceivedAt;
        var decision = OutcomePolicy.Decide(result, delivery.Attempt, age, publisher.Settings, Random.Shared.NextDouble());
        if (decision.Kind == DecisionKind.GiveBack)
        {
            TellOwnFault(delivery, result, isNew: window.GiveBack(delivery, isOurFault: true));
            producerWake.Wake();
            return;
        }

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

        Tell(delivery, result, decision, duration, finished.IsOnline);
    }

    /// <summary>After all is booked: a listener that throws costs nobody a delivery.</summary>
    private void Tell(Delivery delivery, SendResult result, Decision decision, TimeSpan duration, bool isOnline)
    {
        try
        {
            metrics.Attempted(publisher, result.Outcome, duration);
            if (decision.Kind != DecisionKind.Deliver)
            {
                Log.Failed(logger, delivery.Message.Id, publisher.Id, delivery.Attempt, decision.Kind, decision.Reason, result.Error);
            }

            if (isOnline)
            {
                Log.Online(logger, publisher.Id);
            }
        }
        catch (Exception exception)
        {
            Trace.TraceError($"A log provider or metric listener threw: {exception}");
        }
    }

    private void TellOwnFault(Delivery delivery, SendResult result, bool isNew)
    {
        try
        {
            metrics.FailedByOwnFault(publisher);
            if (isNew)
            {
                Log.Offline(logger, publisher.Id, delivery.Message.Id, result.Error);
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
