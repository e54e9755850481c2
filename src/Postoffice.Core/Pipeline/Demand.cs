namespace Postoffice.Pipeline;

/// <summary>
/// How many deliveries a publisher's consumers have asked for. They ask for <see cref="Max"/> at once, then again for what has finished, as soon as
/// max(1, <see cref="Min"/>) have. Every delivery is in one place: asked for (<see cref="Pending"/>), in flight (<see cref="InFlight"/>), or finished
/// and not asked for again; together they are always <see cref="Max"/>. Not safe for concurrent use: the delivery window's lock guards it.
/// </summary>
internal sealed class Demand
{
    private int _finished;

    public Demand(int max, int min)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(min);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(min, max);
        Max = Pending = max;
        Min = min;
    }

    /// <summary>Hard bound on deliveries asked for and not finished.</summary>
    public int Max { get; }

    /// <summary>How many must finish before more are asked for.</summary>
    public int Min { get; }

    /// <summary>Asked for and not yet got: what a producer may read now.</summary>
    public int Pending { get; private set; }

    /// <summary>Got and not yet finished.</summary>
    public int InFlight { get; private set; }

    /// <summary>A producer answers <paramref name="count"/> of the demand.</summary>
    public void Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Pending);
        Pending -= count;
        InFlight += count;
    }

    /// <summary>A consumer has finished one delivery.</summary>
    /// <returns>How many are asked for anew: 0 while fewer than <see cref="Min"/> have finished.</returns>
    public int Finish()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(InFlight, 1);
        InFlight--;
        _finished++;

        // When nothing is in flight any more nobody else will finish: ask, or the rest would wait for ever.
        if (_finished < Math.Max(1, Min) && (InFlight > 0 || Pending > 0))
        {
            return 0;
        }

        var asked = _finished;
        Pending += asked;
        _finished = 0;
        return asked;
    }
}
