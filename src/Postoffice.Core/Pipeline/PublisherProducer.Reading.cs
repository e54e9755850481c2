using Postoffice.Deliveries;
using Postoffice.Storage;

namespace Postoffice.Pipeline;

/// <content>Where the mail comes from: parked deliveries that are due, ordering keys that go on, the log, a replay.</content>
internal sealed partial class PublisherProducer
{
    private async Task<int> ProduceDueAsync(int max, CancellationToken stopReading)
    {
        if (!due.IsDue)
        {
            return await ProduceLinesAsync(max, stopReading).ConfigureAwait(false);
        }

        // Keys that always have something to go on with leave half of it to what is due, or retries would wait for them for ever; and take what is left over.
        _isTurnOfLines = !_isTurnOfLines;
        var taken = await ProduceLinesAsync(max > 1 ? max / 2 : _isTurnOfLines ? max : 0, stopReading).ConfigureAwait(false);
        taken += await ReadDueAsync(max - taken, stopReading).ConfigureAwait(false);
        return taken + await ProduceLinesAsync(max - taken, stopReading).ConfigureAwait(false);
    }

    private async Task<int> ReadDueAsync(int max, CancellationToken stopReading)
    {
        if (max <= 0)
        {
            return 0;
        }

        due.Forget(due.Known);
        var parked = await stores.Deliveries.ReadDueAsync(publisher.TopicId, publisher.Id, window.ParkedInHand(), max, stopReading).ConfigureAwait(false);
        foreach (var (message, attempts) in parked)
        {
            Offer(new Candidate(message, attempts, IsParked: true));
        }

        // Full: there may be more. Fewer: the next due time comes with the poll, or with the flush that parks.
        if (parked.Count == max)
        {
            due.In(TimeSpan.Zero);
            _dueFirst = Math.Max(0, _dueFirst - parked.Count);
        }
        else
        {
            _dueFirst = 0;
        }

        return parked.Count;
    }

    /// <summary>Ordering keys that may go on with what was parked behind the delivery that held them up.</summary>
    private async Task<int> ProduceLinesAsync(int max, CancellationToken stopReading)
    {
        if (!window.OrdersByKey || max <= 0)
        {
            return 0;
        }

        var keys = window.TakeRefills(max);
        if (keys.Count > 0)
        {
            await RefillAsync(keys, stopReading).ConfigureAwait(false);
        }

        var taken = 0;
        while (taken < max && window.TakeWaiting(parked: true) is { } delivery)
        {
            Write(delivery);
            taken++;
        }

        return taken;
    }

    private async Task RefillAsync(List<string> keys, CancellationToken stopReading)
    {
        IReadOnlyList<DueDelivery> rows;
        var asked = KeyLines.RefillSize(keys.Count);
        try
        {
            rows = await stores.Keys.ReadLineAsync(
                publisher.TopicId, publisher.Id, keys, window.ParkedInHand(), asked, stopReading).ConfigureAwait(false);
        }
        catch
        {
            window.RefillLater(keys);
            throw;
        }

        window.Refill(keys, rows.ToLookup(row => row.Message.OrderingKey!, row => new Candidate(row.Message, row.Attempts, IsParked: true)), asked);
        foreach (var (message, attempts) in rows)
        {
            // The filter may be another since it was parked.
            if (_filter is not null && !_filter.Matches(message))
            {
                window.Skip(new Candidate(message, attempts, IsParked: true));
                _hasBooked = true;
            }
        }
    }

    private async Task<int> ProduceNewAsync(CancellationToken stopReading)
    {
        // What was read before comes first: given back, since the lease was in doubt, or held until its ordering key was free.
        var waiting = 0;
        while (_left > 0 && window.TakeWaiting(parked: false) is { } delivery)
        {
            Write(delivery);
            waiting++;
        }

        return waiting > 0 ? waiting : await ReadNewAsync(stopReading).ConfigureAwait(false);
    }

    private async Task<int> ReadNewAsync(CancellationToken stopReading)
    {
        var room = Math.Min(_left, window.RoomAfter(log.Position));
        if (room == 0)
        {
            _hasBooked |= _left > 0 && !log.IsAtEnd && window.ParkStragglers();
            return 0;
        }

        var read = await log.ReadAsync(_buffer.AsMemory(0, room), stopReading).ConfigureAwait(false);
        for (var index = 0; index < read; index++)
        {
            var message = _buffer[index];
            if (!window.IsSettled(message.Position))
            {
                Offer(new Candidate(message));
            }
        }

        window.ReadUpTo(log.Position);
        return read;
    }

    /// <param name="max">So many at most.</param>
    /// <param name="firstOnly">Only when nothing of the replay is out.</param>
    /// <param name="stopReading">Cancels the read.</param>
    private async Task<int> ReplayAsync(int max, bool firstOnly, CancellationToken stopReading)
    {
        if (max <= 0 || window.ReplayRoom() is not { Room: > 0 } replay || (firstOnly && replay.IsUnderWay))
        {
            return 0;
        }

        max = Math.Min(max, replay.Room);
        var read = await stores.Replays.ReadAsync(publisher.TopicId, replay.Replay, replay.After, max, stopReading).ConfigureAwait(false);
        foreach (var (message, isDead) in read)
        {
            Offer(new Candidate(message, Replay: isDead ? ReplayKind.Dead : ReplayKind.Again));
        }

        if (read.Count < max)
        {
            window.ReplayEnded();
            _hasBooked = true;
        }

        return read.Count;
    }
}
