using Postoffice.Cluster;
using Postoffice.Storage;

namespace Postoffice.Pipeline;

/// <summary>Who runs which publisher, and how it does: first-hand when it is this node, else as its node last told.</summary>
internal sealed class PublisherOwners(ILeaseStore store, LeaseKeeper leases, PipelineSupervisor supervisor)
{
    /// <returns>The owners of these publishers; one that nobody runs is missing.</returns>
    public async Task<IReadOnlyDictionary<long, PublisherOwner>> FindAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken)
    {
        var owners = new Dictionary<long, PublisherOwner>(await store.OwnersAsync(publisherIds, cancellationToken).ConfigureAwait(false));
        foreach (var (publisherId, owner) in owners.ToList())
        {
            if (owner.NodeId == leases.NodeId && supervisor.Report(publisherId) is { } report)
            {
                owners[publisherId] = owner with { Host = Environment.MachineName, Report = report };
            }
        }

        return owners;
    }
}
