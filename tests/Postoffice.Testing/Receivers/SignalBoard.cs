namespace Postoffice.Testing.Receivers;

/// <summary>Waits for conditions that are judged anew whenever something has changed. Nothing here polls.</summary>
internal sealed class SignalBoard
{
    private readonly Lock _gate = new();
    private readonly List<Waiter> _waiters = [];

    /// <summary>Completes once the condition holds; it may hold already.</summary>
    public async Task WaitAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(condition, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            if (condition())
            {
                return;
            }

            _waiters.Add(waiter);
        }

        try
        {
            await waiter.Done.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    /// <summary>To be called after each change, outside of any lock that a condition takes.</summary>
    public void Changed()
    {
        lock (_gate)
        {
            foreach (var waiter in _waiters)
            {
                try
                {
                    if (waiter.Condition())
                    {
                        waiter.Done.TrySetResult();
                    }
                }
                catch (Exception exception)
                {
                    waiter.Done.TrySetException(exception);
                }
            }
        }
    }

    private sealed record Waiter(Func<bool> Condition, TaskCompletionSource Done);
}
