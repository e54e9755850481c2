using System.Diagnostics;

namespace Postoffice.Load.Client;

/// <summary>Runs the same call many times on a number of workers and takes the time of each.</summary>
internal static class Workers
{
    /// <param name="calls">How many calls in all.</param>
    /// <param name="workers">How many at once.</param>
    /// <param name="call">The call of the worker with this number.</param>
    public static async Task<Measured> RunAsync(int calls, int workers, Func<int, ValueTask> call)
    {
        var times = new long[calls];
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            for (var index = Interlocked.Increment(ref next); index < calls; index = Interlocked.Increment(ref next))
            {
                var begun = Stopwatch.GetTimestamp();
                await call(worker);
                times[index] = Stopwatch.GetTimestamp() - begun;
            }
        })));
        var elapsed = Stopwatch.GetElapsedTime(started);

        Array.Sort(times);
        return new Measured(calls, elapsed, Percentile(times, 0.50), Percentile(times, 0.99));
    }

    private static TimeSpan Percentile(long[] sorted, double part) => Stopwatch.GetElapsedTime(0, sorted[(int)((sorted.Length - 1) * part)]);
}

/// <summary>How long a number of calls took.</summary>
internal sealed record Measured(int Calls, TimeSpan Elapsed, TimeSpan? P50 = null, TimeSpan? P99 = null)
{
    /// <summary>The processor time of the host; null when it had no part in it.</summary>
    public TimeSpan? ProcessorTime { get; init; }

    public double PerSecond => Calls / Elapsed.TotalSeconds;

    /// <returns>The round in the middle, by rate: a neighbour on the machine spoils some rounds but seldom most.</returns>
    public static Measured Median(IEnumerable<Measured> rounds)
    {
        var sorted = rounds.OrderBy(round => round.PerSecond).ToList();
        return sorted[sorted.Count / 2];
    }
}
