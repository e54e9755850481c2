namespace Postoffice.Pipeline;

/// <summary>How many a second, over the last minute. Safe for concurrent use; told once a flush.</summary>
internal sealed class RecentRate(TimeProvider time)
{
    private const int Seconds = 60;

    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();

    /// <summary>The counts of the last seconds, by second modulo <see cref="Seconds"/>, and the second that each is of.</summary>
    private readonly (long Second, long Count)[] _counts = new (long, long)[Seconds];

    public void Add(int count)
    {
        lock (_lock)
        {
            var second = Now;
            ref var slot = ref _counts[second % Seconds];
            slot = (second, slot.Second == second ? slot.Count + count : count);
        }
    }

    /// <returns>The mean of the last minute, or of the time since the start when that is shorter.</returns>
    public double PerSecond()
    {
        lock (_lock)
        {
            var second = Now;
            var count = 0L;
            foreach (var slot in _counts)
            {
                count += slot.Second > second - Seconds ? slot.Count : 0;
            }

            return count / Math.Clamp(time.GetElapsedTime(_start).TotalSeconds, 1, Seconds);
        }
    }

    private long Now => (long)time.GetElapsedTime(_start).TotalSeconds;
}
