using System.Collections.Concurrent;
using Postoffice.Cluster;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Server;

/// <summary>Gives no lease to anybody, so that nothing moves but by the test's hand; who runs what is as the test says.</summary>
internal sealed class ScriptedLeases : ILeaseStore
{
    public ConcurrentDictionary<long, PublisherOwner> Owners { get; } = new();

    public ConcurrentQueue<IReadOnlyCollection<long>> Asked { get; } = new();

    public Task<IReadOnlyList<Lease>> AcquireAsync(
        Guid nodeId, int max, IReadOnlyCollection<long> except, TimeSpan duration, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Lease>>([]);

    public Task<IReadOnlyList<RenewedLease>> RenewAsync(
        Guid nodeId, string hostName, IReadOnlyCollection<HeldLease> held, TimeSpan duration, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RenewedLease>>([]);

    public Task<IReadOnlyDictionary<long, PublisherOwner>> OwnersAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken)
    {
        Asked.Enqueue(publisherIds);
        return Task.FromResult<IReadOnlyDictionary<long, PublisherOwner>>(
            publisherIds.Where(Owners.ContainsKey).ToDictionary(id => id, id => Owners[id]));
    }

    public Task ReleaseAsync(Guid nodeId, long publisherId, long epoch, CancellationToken cancellationToken) => Task.CompletedTask;
}
