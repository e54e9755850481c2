using System.Threading.Channels;
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
internal sealed class PublisherProducer(
    Publisher publisher,
    LeaseHold lease,
    DeliveryWindow window,
    TopicReader.Subscription log,
    IDeliveryStore deliveries,
    Channel<Delivery> channel,
    Action<int> ensureConsumers,
    WakeSignal wake,
    WakeSignal settlerWake,
    OutageLog outage,
    TimeProvider time)
{
    /// <summary>How long to wait after a failed read, and while the lease is not known to be valid.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Message[] _buffer = new Message[window.MaxDemand];
    private long _dueAt;
    private bool _isTurnOfDue;
    private bool _isStartingAgain;
    private bool _isDueFirst;

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

    /// <summary>
    /// The receiver may be back: what waited only for it goes out now, in order of position, before anything new. Called when a publisher starts, and when
    /// a receiver that was down has taken a message.
    /// </summary>
    public void StartAgain()
    {
        Volatile.Write(ref _isStartingAgain, true);
        wake.Wake();
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
        catch (Exception) when (stopReading.IsCancellationRequested)
        {
            // The pipeline stops: what was read and not yet taken up stays in the log, and whatever a read met then is nobody's concern.
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

        var (room, probeIn, isProbing) = window.Room();
        if (room == 0)
        {
            return (0, probeIn);
        }

        try
        {
            await MakeDueAsync(stopReading).ConfigureAwait(false);
            var forDue = ShareOfDue(room, isProbing);
            var produced = await ProduceDueAsync(forDue, stopReading).ConfigureAwait(false);
            produced += await ProduceNewAsync(room - produced, stopReading).ConfigureAwait(false);
            if (produced == 0 && forDue < room)
            {
                produced = await ProduceDueAsync(room, stopReading).ConfigureAwait(false);
            }

            outage.Works();

            // With mail in the log and room for it, nothing read means that the window waits for a flush, which wakes us; looking again costs little.
            return (produced, log.IsAtEnd ? UntilDue() : Pause);
        }
        catch (Exception exception) when (!stopReading.IsCancellationRequested)
        {
            // Whatever it was, the mail is safe in the log: this loop outlives it.
            outage.Failed(exception);
            return (0, Pause);
        }
        finally
        {
            ensureConsumers(window.InFlightCount);
        }
    }

    /// <summary>
    /// Fresh mail keeps half of the demand, so that a wave of retries cannot starve it; where there is room for one only, they take turns. But a receiver that
    /// is down is probed with what it has failed on already, so that the cursor stands still, and gets that first when it is back.
    /// </summary>
    private int ShareOfDue(int room, bool isProbing)
    {
        if (isProbing || _isDueFirst || (log.IsAtEnd && !window.HasGivenBack))
        {
            return room;
        }

        _isTurnOfDue = !_isTurnOfDue;
        return room > 1 ? room / 2 : _isTurnOfDue ? 1 : 0;
    }

    private async Task MakeDueAsync(CancellationToken stopReading)
    {
        if (!Volatile.Read(ref _isStartingAgain))
        {
            return;
        }

        await deliveries.MakeUnavailableDueAsync(publisher.TopicId, publisher.Id, lease.Lease.Epoch, stopReading).ConfigureAwait(false);

        // Only now: if the store fails, the next turn tries again.
        Volatile.Write(ref _isStartingAgain, false);
        _isDueFirst = true;
        DueIn(TimeSpan.Zero);
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
        else
        {
            _isDueFirst = false;
        }

        return due.Count;
    }

    private async Task<int> ProduceNewAsync(int max, CancellationToken stopReading)
    {
        // What a consumer gave back, since the lease was in doubt, comes first: the log's position is beyond it already.
        var again = 0;
        while (again < max && window.TakeGivenBack() is { } returned)
        {
            Write(returned, attempts: 0, isParked: false);
            again++;
        }

        return again > 0 ? again : await ReadNewAsync(max, stopReading).ConfigureAwait(false);
    }

    private async Task<int> ReadNewAsync(int max, CancellationToken stopReading)
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

        // Never negative: −1 ms would mean for ever.
        var left = time.GetElapsedTime(time.GetTimestamp(), dueAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
