using Postoffice.Transports;

namespace Postoffice.Outcomes;

/// <summary>
/// Keeps a publisher from working against a receiver that fails every time. After <see cref="FailureThreshold"/> failures in a row, or one that says that all
/// will fail, it opens: nothing is read, so nothing is written. When its pause is over one probe goes out; a failure opens it again for twice as long (1 s up
/// to 30 s, ±20 %), each success doubles what may be in flight, until it is closed. Pure: time and jitter are handed in. Not safe for concurrent use.
/// </summary>
internal sealed class Breaker
{
    public const int FailureThreshold = 5;

    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private int _failuresInRow;
    private int _openings;
    private bool _isRefusing;
    private int _allowance = 1;
    private TimeSpan _probeAt;

    public BreakerState State { get; private set; }

    /// <summary>When it opened last, on the clock of <c>now</c>.</summary>
    public TimeSpan OpenedAt { get; private set; }

    /// <summary>When the next probe may go out, on the clock of <c>now</c>; meaningful while open.</summary>
    public TimeSpan ProbeAt => _probeAt;

    /// <returns>How many deliveries may be in flight now; no limit (<see cref="int.MaxValue"/>) when closed.</returns>
    public int AllowedInFlight(TimeSpan now)
    {
        if (State == BreakerState.Open && now >= _probeAt)
        {
            State = BreakerState.HalfOpen;
            _allowance = 1;
        }

        return State switch
        {
            BreakerState.Closed => int.MaxValue,
            BreakerState.HalfOpen => _allowance,
            _ => 0,
        };
    }

    /// <summary>A call to the receiver has ended, for one delivery or a batch of them.</summary>
    /// <param name="outcome">What the receiver said.</param>
    /// <param name="begunAt">When the delivery was handed to the consumers.</param>
    /// <param name="maxDemand">Closed again once this much may be in flight.</param>
    /// <param name="now">The time since a fixed moment, by a clock that never jumps.</param>
    /// <param name="jitter">Where in the range of ±20 % the pause falls: 0 up to, not including, 1.</param>
    /// <param name="failsForAll">The failure is none of the message's: <see cref="SendFault.Setup"/>.</param>
    public void Record(SendOutcome outcome, TimeSpan begunAt, int maxDemand, TimeSpan now, double jitter, bool failsForAll = false)
    {
        // They say nothing of the receiver: it was never asked.
        if (outcome is SendOutcome.Blocked or SendOutcome.Invalid)
        {
            return;
        }

        if (outcome == SendOutcome.Accepted)
        {
            Succeed(maxDemand);
        }
        else if (begunAt >= OpenedAt && !(outcome == SendOutcome.Rejected && HasSucceeded))
        {
            // Those that were under way before it opened prolong nothing; and one message refused says little of a receiver that has just taken another.
            _isRefusing = outcome == SendOutcome.Rejected;
            _failuresInRow = failsForAll ? FailureThreshold : _failuresInRow + 1;
            Fail(now, jitter);
        }
    }

    /// <summary>
    /// Half-open, no probe has succeeded yet, and it was opened by a receiver that did not answer as it should, not by one that refused a message: then
    /// another message would fare no better.
    /// </summary>
    public bool IsProbing => State == BreakerState.HalfOpen && _allowance == 1 && !_isRefusing;

    /// <summary>Open, or half-open and no probe has succeeded yet: whatever succeeds now says that the receiver is back.</summary>
    public bool IsDown => State == BreakerState.Open || (State == BreakerState.HalfOpen && _allowance == 1);

    /// <summary>A probe has succeeded since it opened.</summary>
    private bool HasSucceeded => State == BreakerState.HalfOpen && _allowance > 1;

    private void Succeed(int maxDemand)
    {
        _failuresInRow = 0;

        // One that was under way before it opened says that the receiver is back as well as a probe does.
        if (State == BreakerState.Open)
        {
            State = BreakerState.HalfOpen;
            _allowance = 1;
        }

        if (State == BreakerState.HalfOpen)
        {
            _allowance *= 2;
            _openings = 0;
            if (_allowance >= maxDemand)
            {
                State = BreakerState.Closed;
            }
        }
    }

    private void Fail(TimeSpan now, double jitter)
    {
        if (State == BreakerState.HalfOpen || (State == BreakerState.Closed && _failuresInRow >= FailureThreshold))
        {
            State = BreakerState.Open;
            OpenedAt = now;
            var pause = FirstPause * Math.Pow(2, Math.Min(_openings++, 30));
            pause = pause < LongestPause ? pause : LongestPause;
            _probeAt = now + (pause * (0.8 + (0.4 * jitter)));
        }
    }
}

internal enum BreakerState
{
    Closed,
    Open,
    HalfOpen,
}
