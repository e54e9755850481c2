namespace Postoffice.Pipeline;

/// <summary>One ordering key that is busy, held up, or has something waiting. The key lines alone touch it.</summary>
internal sealed class OrderedLine(string key)
{
    // Made when they are needed: a key that goes well has neither, and there is a line for each message that is out.
    private SortedSet<long>? _heads;
    private LinkedList<Candidate>? _waiting;

    public string Key => key;

    /// <summary>The position that is out; 0 for none.</summary>
    public long Busy { get; set; }

    /// <summary>The position that the key waits for; 0 for none.</summary>
    public long Blocked => _heads?.Min ?? 0;

    /// <summary>The first of what is held, in order of position; null when nothing is.</summary>
    public LinkedListNode<Candidate>? First => _waiting?.First;

    /// <summary>How many are held.</summary>
    public int Held => _waiting?.Count ?? 0;

    /// <summary>The store may have parked deliveries of the key that are not held.</summary>
    public bool MayHaveRows { get; set; }

    /// <summary>About how many those are.</summary>
    public int Rows { get; set; }

    /// <summary>The batch with which the last of them is written.</summary>
    public long RowsWrittenWith { get; set; }

    /// <summary>It stands in one of the queues.</summary>
    public bool IsQueued { get; set; }

    /// <summary>
    /// The key waits for this position: parked with a due time, or a dead letter. Nearly always for one; for more when somebody has retried an earlier one, and that fails.
    /// </summary>
    public void WaitFor(long position) => (_heads ??= []).Add(position);

    /// <returns>Whether the key waited for this position.</returns>
    public bool WaitNoMoreFor(long position) => _heads is not null && _heads.Remove(position);

    /// <summary>Holds a message, in order of position.</summary>
    public void Hold(in Candidate candidate)
    {
        // Nearly always at the end.
        _waiting ??= [];
        var before = _waiting.Last;
        while (before is not null && before.Value.Position > candidate.Position)
        {
            before = before.Previous;
        }

        _ = before is null ? _waiting.AddFirst(candidate) : _waiting.AddAfter(before, candidate);
    }

    public void Release(LinkedListNode<Candidate> held) => _waiting!.Remove(held);

    /// <returns>Whether a message from the log up to this position is held.</returns>
    public bool HoldsFresh(long upTo) => _waiting is not null && _waiting.Any(held => held.IsFresh && held.Position <= upTo);
}
