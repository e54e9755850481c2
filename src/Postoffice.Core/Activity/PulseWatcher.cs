using Microsoft.Extensions.Logging;
using Postoffice.Diagnostics;
using Postoffice.Storage;

namespace Postoffice.Activity;

/// <summary>
/// Looks once a second whether anything has changed, while somebody listens: one query a node, whatever the number of listeners, and none while there are none.
/// </summary>
internal sealed class PulseWatcher(IOverviewStore store, TimeProvider time, ILogger<PulseWatcher> logger)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly OutageLog _outage = new(logger, "Looking for changes to tell listeners of");
    private readonly Lock _lock = new();
    private TaskCompletionSource _next = NewSignal();
    private Pulse? _latest;
    private int _listeners;
    private int _changes;
    private bool _isRunning;

    /// <summary>How many changes have been noticed: what was read before the last of them does not show it.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>Begins to listen; dispose it when nobody is there any more.</summary>
    public Listener Listen()
    {
        lock (_lock)
        {
            _listeners++;
            if (!_isRunning)
            {
                _isRunning = true;

                // It serves many listeners: it runs in the context of none.
                using (ExecutionContext.SuppressFlow())
                {
                    _ = Task.Run(RunAsync);
                }
            }
        }

        return new Listener(this);
    }

    private async Task RunAsync()
    {
        while (HasListeners())
        {
            try
            {
                Take(Pulse.From(await store.PulseAsync(CancellationToken.None).ConfigureAwait(false)));
                _outage.Works();
            }
            catch (Exception exception)
            {
                // The listeners stay: they hear more when it is back.
                _outage.Failed(exception);
            }

            await Task.Delay(Interval, time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private bool HasListeners()
    {
        lock (_lock)
        {
            _isRunning = _listeners > 0;
            if (!_isRunning)
            {
                // Old when the next listener comes.
                _latest = null;
            }

            return _isRunning;
        }
    }

    private void Take(Pulse pulse)
    {
        TaskCompletionSource next;
        lock (_lock)
        {
            var isNew = _latest?.Change != pulse.Change;
            _latest = pulse;
            if (!isNew)
            {
                return;
            }

            // Before anybody hears of it, and reads again.
            Interlocked.Increment(ref _changes);
            (next, _next) = (_next, NewSignal());
        }

        next.SetResult();
    }

    private (Pulse? Pulse, Task Next) Look()
    {
        lock (_lock)
        {
            return (_latest, _next.Task);
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            _listeners--;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>One that listens. Used by one thread at a time.</summary>
    internal sealed class Listener(PulseWatcher watcher) : IDisposable
    {
        private string? _heard;
        private bool _hasLeft;

        /// <summary>Waits for a pulse that this listener has not heard yet; of several meanwhile it hears the last.</summary>
        /// <param name="patience">How long to wait.</param>
        /// <param name="cancellationToken">Cancels the wait.</param>
        /// <returns>Null when nothing has changed for so long, or the store is away.</returns>
        public async Task<Pulse?> NextAsync(TimeSpan patience, CancellationToken cancellationToken)
        {
            var start = watcher.Time.GetTimestamp();
            while (true)
            {
                var (pulse, next) = watcher.Look();
                if (pulse is not null && pulse.Change != _heard)
                {
                    _heard = pulse.Change;
                    return pulse;
                }

                try
                {
                    var left = patience - watcher.Time.GetElapsedTime(start);
                    await next.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, watcher.Time, cancellationToken).ConfigureAwait(false);
                }
                catch (TimeoutException)
                {
                    return null;
                }
            }
        }

        public void Dispose()
        {
            if (!_hasLeft)
            {
                _hasLeft = true;
                watcher.Leave();
            }
        }
    }

    private TimeProvider Time => time;
}
