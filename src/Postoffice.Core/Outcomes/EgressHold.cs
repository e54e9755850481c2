namespace Postoffice.Outcomes;

/// <summary>
/// Keeps one publisher from hammering at this node's own fault (no way out, no sockets): nothing goes out for a pause of 1 s, doubling up to 30 s (±20 %),
/// then one attempt at a time, until something answers. Pure: time and jitter are handed in. Not safe for concurrent use.
/// </summary>
internal sealed class EgressHold
{
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private int _pauses;

    /// <summary>Until when nothing may go out, on the clock of <c>now</c>; meaningful while <see cref="IsActive"/>.</summary>
    public TimeSpan Until { get; private set; }

    /// <summary>Whether our own fault is all that the publisher has met since something answered it last.</summary>
    public bool IsActive => _pauses > 0;

    /// <returns>How many deliveries may be in flight now; no limit (<see cref="int.MaxValue"/>) when all is well.</returns>
    public int AllowedInFlight(TimeSpan now) => !IsActive ? int.MaxValue : now < Until ? 0 : 1;

    /// <summary>An attempt has failed by our own fault.</summary>
    /// <param name="now">The time since a fixed moment, by a clock that never jumps.</param>
    /// <param name="jitter">Where in the range of ±20 % the pause falls: 0 up to, not including, 1.</param>
    public void Begin(TimeSpan now, double jitter)
    {
        // Many in flight meet the same fault; together they make one pause.
        if (IsActive && now < Until)
        {
            return;
        }

        var pause = FirstPause * Math.Pow(2, Math.Min(_pauses++, 30));
        pause = pause < LongestPause ? pause : LongestPause;
        Until = now + (pause * (0.8 + (0.4 * jitter)));
    }

    /// <summary>An attempt has ended otherwise: whatever it came to, our fault is over.</summary>
    public void End() => _pauses = 0;
}
