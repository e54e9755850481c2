namespace Postoffice.Activity;

/// <summary>
/// Durations counted in buckets whose bounds grow by a fixed factor, from 1 ms to 1 h: 34 numbers that can be added up over minutes, publishers and nodes, and
/// from which a quantile can be told. Bucket 0 is up to 1 ms, bucket i is above bound i − 1 and up to bound i, the last is beyond 1 h. The bounds are never
/// changed: nodes of two versions add to the same sums.
/// </summary>
internal static class LatencyHistogram
{
    private const int Steps = 32;

    private static readonly TimeSpan Lowest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Highest = TimeSpan.FromHours(1);

    /// <summary>1 ms × 3,600,000^(i / 32): each is 1.6 times the one before.</summary>
    private static readonly long[] BoundTicks = [.. Enumerable.Range(0, Steps + 1).Select(
        step => (long)Math.Round(Lowest.Ticks * Math.Pow(Highest / Lowest, (double)step / Steps)))];

    /// <summary>How many buckets there are.</summary>
    public const int Buckets = Steps + 2;

    public static int BucketOf(TimeSpan duration)
    {
        var index = BoundTicks.AsSpan().BinarySearch(duration.Ticks);
        return index >= 0 ? index : ~index;
    }

    /// <summary>
    /// The duration that a share of the counted ones does not exceed. The right bucket is found exactly and the value told by its place in the bucket, so it
    /// errs by less than a factor of 1.61; beyond 1 h it is 1 h.
    /// </summary>
    /// <param name="counts">Counts by bucket; those that are missing are zero.</param>
    /// <param name="share">0.5 for the median.</param>
    /// <returns>Null when nothing is counted.</returns>
    public static TimeSpan? Quantile(IReadOnlyList<long> counts, double share)
    {
        var total = counts.Sum();
        if (total == 0)
        {
            return null;
        }

        var rank = Math.Max(1, Math.Ceiling(share * total));
        var before = 0L;
        for (var bucket = 0; bucket < Math.Min(counts.Count, Buckets); bucket++)
        {
            if (before + counts[bucket] >= rank)
            {
                return Within(bucket, (rank - before) / counts[bucket]);
            }

            before += counts[bucket];
        }

        return Highest;
    }

    private static TimeSpan Within(int bucket, double place) => bucket switch
    {
        0 => Lowest * place,
        > Steps => Highest,
        _ => TimeSpan.FromTicks((long)(BoundTicks[bucket - 1] * Math.Pow((double)BoundTicks[bucket] / BoundTicks[bucket - 1], place))),
    };
}
