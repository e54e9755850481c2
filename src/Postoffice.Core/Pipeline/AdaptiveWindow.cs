using Postoffice.Transports;

namespace Postoffice.Pipeline;

/// <summary>
/// How much of its demand a publisher may have in flight, by how its receiver fares: 1 … max, and max at first. It grows by one for each window of
/// successes, falls to a half when an attempt is throttled or times out, and to nine tenths when successes take much longer than they did. An attempt counts
/// only for the limit it was begun under, so one bad moment shrinks it once, however many were in flight. Refusals and failures of other kinds change
/// nothing: they are the retry policy's and the breaker's. Pure: times are handed in. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// Additive increase, multiplicative decrease: D.-M. Chiu, R. Jain, "Analysis of the increase and decrease algorithms for congestion avoidance in computer
/// networks", Computer Networks and ISDN Systems 17 (1989). Latency against the lowest of late: L. S. Brakmo, L. L. Peterson, "TCP Vegas", IEEE Journal on
/// Selected Areas in Communications 13 (1995).
/// </remarks>
internal sealed class AdaptiveWindow
{
    /// <summary>On throttling and timeouts, as TCP does: two or three such steps find any capacity, and a window of successes at a time undoes it.</summary>
    public const double Decrease = 0.5;

    /// <summary>On latency: a guess, where a refusal is a fact, and so a small step; seven of them are a half.</summary>
    public const double GentleDecrease = 0.9;

    /// <summary>A queue at the receiver that fills from empty to our limit doubles the mean of the first window at most: that is no rise yet.</summary>
    public const double Tolerance = 2;

    /// <summary>Fewer successes make no mean, even when the limit is smaller: with a tail of ten times the median, fifty are off by a fifth.</summary>
    public const int FewestSamples = 50;

    /// <summary>By which part of the difference a faster window draws the baseline down: one lucky window must not make all others look slow.</summary>
    public const double Drift = 0.1;

    /// <summary>The latency must fall at least to this part when the limit has been halved, or the limit is not what it comes from.</summary>
    public const double Relief = 0.75;

    /// <summary>A local receiver answers in a millisecond, and in thirty after a collection: less than 50 ms tells nothing.</summary>
    public static readonly TimeSpan Noise = TimeSpan.FromMilliseconds(50);

    private readonly int _max;
    private double _limit;
    private TimeSpan _decreasedAt = TimeSpan.MinValue;
    private int _successes;

    /// <summary>
    /// Successes whose durations are summed up. Negative at first and after each decrease: those that end first are the quickest of their time, and find the
    /// receiver's queue of another length, so the first window is left out.
    /// </summary>
    private int _samples;
    private TimeSpan _sum;
    private TimeSpan? _baseline;
    private bool _isRising;
    private int _limitBefore;
    private TimeSpan _highestMean;

    public AdaptiveWindow(int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        _max = max;
        _limit = max;
        _samples = -max;
    }

    /// <summary>How many deliveries may be in flight: 1 … max.</summary>
    public int Limit => (int)_limit;

    /// <summary>
    /// The mean duration when all is well. It drifts down to faster windows, and only rises when shrinking has not helped: what our own load has caused must
    /// not become normal by lasting long. Null until there is one.
    /// </summary>
    public TimeSpan? Baseline => _baseline;

    /// <summary>An attempt has come to its end.</summary>
    /// <param name="outcome">What the receiver said.</param>
    /// <param name="isTimeout">It said nothing in time.</param>
    /// <param name="begunAt">When the attempt was begun, on the clock of <paramref name="now"/>.</param>
    /// <param name="duration">How long it took.</param>
    /// <param name="now">The time since a fixed moment, by a clock that never jumps.</param>
    /// <returns>Whether more may be in flight than before.</returns>
    public bool Record(SendOutcome outcome, bool isTimeout, TimeSpan begunAt, TimeSpan duration, TimeSpan now)
    {
        var before = Limit;
        if (begunAt <= _decreasedAt)
        {
            return false;
        }

        if (isTimeout || outcome == SendOutcome.Throttled)
        {
            Shrink(Decrease, now);
        }
        else if (outcome == SendOutcome.Accepted)
        {
            Succeed(duration, now);
        }

        return Limit > before;
    }

    private void Succeed(TimeSpan duration, TimeSpan now)
    {
        _successes++;
        if (_samples++ >= 0)
        {
            _sum += duration;
        }

        if (_samples >= Math.Max(FewestSamples, Limit))
        {
            var mean = _sum / _samples;
            (_samples, _sum) = (0, TimeSpan.Zero);
            _isRising = IsRising(mean);
            if (_isRising)
            {
                Shrink(GentleDecrease, now);
            }
        }

        if (_successes >= Limit && !_isRising)
        {
            _successes = 0;
            _limit = Math.Min(_max, _limit + 1);
        }
    }

    private bool IsRising(TimeSpan mean)
    {
        var baseline = _baseline ??= mean;
        if (mean <= (baseline * Tolerance) + Noise)
        {
            _baseline = mean < baseline ? baseline - (Drift * (baseline - mean)) : baseline;
            return false;
        }

        if (!_isRising)
        {
            (_limitBefore, _highestMean) = (Limit, mean);
        }

        // The highest, for the first window of a backlog still finds the receiver's queue half empty.
        _highestMean = mean > _highestMean ? mean : _highestMean;
        if (Limit > Math.Max(1, _limitBefore / 2))
        {
            return true;
        }

        // Half of it, or all but the last, has been taken away. Has it helped? If not, that is how the receiver is now, and a slow one may have its full
        // demand.
        if (mean > _highestMean * Relief)
        {
            _baseline = mean;
            return false;
        }

        (_limitBefore, _highestMean) = (Limit, mean);
        return true;
    }

    private void Shrink(double factor, TimeSpan now)
    {
        _limit = Math.Max(1, _limit * factor);
        _decreasedAt = now;
        (_successes, _samples, _sum) = (0, -Limit, TimeSpan.Zero);
    }
}
