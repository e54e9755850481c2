using Postoffice.Cluster;
using Postoffice.Publishers;

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
    /// <param name="except">Publishers that the node still has in hand: it must not take them from itself, even when their leases have run out.</param>
    /// <param name="duration">How long the leases last.</param>
    /// <param name="cancellationToken">Cancels the wait; leases taken all the same are renewed by nobody, and run out.</param>
    Task<IReadOnlyList<Lease>> AcquireAsync(
        Guid nodeId, int max, IReadOnlyCollection<long> except, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>
    /// Prolongs the leases that the node runs, in one statement, and notes that the node lives. A lease that has run out is prolonged too while nobody else
    /// has taken it: its epoch is the same, so nothing can have happened to the publisher meanwhile.
    /// </summary>
    /// <param name="nodeId">The node.</param>
    /// <param name="hostName">Where it runs, for people.</param>
    /// <param name="held">What it runs, and how that does; a lease that is not named here is not prolonged, so one that nobody knows of runs out.</param>
    /// <param name="duration">How long they last from now on.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>What it still holds. A paused publisher is among them, so that it can drain; a deleted one, and one that is another's by now, is not.</returns>
    Task<IReadOnlyList<RenewedLease>> RenewAsync(
        Guid nodeId, string hostName, IReadOnlyCollection<HeldLease> held, TimeSpan duration, CancellationToken cancellationToken);

    /// <returns>Who runs these publishers, by leases that are valid now, and what was last said of them. One that nobody runs is missing.</returns>
    Task<IReadOnlyDictionary<long, PublisherOwner>> OwnersAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken);

    /// <summary>Gives a lease back, so that another node can take the publisher at once. Nothing happens when the epoch is another's by now.</summary>
    Task ReleaseAsync(Guid nodeId, long publisherId, long epoch, CancellationToken cancellationToken);
}

/// <summary>A lease that its node wants to keep.</summary>
/// <param name="PublisherId">Its publisher.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Report">How the publisher does: see <see cref="PublisherReport.ToJson"/>; null leaves what was said before.</param>
internal readonly record struct HeldLease(long PublisherId, long Epoch, string? Report = null);

/// <summary>Who runs a publisher.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Host">Where it runs.</param>
/// <param name="Report">What the node last said of it; null when nothing yet.</param>
internal sealed record PublisherOwner(Guid NodeId, string Host, PublisherReport? Report);

/// <summary>A lease that was prolonged.</summary>
/// <param name="PublisherId">Its publisher.</param>
/// <param name="IsActive">Whether the publisher delivers; a paused one is to be stopped.</param>
internal readonly record struct RenewedLease(long PublisherId, bool IsActive);
