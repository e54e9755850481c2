using Postoffice.Cluster;

namespace Postoffice.Storage;

/// <summary>Who runs which publisher, by the clock of the store.</summary>
internal interface ILeaseStore
{
    /// <summary>
    /// Takes publishers that are active, not deleted, and free (no owner, or the lease has run out), raising their epoch.
    /// Of several nodes that ask at once each publisher goes to one.
    /// </summary>
    /// <param name="nodeId">The asking node.</param>
    /// <param name="max">At most so many.</param>
    /// <param name="duration">How long the leases last.</param>
    /// <param name="cancellationToken">Cancels the wait; leases taken all the same run out by themselves.</param>
    Task<IReadOnlyList<Lease>> AcquireAsync(Guid nodeId, int max, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Prolongs all leases that the node still holds, in one statement, and notes that the node lives.</summary>
    /// <returns>The numbers of the publishers it still holds. One that was paused or deleted meanwhile is not among them.</returns>
    Task<IReadOnlyCollection<long>> RenewAsync(Guid nodeId, string hostName, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Gives a lease back, so that another node can take the publisher at once. Nothing happens when the epoch is another's by now.</summary>
    Task ReleaseAsync(Guid nodeId, long publisherId, long epoch, CancellationToken cancellationToken);
}
