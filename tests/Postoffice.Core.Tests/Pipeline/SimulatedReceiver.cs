using Postoffice.Pipeline;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>
/// A publisher with more mail than it can send, and a receiver, on a clock of their own: as many attempts are in flight as the window allows, and each ends
/// when and as the receiver says. The same seed gives the same run.
/// </summary>
internal sealed class SimulatedReceiver(AdaptiveWindow window, int seed)
{
    private readonly Random _random = new(seed);
    private readonly PriorityQueue<Attempt, TimeSpan> _inFlight = new();
    private TimeSpan _now;
    private TimeSpan _freeAt;

    /// <summary>More than so many in flight are refused, at once.</summary>
    public int Capacity { get; set; } = int.MaxValue;

    /// <summary>How long it works on one.</summary>
    public Func<Random, TimeSpan> Work { get; set; } = _ => TimeSpan.FromMilliseconds(100);

    /// <summary>Whether it works on one after the other, so that all others wait.</summary>
    public bool IsSerial { get; set; }

    /// <summary>What takes longer is given up.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Lets attempts come to their end.</summary>
    public Course Run(int attempts)
    {
        var course = new Course();
        var start = _now;
        var limits = 0d;
        for (var ended = 0; ended < attempts; ended++)
        {
            while (_inFlight.Count < window.Limit)
            {
                Begin();
            }

            var (attempt, before) = (_inFlight.Dequeue(), _now);
            _now = attempt.EndsAt;
            limits += window.Limit * (_now - before).TotalSeconds;
            course.Lowest = Math.Min(course.Lowest, window.Limit);
            course.Highest = Math.Max(course.Highest, window.Limit);
            course.Accepted += attempt.Outcome == SendOutcome.Accepted ? 1 : 0;
            window.Record(attempt.Outcome, attempt.Outcome == SendOutcome.Unavailable, attempt.BegunAt, _now - attempt.BegunAt, _now);
        }

        course.Seconds = (_now - start).TotalSeconds;
        course.Mean = limits / course.Seconds;
        course.Refused = attempts - course.Accepted;
        return course;
    }

    private void Begin()
    {
        // Of the same moment's attempts each begins a little later, as on any real machine.
        _now += TimeSpan.FromTicks(1);
        if (_inFlight.Count >= Capacity)
        {
            End(_now + TimeSpan.FromMilliseconds(2), SendOutcome.Throttled);
            return;
        }

        var begins = IsSerial && _freeAt > _now ? _freeAt : _now;
        var ends = begins + Work(_random);
        _freeAt = ends;
        End(ends - _now > Timeout ? _now + Timeout : ends, ends - _now > Timeout ? SendOutcome.Unavailable : SendOutcome.Accepted);
    }

    private void End(TimeSpan endsAt, SendOutcome outcome) => _inFlight.Enqueue(new Attempt(_now, endsAt, outcome), endsAt);

    private readonly record struct Attempt(TimeSpan BegunAt, TimeSpan EndsAt, SendOutcome Outcome);

    /// <summary>What was seen.</summary>
    internal sealed record Course
    {
        public int Lowest { get; set; } = int.MaxValue;

        public int Highest { get; set; }

        /// <summary>The limit, averaged over time.</summary>
        public double Mean { get; set; }

        public int Accepted { get; set; }

        public int Refused { get; set; }

        public double Seconds { get; set; }
    }
}
