using System.Threading.Channels;

namespace Postoffice.Threading;

/// <summary>
/// Wakes one waiting loop. A wake that comes while nobody waits is kept, further ones fall together with it; so a loop that looks at its state,
/// finds nothing to do and waits, never misses a change that was made in between.
/// </summary>
internal sealed class WakeSignal : IDisposable
{
    // A timer takes no more than 49 days; whoever waits looks again anyway.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1)
    {
        FullMode = BoundedChannelFullMode.DropWrite,
        SingleReader = true,
    });

    private readonly ITimer _timer;

    public WakeSignal(TimeProvider time) =>
        _timer = time.CreateTimer(static state => ((WakeSignal)state!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Wake() => _wakes.Writer.TryWrite(true);

    /// <summary>Waits for the next wake. One caller at a time.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _wakes.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Waits for the next wake, but no longer than <paramref name="atMost"/> (<see cref="Timeout.InfiniteTimeSpan"/>: however long).</summary>
    public async ValueTask WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        if (atMost == Timeout.InfiniteTimeSpan)
        {
            await WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        if (atMost <= TimeSpan.Zero || _wakes.Reader.TryRead(out _))
        {
            cancellationToken.ThrowIfCancellationRequested();
            return;
        }

        // A timer counts whole milliseconds; one more, or a wait that ends a fraction early would spin.
        _timer.Change(atMost < LongestWait ? atMost + TimeSpan.FromMilliseconds(1) : LongestWait, Timeout.InfiniteTimeSpan);
        await WaitAsync(cancellationToken).ConfigureAwait(false);
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();
}
