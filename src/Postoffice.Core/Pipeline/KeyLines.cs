using Postoffice.Storage;

namespace Postoffice.Pipeline;

/// <summary>
/// The order within ordering keys: of each key one delivery is out at a time, in order of position. What comes after it is held here while the key goes well, up
/// to a bound, and parked behind it in the store when the key fails, or when too much is held. A key without a line is free. Pure; the delivery window's lock
/// guards it.
/// </summary>
internal sealed class KeyLines
{
    /// <summary>How many parked deliveries of one key are read at once when it goes on.</summary>
    private const int MaxRefill = 32;

    /// <summary>And over all keys that are read together, unless they are more than that: a message may have a megabyte.</summary>
    private const int MaxRefillOfAll = 128;

    private readonly Dictionary<string, OrderedLine> _lines = new(StringComparer.Ordinal);

    // Keys that may go on: with a message that is held and fresh, with one that was parked, or with what the store has.
    private readonly Queue<OrderedLine> _fresh = new();
    private readonly Queue<OrderedLine> _parked = new();
    private readonly Queue<OrderedLine> _refill = new();
    private readonly HeldMessages _held = new();

    /// <summary>About how many rows are parked behind keys that do not fail: keys that are slower than what comes for them.</summary>
    public long Spilled { get; private set; }

    /// <summary>Whether a key may go on with what the store has parked for it.</summary>
    public bool HasRefills => _refill.Count > 0;

    public bool HasFresh => _fresh.Count > 0;

    /// <summary>See <see cref="HeldMessages.Known"/>.</summary>
    public IReadOnlyCollection<long> HeldParked => _held.Known;

    /// <summary>Takes over what the store knows of the publisher's keys.</summary>
    public void Load(IEnumerable<KeyLine> lines)
    {
        foreach (var (key, head, kind, rows) in lines)
        {
            var line = Open(key);
            line.MayHaveRows = rows > 0;
            line.Rows = rows;
            if (kind == KeyHead.Free)
            {
                Spilled += rows;
                Advance(line);
            }
            else
            {
                line.WaitFor(head);
            }
        }
    }

    /// <summary>Decides what becomes of a message whose turn in the log, among the due or in a replay has come.</summary>
    public Admission Admit(in Candidate candidate)
    {
        var key = candidate.Message.OrderingKey!;
        if (!_lines.TryGetValue(key, out var line))
        {
            Open(key).Busy = candidate.Position;
            return Admission.Send;
        }

        // The head that the key waits for, or an earlier one that somebody has retried.
        if (candidate.IsParked && line.Busy == 0 && candidate.Position <= line.Blocked)
        {
            Unblock(line, candidate.Position);
            line.Busy = candidate.Position;
            return Admission.Send;
        }

        // Once there are rows all that comes later must become a row as well, or it would overtake them.
        if (line.Blocked != 0 || line.MayHaveRows || !_held.HasRoom(candidate))
        {
            return Admission.ParkBehind;
        }

        Hold(line, candidate);
        if (line.Busy == 0)
        {
            Advance(line);
        }

        return Admission.Held;
    }

    /// <summary>A message is parked behind its key, with the batch of this number.</summary>
    public void ParkedBehind(in Candidate candidate, long sequence)
    {
        var line = Open(candidate.Message.OrderingKey!);
        line.MayHaveRows = true;
        line.RowsWrittenWith = sequence;
        AddRows(line, 1);

        // A head: its due time has come while an earlier one was out, or a replay brings the dead letter that the key waits for. A row like any other now.
        Unblock(line, candidate.Position);
        Advance(line);
    }

    /// <summary>The publisher's filter leaves out what was parked: nobody waits for it any more.</summary>
    public void LeftOut(in Candidate candidate)
    {
        if (!_lines.TryGetValue(candidate.Message.OrderingKey!, out var line))
        {
            return;
        }

        for (var held = line.First; held is not null; held = held.Next)
        {
            if (held.Value.Position == candidate.Position)
            {
                Release(line, held);
                break;
            }
        }

        Unblock(line, candidate.Position);
        Advance(line);
    }

    /// <summary>The delivery that was out is settled, and the key goes on.</summary>
    public void GoOn(string key)
    {
        var line = _lines[key];
        line.Busy = 0;
        Advance(line);
    }

    /// <summary>The delivery that was out is parked, or dead: the key waits for it.</summary>
    /// <returns>What was held and must be parked behind it now.</returns>
    public IReadOnlyList<Candidate> Block(string key, long position)
    {
        var line = _lines[key];
        line.Busy = 0;
        if (line.Blocked == 0)
        {
            Spilled -= line.Rows;
        }

        line.WaitFor(position);
        return Empty(line);
    }

    /// <summary>A delivery that was out was not attempted after all: it is the next of its key.</summary>
    public void GiveBack(in Candidate candidate)
    {
        var line = _lines[candidate.Message.OrderingKey!];
        line.Busy = 0;
        if (line.Blocked != 0)
        {
            // An earlier one, retried by somebody, with a row that is due: held, it would wait for the head.
            line.WaitFor(candidate.Position);
            return;
        }

        Hold(line, candidate);
        Advance(line);
    }

