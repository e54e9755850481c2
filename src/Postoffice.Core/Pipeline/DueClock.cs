using Postoffice.Threading;

namespace Postoffice.Pipeline;

/// <summary>When a publisher's earliest parked delivery is due, as far as is known. Safe for concurrent use: the poll, the settler and the producer meet here.</summary>
internal sealed class DueClock(WakeSignal wake, TimeProvider time)
{
    /// <summary>A timestamp of the clock; 0 when nothing is known to be due.</summary>
    private long _dueAt;

    /// <summary>The timestamp as it is known now; 0 when nothing is known to be due.</summary>
    public long Known => Interlocked.Read(ref _dueAt);

    public bool IsDue => Known is not 0 and var dueAt && time.GetTimestamp() >= dueAt;

    /// <summary>A delivery is due in so long; whoever waits is woken when that is earlier than what was known.</summary>
    public void In(TimeSpan delay)
    {
        var dueAt = Math.Max(1, time.GetTimestamp() + (long)(Math.Max(0, delay.TotalSeconds) * time.TimestampFrequency));
        for (var known = Known; known == 0 || dueAt < known; known = Known)
        {
            if (Interlocked.CompareExchange(ref _dueAt, dueAt, known) == known)
            {
                wake.Wake();
                return;
            }
        }
    }

    /// <summary>Forgets what was known, before the store is asked: what is parked while it answers says so again.</summary>
    public void Forget(long known) => Interlocked.CompareExchange(ref _dueAt, 0, known);

    /// <returns>How long until it is due; null when nothing is known to be.</returns>
    public TimeSpan? Left()
    {
        var dueAt = Known;
        if (dueAt == 0)
        {
            return null;
        }

        // Never negative: −1 ms would mean for ever.
        var left = time.GetElapsedTime(time.GetTimestamp(), dueAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
