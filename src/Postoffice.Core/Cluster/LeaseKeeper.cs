using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.Cluster;

/// <summary>This node's leases: takes, prolongs and gives back, and measures their validity by the node's monotonic clock.</summary>
internal sealed class LeaseKeeper(ILeaseStore leases, ClusterOptions options, TimeProvider time)
{
    /// <summary>How many publishers one round takes: more come with the next.</summary>
    private const int MaxPerRound = 1_000;

    /// <summary>Random at each start: a node that comes back is another node.</summary>
    public Guid NodeId { get; } = Guid.NewGuid();

    /// <param name="except">Publishers that this node has in hand.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The leases of publishers that were free.</returns>
    public async Task<IReadOnlyList<LeaseHold>> AcquireAsync(IReadOnlyCollection<long> except, CancellationToken cancellationToken)
    {
        var validUntil = ValidUntil();
        var taken = await leases.AcquireAsync(NodeId, MaxPerRound, except, options.LeaseDuration, cancellationToken).ConfigureAwait(false);
        return [.. taken.Select(lease => new LeaseHold(lease, validUntil, time))];
    }

    /// <summary>Prolongs what the node runs, and tells the others how it does: see <see cref="PublisherReport"/>.</summary>
    /// <returns>Those of <paramref name="holds"/> that are to be stopped: another's by now, deleted, or paused. A paused one goes on being prolonged.</returns>
    public async Task<IReadOnlyList<LeaseHold>> RenewAsync(IReadOnlyList<(LeaseHold Hold, string? Report)> holds, CancellationToken cancellationToken)
    {
        var validUntil = ValidUntil();
        var renewed = await leases.RenewAsync(
            NodeId, Environment.MachineName, [.. holds.Select(held => new HeldLease(held.Hold.Lease.PublisherId, held.Hold.Lease.Epoch, held.Report))], options.LeaseDuration, cancellationToken).ConfigureAwait(false);
        var activity = renewed.ToDictionary(lease => lease.PublisherId, lease => lease.IsActive);
        var toStop = new List<LeaseHold>();
        foreach (var (hold, _) in holds)
        {
            var isHeld = activity.TryGetValue(hold.Lease.PublisherId, out var isActive);
            if (isHeld)
            {
                hold.Prolong(validUntil);
            }

            if (!isHeld || !isActive)
            {
                toStop.Add(hold);
            }
        }

        return toStop;
    }

    public Task ReleaseAsync(LeaseHold hold, CancellationToken cancellationToken) =>
        leases.ReleaseAsync(NodeId, hold.Lease.PublisherId, hold.Lease.Epoch, cancellationToken);

    /// <summary>Counted from before the store is asked, a margin short: the node must believe its lease over before anybody else does.</summary>
    private long ValidUntil() =>
        time.GetTimestamp() + (long)((options.LeaseDuration - options.LeaseMargin).TotalSeconds * time.TimestampFrequency);
}
