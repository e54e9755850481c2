using Postoffice.Storage;

namespace Postoffice.Cluster;

/// <summary>This node's leases: takes, prolongs and gives back, and measures their validity by the node's monotonic clock.</summary>
internal sealed class LeaseKeeper(ILeaseStore leases, ClusterOptions options, TimeProvider time)
{
    /// <summary>How many publishers one round takes: more come with the next.</summary>
    private const int MaxPerRound = 1_000;

    /// <summary>Random at each start: a node that comes back is another node.</summary>
    public Guid NodeId { get; } = Guid.NewGuid();

    /// <returns>The leases of publishers that were free.</returns>
    public async Task<IReadOnlyList<LeaseHold>> AcquireAsync(CancellationToken cancellationToken)
    {
        var validUntil = ValidUntil();
        var taken = await leases.AcquireAsync(NodeId, MaxPerRound, options.LeaseDuration, cancellationToken).ConfigureAwait(false);
        return [.. taken.Select(lease => new LeaseHold(lease, validUntil, time))];
    }

    /// <summary>Prolongs what the node still holds.</summary>
    /// <returns>Those of <paramref name="holds"/> that it does not hold any more.</returns>
    public async Task<IReadOnlyList<LeaseHold>> RenewAsync(IReadOnlyList<LeaseHold> holds, CancellationToken cancellationToken)
    {
        var validUntil = ValidUntil();
        var held = await leases.RenewAsync(NodeId, Environment.MachineName, options.LeaseDuration, cancellationToken).ConfigureAwait(false);
        var stillHeld = held as IReadOnlySet<long> ?? held.ToHashSet();
        var lost = new List<LeaseHold>();
        foreach (var hold in holds)
        {
            if (stillHeld.Contains(hold.Lease.PublisherId))
            {
                hold.Prolong(validUntil);
            }
            else
            {
                lost.Add(hold);
            }
        }

        return lost;
    }

    public Task ReleaseAsync(LeaseHold hold, CancellationToken cancellationToken) =>
        leases.ReleaseAsync(NodeId, hold.Lease.PublisherId, hold.Lease.Epoch, cancellationToken);

    /// <summary>Counted from before the store is asked, a margin short: the node must believe its lease over before anybody else does.</summary>
    private long ValidUntil() =>
        time.GetTimestamp() + (long)((options.LeaseDuration - options.LeaseMargin).TotalSeconds * time.TimestampFrequency);
}
