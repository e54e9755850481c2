namespace Postoffice.Outcomes;

/// <summary>How long a failed delivery waits: <c>retry × 2^(n−1)</c> after attempt n, ±20 % so that many do not come back at once, and never above one hour.</summary>
internal static class RetryBackoff
{
    public static readonly TimeSpan Cap = TimeSpan.FromHours(1);
    public static readonly TimeSpan RetryAfterCap = TimeSpan.FromHours(24);

    private const double Jitter = 0.2;

    // Cut off before the jitter, not after it: many that have reached the cap still spread, between 40 and 60 minutes.
    private static readonly double LongestSeconds = Cap.TotalSeconds / (1 + Jitter);

    /// <param name="retryDelay">The pause before the first retry.</param>
    /// <param name="attempt">The attempt that failed: 1 for the first.</param>
    /// <param name="jitter">Where in the range of ±20 % the delay falls: 0 up to, not including, 1.</param>
    public static TimeSpan After(TimeSpan retryDelay, int attempt, double jitter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);

        // 2^62 seconds are beyond any cap and still a finite double.
        var seconds = Math.Min(retryDelay.TotalSeconds * Math.Pow(2, Math.Min(attempt - 1, 62)), LongestSeconds);
        return TimeSpan.FromSeconds(seconds * (1 - Jitter + (2 * Jitter * jitter)));
    }

    /// <summary>What a receiver asks for by <c>Retry-After</c> is honoured, but never shortens the backoff and never exceeds 24 hours.</summary>
    public static TimeSpan WithRetryAfter(TimeSpan backoff, TimeSpan? retryAfter)
    {
        if (retryAfter is not { } asked)
        {
            return backoff;
        }

        asked = asked < RetryAfterCap ? asked : RetryAfterCap;
        return asked > backoff ? asked : backoff;
    }
}
