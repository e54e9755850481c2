using Postoffice.Storage;

namespace Postoffice.Activity;

/// <summary>
/// Reads the overview once a second at most, however many ask: all of them get the same snapshot. Who has just been told of a change gets none from before it:
/// nobody would tell him again.
/// </summary>
internal sealed class OverviewReader(IOverviewStore store, PulseWatcher pulse, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<Overview>? _reading;
    private Task<Overview>? _following;
    private long _readAt;
    private int _changes;

    /// <param name="cancellationToken">Cancels the wait, not the read: it is the others' too.</param>
    public Task<Overview> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Choose().WaitAsync(cancellationToken);
        }
    }

    private Task<Overview> Choose()
    {
        var isNewer = pulse.Changes != _changes;
        if (_reading is { IsCompleted: false } underWay)
        {
            // As fresh as one that would begin now, unless a change came after its begin: then one follows it, and no more, however slow the store is.
            return isNewer ? _following ??= FollowAsync(underWay) : underWay;
        }

        // One that failed is nobody's answer but of those that waited for it.
        return _reading is { IsCompletedSuccessfully: true } read && !isNewer && time.GetElapsedTime(_readAt) < Life ? read : Begin();
    }

    private Task<Overview> Begin()
    {
        (_readAt, _changes) = (time.GetTimestamp(), pulse.Changes);
        using (ExecutionContext.SuppressFlow())
        {
            return _reading = Task.Run(ReadAsync, CancellationToken.None);
        }
    }

    private async Task<Overview> FollowAsync(Task<Overview> underWay)
    {
        await ((Task)underWay).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        Task<Overview> reading;
        lock (_lock)
        {
            _following = null;
            reading = Choose();
        }

        return await reading.ConfigureAwait(false);
    }

    private async Task<Overview> ReadAsync() => Overview.From(await store.ReadAsync(CancellationToken.None).ConfigureAwait(false));
}
