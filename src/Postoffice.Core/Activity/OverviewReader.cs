using Postoffice.Storage;

namespace Postoffice.Activity;

/// <summary>Reads the overview once a second at most, however many ask: all of them get the same snapshot.</summary>
internal sealed class OverviewReader(IOverviewStore store, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<Overview>? _reading;
    private long _readAt;

    /// <param name="cancellationToken">Cancels the wait, not the read: it is the others' too.</param>
    public Task<Overview> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // One that is under way is as fresh as one that would begin now; one that failed is nobody's answer but of those that waited for it.
            var isOver = _reading is null || (_reading.IsCompleted && (!_reading.IsCompletedSuccessfully || time.GetElapsedTime(_readAt) >= Life));
            if (isOver)
            {
                _readAt = time.GetTimestamp();
                using (ExecutionContext.SuppressFlow())
                {
                    _reading = Task.Run(ReadAsync, CancellationToken.None);
                }
            }

            return _reading!.WaitAsync(cancellationToken);
        }
    }

    private async Task<Overview> ReadAsync() => Overview.From(await store.ReadAsync(CancellationToken.None).ConfigureAwait(false));
}