    /// <summary>Takes the next message of a key that may go on.</summary>
    /// <param name="parked">One that was parked before; else one from the log.</param>
    /// <param name="candidate">The message; its key is busy with it from here on.</param>
    public bool TryTake(bool parked, out Candidate candidate)
    {
        var queue = parked ? _parked : _fresh;
        while (queue.TryDequeue(out var line))
        {
            line.IsQueued = false;
            if (line.Busy == 0 && line.Blocked == 0 && line.First is { } first)
            {
                candidate = first.Value;
                Release(line, first);
                line.Busy = candidate.Position;
                return true;
            }

            // What was held of it was parked meanwhile.
            Advance(line);
        }

        candidate = default;
        return false;
    }

    /// <returns>
    /// Keys whose parked deliveries are to be read: all that was parked for them is written. With those that may go on already no more than
    /// <paramref name="max"/>, and no more than one when enough is held.
    /// </returns>
    public List<string> TakeRefills(int max, long writtenSequence)
    {
        max = (_held.IsFull ? Math.Min(max, 1) : max) - _parked.Count;
        var keys = new List<string>();
        for (var left = _refill.Count; left > 0 && keys.Count < max; left--)
        {
            var line = _refill.Dequeue();
            if (line.RowsWrittenWith > writtenSequence)
            {
                _refill.Enqueue(line);
            }
            else
            {
                line.IsQueued = false;
                keys.Add(line.Key);
            }
        }

        return keys;
    }

    /// <returns>How many parked deliveries of each key to read, when so many keys are read together.</returns>
    public static int RefillSize(int keys) => Math.Clamp(MaxRefillOfAll / keys, 1, MaxRefill);

    /// <summary>Hands over what the store has parked for a key, in order.</summary>
    /// <param name="key">The key.</param>
    /// <param name="rows">Its parked deliveries.</param>
    /// <param name="asked">How many were asked for; fewer rows mean that there are no more.</param>
    public void Refill(string key, IReadOnlyList<Candidate> rows, int asked)
    {
        var line = _lines[key];
        line.MayHaveRows = rows.Count == asked;
        AddRows(line, line.MayHaveRows ? -rows.Count : -line.Rows);
        foreach (var row in rows)
        {
            Hold(line, row);
        }

        Advance(line);
    }

    /// <summary>The read of these keys has failed: they are to be read again.</summary>
    public void RefillLater(IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            Advance(_lines[key]);
        }
    }

    /// <summary>Lets go of what holds up the cursor.</summary>
    /// <param name="upTo">Keys of which a message from the log up to this position is held.</param>
    /// <returns>What was held of them and must be parked behind them now.</returns>
    public IReadOnlyList<Candidate> Spill(long upTo)
    {
        var spilled = new List<Candidate>();
        foreach (var line in _lines.Values)
        {
            if (line.HoldsFresh(upTo))
            {
                spilled.AddRange(Empty(line));
            }
        }

        return spilled;
    }

    private OrderedLine Open(string key)
    {
        if (!_lines.TryGetValue(key, out var line))
        {
            _lines.Add(key, line = new OrderedLine(key));
        }

        return line;
    }

    private void Hold(OrderedLine line, in Candidate candidate)
    {
        line.Hold(candidate);
        _held.Add(candidate);
    }

    private void Release(OrderedLine line, LinkedListNode<Candidate> held)
    {
        line.Release(held);
        _held.Remove(held.Value);
    }

    private List<Candidate> Empty(OrderedLine line)
    {
        var held = new List<Candidate>(line.Held);
        while (line.First is { } first)
        {
            held.Add(first.Value);
            Release(line, first);
        }

        return held;
    }

    /// <summary>Queues a key that may go on; forgets one of which nothing is left.</summary>
    private void Advance(OrderedLine line)
    {
        if (line.Busy != 0 || line.Blocked != 0 || line.IsQueued)
        {
            return;
        }

        if (line.First is { } first)
        {
            line.IsQueued = true;
            (first.Value.IsParked ? _parked : _fresh).Enqueue(line);
        }
        else if (line.MayHaveRows)
        {
            line.IsQueued = true;
            _refill.Enqueue(line);
        }
        else
        {
            Spilled -= line.Rows;
            _lines.Remove(line.Key);
        }
    }

    private void Unblock(OrderedLine line, long position)
    {
        // An earlier one that was retried leaves the head where it is.
        if (line.WaitNoMoreFor(position) && line.Blocked == 0)
        {
            Spilled += line.Rows;
        }
    }

    private void AddRows(OrderedLine line, int count)
    {
        // The store may have rows that nobody counted, of messages that somebody has retried.
        count = Math.Max(count, -line.Rows);
        line.Rows += count;
        Spilled += line.Blocked == 0 ? count : 0;
    }
}
