namespace Postoffice.Pipeline;

/// <summary>One ordering key that is busy, held up, or has something waiting. The key lines alone touch it.</summary>
internal sealed class OrderedLine(string key)
{
    public string Key => key;

    /// <summary>The position that is out; 0 for none.</summary>
    public long Busy { get; set; }

    /// <summary>What the key waits for: parked with a due time, or a dead letter. Nearly always one; more when somebody has retried an earlier one, and that fails.</summary>
    public SortedSet<long> Heads { get; } = [];

    /// <summary>The position that the key waits for; 0 for none.</summary>
    public long Blocked => Heads.Min;

    /// <summary>What is held, in order of position.</summary>
    public LinkedList<Candidate> Waiting { get; } = [];

    /// <summary>The store may have parked deliveries of the key that are not held.</summary>
    public bool MayHaveRows { get; set; }

    /// <summary>About how many those are.</summary>
    public int Rows { get; set; }

    /// <summary>The batch with which the last of them is written.</summary>
    public long RowsWrittenWith { get; set; }

    /// <summary>It stands in one of the queues.</summary>
    public bool IsQueued { get; set; }
}
