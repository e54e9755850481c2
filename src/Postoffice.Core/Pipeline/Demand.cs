using Postoffice.Publishers;

namespace Postoffice.Pipeline;

/// <summary>
/// How many deliveries a publisher's consumers have asked for. They ask for <see cref="Max"/> at once, and then again by the rule of their mode:
/// <see cref="DemandMode.Completed"/>: for what has finished, as soon as max(1, <see cref="Min"/>) have; <see cref="DemandMode.LowWatermark"/>: for what is
/// missing to <see cref="Max"/>, when no more than <see cref="Min"/> are outstanding. Every delivery is in one place: asked for (<see cref="Pending"/>), in
/// flight (<see cref="InFlight"/>), or finished and not asked for again; together they are always <see cref="Max"/>. So nothing is lost, and when nothing is
/// outstanding any more both rules ask for all of it. Not safe for concurrent use: the delivery window's lock guards it.
/// </summary>
internal sealed class Demand
{
    public Demand(int max, int min, DemandMode mode = DemandMode.Completed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(min);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(min, max);
        Max = Pending = max;
        Min = min;
        Mode = mode;
    }

    /// <summary>Hard bound on deliveries asked for and not finished.</summary>
    public int Max { get; }

    /// <summary>The threshold of asking again: so many finished, or so few outstanding.</summary>
    public int Min { get; }

    /// <summary>What the threshold counts.</summary>
    public DemandMode Mode { get; }

    /// <summary>Asked for and not yet got: what a producer may read now.</summary>
    public int Pending { get; private set; }

    /// <summary>Got and not yet finished.</summary>
    public int InFlight { get; private set; }

    /// <summary>Asked for and not finished.</summary>
    public int Outstanding => Pending + InFlight;

    /// <summary>The most that is handed over at once: one refill's worth, so that the next is asked for while the rest is still worked on.</summary>
    public int MaxBatch => Mode == DemandMode.LowWatermark ? Math.Max(1, Max - Min) : Max;

    private int Finished => Max - Outstanding;

    /// <summary>Cuts what arrives into batches: as many full ones as there are, then the rest.</summary>
    public IEnumerable<int> Cut(int arrived)
    {
        for (var left = arrived; left > 0; left -= MaxBatch)
        {
            yield return Math.Min(left, MaxBatch);
        }
    }

    /// <summary>A producer answers <paramref name="count"/> of the demand.</summary>
    public void Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Pending);
        Pending -= count;
        InFlight += count;
    }

    /// <summary>
    /// Consumers have finished one delivery, or a batch of them, together: a batch is judged when all of it is done. A delivery that is cancelled, or given
    /// back unattempted, gives its demand back in the same way.
    /// </summary>
    /// <returns>How many are asked for anew: 0 while the threshold is not reached.</returns>
    public int Finish(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, InFlight);
        InFlight -= count;
        if (!IsTimeToAsk())
        {
            return 0;
        }

        var asked = Finished;
        Pending += asked;
        return asked;
    }

    // Min is below Max, so either rule is met at the latest when nothing is outstanding: nobody waits for a finish that cannot come.
    private bool IsTimeToAsk() => Mode == DemandMode.LowWatermark ? Outstanding <= Min : Finished >= Math.Max(1, Min);
}
