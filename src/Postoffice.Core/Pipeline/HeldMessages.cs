namespace Postoffice.Pipeline;

/// <summary>How much a publisher holds in memory for the sake of order: bounded, over all of its ordering keys. Pure; the key lines alone touch it.</summary>
internal sealed class HeldMessages
{
    /// <summary>So many messages and so many bytes of payload; one message is always held.</summary>
    public const int MaxCount = 1_024;
    public const long MaxBytes = 1024 * 1024;

    private readonly HashSet<long> _known = [];
    private int _count;
    private long _bytes;

    public bool IsFull => _count >= MaxCount || _bytes >= MaxBytes;

    /// <summary>
    /// The positions that are held although the store has a parked row for them, or gets one when somebody retries what a replay has brought: not to be read again.
    /// </summary>
    public IReadOnlyCollection<long> Known => _known;

    public bool HasRoom(in Candidate candidate) => _count == 0 || (_count < MaxCount && _bytes + candidate.Message.Payload.Length <= MaxBytes);

    public void Add(in Candidate candidate)
    {
        if (!candidate.IsFresh)
        {
            _known.Add(candidate.Position);
        }

        _count++;
        _bytes += candidate.Message.Payload.Length;
    }

    public void Remove(in Candidate candidate)
    {
        _known.Remove(candidate.Position);
        _count--;
        _bytes -= candidate.Message.Payload.Length;
    }
}
