using Postoffice.Storage;

namespace Postoffice.Pipeline;

/// <summary>Who runs which publisher, and how it does: first-hand when it is this node, else as its node last told.</summary>
internal sealed class PublisherOwners(ILeaseStore leases)
{
    /// <returns>The owners of these publishers; one that nobody runs is missing.</returns>
    public Task<IReadOnlyDictionary<long, PublisherOwner>> FindAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken) =>
        leases.OwnersAsync(publisherIds, cancellationToken);
}
