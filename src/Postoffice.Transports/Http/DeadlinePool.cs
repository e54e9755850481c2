using System.Collections.Concurrent;

namespace Postoffice.Transports.Http;

/// <summary>Timers for attempts, used again and again: most attempts end long before their deadline.</summary>
internal sealed class DeadlinePool(TimeSpan timeout) : IDisposable
{
    private readonly ConcurrentQueue<CancellationTokenSource> _idle = new();

    /// <returns>A source that is cancelled after the timeout; to be given to <see cref="Return"/>.</returns>
    public CancellationTokenSource Rent()
    {
        if (!_idle.TryDequeue(out var source))
        {
            source = new CancellationTokenSource();
        }

        source.CancelAfter(timeout);
        return source;
    }

    public void Return(CancellationTokenSource source)
    {
        if (source.TryReset())
        {
            _idle.Enqueue(source);
        }
        else
        {
            source.Dispose();
        }
    }

    public void Dispose()
    {
        while (_idle.TryDequeue(out var source))
        {
            source.Dispose();
        }
    }
}
