using System.Threading.RateLimiting;
using Postoffice.Publishers;

namespace Postoffice.Pipeline;

/// <summary>
/// A publisher's rate limit: no span of <see cref="RateLimit.PerSeconds"/> sees more than <see cref="RateLimit.Permits"/> attempts begun, as exactly as the
/// machine's timers run. Nothing is spread evenly: all permits may go in one burst, and then none for the rest of the span. It is kept in memory: a publisher
/// that starts, on this node or on another, starts with all its permits, so the span around a restart may see them twice. A permit that was taken and not
/// used comes back no earlier than any other. One producer uses it, and alone.
/// </summary>
internal sealed class SendRate : IDisposable
{
    /// <summary>A span is counted in so many parts; what was taken comes back with them, one after the other.</summary>
    public const int Segments = 20;

    private readonly SlidingWindowRateLimiter _limiter;

    public SendRate(RateLimit limit)
    {
        UntilNext = TimeSpan.FromSeconds(limit.PerSeconds) / Segments;

        // One segment more than the span has: a permit taken at the end of a segment comes back when the window has passed that segment's beginning,
        // and would else be early by one segment. So a publisher that always has mail gets 20/21 of its limit, never more than all of it.
        _limiter = new SlidingWindowRateLimiter(new SlidingWindowRateLimiterOptions
        {
            PermitLimit = limit.Permits,
            Window = UntilNext * (Segments + 1),
            SegmentsPerWindow = Segments + 1,
            QueueLimit = 0,
            AutoReplenishment = true,
        });
    }

    /// <summary>When to look again when none is available: after the length of a segment; 50 milliseconds for a limit per second.</summary>
    public TimeSpan UntilNext { get; }

    /// <summary>How many attempts may be begun now. Only grows until <see cref="Take"/>.</summary>
    public int Available => (int)(_limiter.GetStatistics()?.CurrentAvailablePermits ?? 0);

    /// <summary>Attempts are begun, no more of them than are <see cref="Available"/>.</summary>
    public void Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0)
        {
            return;
        }

        using var lease = _limiter.AttemptAcquire(count);
        if (!lease.IsAcquired)
        {
            throw new InvalidOperationException($"{count} attempts were begun, and the rate limit allows {Available}.");
        }
    }

    public void Dispose() => _limiter.Dispose();
}
