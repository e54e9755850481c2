using System.Threading.Channels;
using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Diagnostics;
using Postoffice.Filters;
using Postoffice.Messages;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Threading;

namespace Postoffice.Pipeline;

/// <summary>
/// Answers the demand of one publisher's consumers: parked deliveries that are due first, but at most half of it while there is new mail, then new messages
/// from the cursor on, then what a replay asks for. Never reads more than was asked for, so nothing is buffered that may not be sent.
/// </summary>
internal sealed partial class PublisherProducer(
    Publisher publisher,
    LeaseHold lease,
    DeliveryWindow window,
    TopicReader.Subscription log,
    PipelineStores stores,
    int maxBatch,
    Channel<Delivery[]> channel,
    Action<long> ensureConsumers,
    DueClock due,
    WakeSignal wake,
    WakeSignal settlerWake,
    OutageLog outage)
{
    /// <summary>How long to wait after a failed read, and while the lease is not known to be valid.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// What an outage leaves is the demand, the failures that open the breaker, and a probe now and then. Where there is more, a receiver is flapping, and new
    /// mail must not wait for all of that.
    /// </summary>
    private const int MostDueFirst = 100;

    private readonly MessageFilter? _filter = publisher.Settings.Filter;
    private readonly Message[] _buffer = new Message[window.MaxDemand];

    /// <summary>What was begun in this turn and is not with the consumers yet: as many as go out in one call, or all that the turn has.</summary>
    private readonly List<Delivery> _batch = new(maxBatch);
    private long _batches;
    private bool _isTurnOfDue;
    private bool _isTurnOfLines;
    private int _narrowTurns;
    private bool _isOpen;
    private bool _isStartingAgain;

    /// <summary>So many parked deliveries go out before anything new: what waited only for the receiver.</summary>
    private int _dueFirst;

    /// <summary>What the present turn may still begin.</summary>
    private int _left;

    /// <summary>Something was booked in this turn that is not in flight: the settler must hear of it.</summary>
    private bool _hasBooked;

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
                var (progress, wait) = await ProduceAsync(stopReading).ConfigureAwait(false);
                if (progress > 0)
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

    /// <returns>How many messages were dealt with and, if none, when to look again; null: when woken.</returns>
    private async Task<(int Progress, TimeSpan? Wait)> ProduceAsync(CancellationToken stopReading)
    {
        if (!lease.IsValid)
        {
            window.PassTurn();
            return (0, Pause);
        }

        try
        {
            await OpenAsync(stopReading).ConfigureAwait(false);
            var room = window.BeginTurn();
            if (room.Count == 0)
            {
                return (0, room.LookIn);
            }

            _left = room.Count;
            await MakeDueAsync(stopReading).ConfigureAwait(false);
            var progress = await ProduceTurnAsync(room, stopReading).ConfigureAwait(false);
            outage.Works();

            // With mail in the log and room for it, nothing read means that the window waits for a flush, which wakes us; looking again costs little.
            return (progress, log.IsAtEnd ? due.Left() : Pause);
        }
        catch (Exception exception) when (!stopReading.IsCancellationRequested)
        {
            // Whatever it was, the mail is safe in the log: this loop outlives it.
            outage.Failed(exception);
            window.PassTurn();
            return (0, Pause);
        }
        finally
        {
            // Whatever ended the turn: what was begun goes out.
            HandOver();
            window.EndTurn();
            if (_hasBooked)
            {
                _hasBooked = false;
                settlerWake.Wake();
            }

            ensureConsumers(_batches);
        }
    }

    private async Task<int> ProduceTurnAsync(Room room, CancellationToken stopReading)
    {
        // One of a replay's always gets through, or mail that never ends would hold it up for ever; every fourth where there is room for one only.
        var isReplays = !room.IsProbing && (room.Count > 1 || ++_narrowTurns % 4 == 0);
        var progress = isReplays ? await ReplayAsync(1, firstOnly: true, stopReading).ConfigureAwait(false) : 0;
        var forDue = Math.Min(_left, ShareOfDue(_left, room.IsProbing));
        progress += await ProduceDueAsync(forDue, stopReading).ConfigureAwait(false);
        progress += await ProduceNewAsync(stopReading).ConfigureAwait(false);
        if (progress == 0 && forDue < _left)
        {
            progress = await ProduceDueAsync(_left, stopReading).ConfigureAwait(false);
        }

        return progress + (room.IsProbing ? 0 : await ReplayAsync(_left, firstOnly: false, stopReading).ConfigureAwait(false));
    }

    /// <summary>
    /// Fresh mail keeps half of the demand, so that a wave of retries cannot starve it; where there is room for one only, they take turns. But a receiver that
    /// is down is probed with what it has failed on already, so that the cursor stands still, and gets that first when it is back.
    /// </summary>
    private int ShareOfDue(int room, bool isProbing)
    {
        if (isProbing || _dueFirst > 0 || (log.IsAtEnd && !window.HasFreshWaiting))
        {
            return room;
        }

        _isTurnOfDue = !_isTurnOfDue;
        return room > 1 ? room / 2 : _isTurnOfDue ? 1 : 0;
    }

    /// <summary>What the store knows of the publisher beside its cursor: read before anything is sent.</summary>
    private async Task OpenAsync(CancellationToken stopReading)
    {
        if (_isOpen)
        {
            return;
        }

        IReadOnlyList<KeyLine> lines = [];
        if (window.OrdersByKey)
        {
            lines = await stores.Keys.ReadLinesAsync(publisher.TopicId, publisher.Id, stopReading).ConfigureAwait(false);
        }
        else
        {
            // It may have kept the order of keys until a moment ago.
            await stores.Keys.DissolveAsync(publisher.TopicId, publisher.Id, lease.Lease.Epoch, stopReading).ConfigureAwait(false);
        }

        var replay = await stores.Replays.FindAsync(publisher.Id, stopReading).ConfigureAwait(false);
        window.Open(lines, replay);
        _isOpen = true;
    }

    private async Task MakeDueAsync(CancellationToken stopReading)
    {
        if (!Volatile.Read(ref _isStartingAgain))
        {
            return;
        }

        var waited = await stores.Deliveries.MakeUnavailableDueAsync(publisher.TopicId, publisher.Id, lease.Lease.Epoch, stopReading).ConfigureAwait(false);

        // Only now: if the store fails, the next turn tries again.
        Volatile.Write(ref _isStartingAgain, false);
        _dueFirst = Math.Min(waited, window.MaxDemand + MostDueFirst);
        due.In(TimeSpan.Zero);
    }

    private void Offer(in Candidate candidate)
    {
        if (_filter is not null && !_filter.Matches(candidate.Message))
        {
            window.Skip(candidate);
            _hasBooked = true;
        }
        else if (window.Offer(candidate) is { } delivery)
        {
            Write(delivery);
        }
        else
        {
            // Held or parked; the latter is to be written.
            _hasBooked = true;
        }
    }

    private void Write(Delivery delivery)
    {
        _left--;
        _batch.Add(delivery);
        if (_batch.Count == maxBatch)
        {
            HandOver();
        }
    }

    /// <summary>Never more than was asked for, so the bounded channel always has room; this loop is its only writer.</summary>
    private void HandOver()
    {
        if (_batch.Count == 0)
        {
            return;
        }

        _batches++;
        var isWritten = channel.Writer.TryWrite([.. _batch]);
        _batch.Clear();
        if (!isWritten)
        {
            throw new InvalidOperationException($"Publisher {publisher.Id} read more than its demand of {window.MaxDemand}.");
        }
    }
}
