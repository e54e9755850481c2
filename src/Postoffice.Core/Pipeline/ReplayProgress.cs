using Postoffice.Deliveries;
using Postoffice.Storage;

namespace Postoffice.Pipeline;

/// <summary>How far a replay has come: what was read of it, and what of that is not finished. Pure; the delivery window's lock guards it.</summary>
internal sealed class ReplayProgress(Replay replay)
{
    private readonly SortedSet<long> _open = [];
    private long _told = replay.Position;

    public Replay Replay => replay;

    /// <summary>Read up to here.</summary>
    public long ReadUpTo { get; private set; } = replay.Position;

    /// <summary>Taken up and not finished.</summary>
    public int Open => _open.Count;

    public bool IsAtEnd => ReadUpTo >= replay.Until;

    /// <summary>A message of it was read, and is sent, held, parked or left out.</summary>
    public void Taken(long position)
    {
        _open.Add(position);
        ReadUpTo = position;
    }

    /// <summary>The store has nothing more of it.</summary>
    public void Ended() => ReadUpTo = replay.Until;

    public void Finished(long position) => _open.Remove(position);

    /// <returns>How far it has come, when that is more than was told before; null else.</returns>
    public ReplayMark? TakeMark()
    {
        var position = _open.Count > 0 ? _open.Min - 1 : ReadUpTo;
        if (position <= _told)
        {
            return null;
        }

        _told = position;
        return new ReplayMark(replay.Id, position);
    }
}
