using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Diagnostics;
using Postoffice.Messages;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Threading;

namespace Postoffice.Pipeline;

/// <summary>
/// Answers the demand of one publisher's consumers: parked deliveries that are due first, but at most half of it while there is new mail, then new messages
/// from the cursor on. Never reads more than was asked for, so nothing is buffered that may not be sent.
/// </summary>
internal sealed partial class PublisherProducer(
    Publisher publisher,
    LeaseHold lease,
    DeliveryWindow window,
    TopicReader.Subscription log,
    IDeliveryStore deliveries,
    Channel<Delivery> channel,
    Action<int> ensureConsumers,
    WakeSignal wake,
    WakeSignal settlerWake,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>How long to wait after a failed read, and while the lease is not known to be valid.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Message[] _buffer = new Message[window.MaxDemand];
    private long _dueAt;

    /// <summary>Tells the producer that its earliest parked delivery is due in so long; told by the poll, and by each flush that parks.</summary>
    public void DueIn(TimeSpan delay)
    {
        var dueAt = Math.Max(1, time.GetTimestamp() + (long)(Math.Max(0, delay.TotalSeconds) * time.TimestampFrequency));
        for (var known = Interlocked.Read(ref _dueAt); known == 0 || dueAt < known; known = Interlocked.Read(ref _dueAt))
        {
            if (Interlocked.CompareExchange(ref _dueAt, dueAt, known) == known)
            {
                wake.Wake();
                return;
            }
        }
    }

    public async Task RunAsync(CancellationToken stopReading)
    {
        try
        {
            while (!stopReading.IsCancellationRequested)
            {
                var (produced, wait) = await ProduceAsync(stopReading).ConfigureAwait(false);
                if (produced > 0)
                {
                    continue;
                }

                await wake.WaitAsync(wait ?? Timeout.InfiniteTimeSpan, stopReading).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopReading.IsCancellationRequested)
        {
            // The pipeline stops: what was read and not yet taken up stays in the log.
        }
        finally
        {
            channel.Writer.Complete();
        }
    }

    /// <returns>How many deliveries went out and, if none, when to look again; null: when woken.</returns>
    private async Task<(int Produced, TimeSpan? Wait)> ProduceAsync(CancellationToken stopReading)
    {
        if (!lease.IsValid)
        {
            return (0, Pause);
        }

        var (room, probeIn) = window.Room();
        if (room == 0)
        {
            return (0, probeIn);
        }

        try
        {
            var produced = ProduceGivenBack(room);

            // Fresh mail keeps half of the demand, so that a wave of retries cannot starve it.
            var forDue = log.IsAtEnd ? room - produced : (room - produced + 1) / 2;
            produced += await ProduceDueAsync(forDue, stopReading).ConfigureAwait(false);
            produced += await ProduceNewAsync(room - produced, stopReading).ConfigureAwait(false);
            return (produced, UntilDue());
        }
        catch (Exception exception) when (!stopReading.IsCancellationRequested)
        {
            // Whatever it was, the mail is safe in the log: this loop outlives it.
            Log.ReadFailed(logger, publisher.Id, exception);
            return (0, Pause);
        }
        finally
        {
            ensureConsumers(window.InFlightCount);
        }
    }

    /// <summary>What consumers gave back while the lease was in doubt: it is renewed, so they go out after all.</summary>
    private int ProduceGivenBack(int max)
    {
        var produced = 0;
        while (produced < max && window.TakeGivenBack() is { } message)
        {
            Write(message, attempts: 0, isParked: false);
            produced++;
        }

        return produced;
    }

    private async Task<int> ProduceDueAsync(int max, CancellationToken stopReading)
    {
        var dueAt = Interlocked.Read(ref _dueAt);
        if (dueAt == 0 || max == 0 || time.GetTimestamp() < dueAt)
        {
            return 0;
        }

        // Forgotten first: what is parked while we read says so again.
        Interlocked.CompareExchange(ref _dueAt, 0, dueAt);
        var due = await deliveries.ReadDueAsync(publisher.TopicId, publisher.Id, window.ParkedInHand(), max, stopReading).ConfigureAwait(false);
        foreach (var (message, attempts) in due)
        {
            Write(message, attempts, isParked: true);
        }

        // Full: there may be more. Fewer: the next due time comes with the poll, or with the flush that parks.
        if (due.Count == max)
        {
            DueIn(TimeSpan.Zero);
        }

        return due.Count;
    }

    private async Task<int> ProduceNewAsync(int max, CancellationToken stopReading)
    {
        var room = Math.Min(max, window.RoomAfter(log.Position));
        if (room == 0)
        {
            if (max > 0 && !log.IsAtEnd && window.ParkStragglers())
            {
                settlerWake.Wake();
            }

            return 0;
        }

        var read = await log.ReadAsync(_buffer.AsMemory(0, room), stopReading).ConfigureAwait(false);
        for (var index = 0; index < read; index++)
        {
            var message = _buffer[index];
            if (!window.IsSettled(message.Position))
            {
                Write(message, attempts: 0, isParked: false);
            }
        }

        return read;
    }

    /// <summary>Never more than was asked for, so the bounded channel always has room; this loop is its only writer.</summary>
    private void Write(Message message, int attempts, bool isParked)
    {
        if (!channel.Writer.TryWrite(window.Begin(message, attempts, isParked)))
        {
            throw new InvalidOperationException($"Publisher {publisher.Id} read more than its demand of {window.MaxDemand}.");
        }
    }

    private TimeSpan? UntilDue()
    {
        var dueAt = Interlocked.Read(ref _dueAt);
        if (dueAt == 0)
        {
            return null;
        }

        // Due while we read: never below zero, for one millisecond less than that means "for ever".
        var left = time.GetElapsedTime(time.GetTimestamp(), dueAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ProducerReadFailed, LogLevel.Warning, "Publisher {PublisherId} cannot read from the store; trying again in a second")]
        public static partial void ReadFailed(ILogger logger, long publisherId, Exception exception);
    }
}
