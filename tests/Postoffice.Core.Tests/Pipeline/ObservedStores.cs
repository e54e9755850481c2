using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>Tells a test that the books may have changed, so that it looks again instead of sleeping.</summary>
internal sealed class BookChanges
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the store refuses to renew leases.</summary>
    public bool RefuseRenewals { get; set; }

    public int RefusedRenewals { get; set; }

    /// <summary>Ends with the next change.</summary>
    public Task Next
    {
        get
        {
            lock (_lock)
            {
                return _next.Task;
            }
        }
    }

    public void Notify()
    {
        lock (_lock)
        {
            _next.SetResult();
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}

internal sealed class ObservedDeliveryStore(IDeliveryStore inner, BookChanges changes) : IDeliveryStore
{
    public async Task<SettleStatus> SettleAsync(SettleBatch batch, CancellationToken cancellationToken)
    {
        var status = await inner.SettleAsync(batch, cancellationToken);
        changes.Notify();
        return status;
    }

    public Task<IReadOnlyList<DueDelivery>> ReadDueAsync(
        long topicId, long publisherId, IReadOnlyCollection<long> except, int max, CancellationToken cancellationToken) =>
        inner.ReadDueAsync(topicId, publisherId, except, max, cancellationToken);

    public Task<int> MakeUnavailableDueAsync(long topicId, long publisherId, long epoch, CancellationToken cancellationToken) =>
        inner.MakeUnavailableDueAsync(topicId, publisherId, epoch, cancellationToken);

    public Task<MakeDueStatus> MakeDueAsync(long topicId, long publisherId, long position, CancellationToken cancellationToken) =>
        inner.MakeDueAsync(topicId, publisherId, position, cancellationToken);

    public Task<IReadOnlyDictionary<long, TimeSpan>> NextDueAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken) =>
        inner.NextDueAsync(publisherIds, cancellationToken);

    public Task<IReadOnlyList<DeliveryState>> StatesAsync(Message message, CancellationToken cancellationToken) => inner.StatesAsync(message, cancellationToken);
}

internal sealed class ObservedLeaseStore(ILeaseStore inner, BookChanges changes) : ILeaseStore
{
    public Task<IReadOnlyList<Lease>> AcquireAsync(
        Guid nodeId, int max, IReadOnlyCollection<long> except, TimeSpan duration, CancellationToken cancellationToken) =>
        inner.AcquireAsync(nodeId, max, except, duration, cancellationToken);

    public async Task<IReadOnlyList<RenewedLease>> RenewAsync(
        Guid nodeId, string hostName, IReadOnlyCollection<HeldLease> held, TimeSpan duration, CancellationToken cancellationToken)
    {
        if (changes.RefuseRenewals)
        {
            changes.RefusedRenewals++;
            changes.Notify();
            throw new StorageUnavailableException("The test says so.");
        }

        var renewed = await inner.RenewAsync(nodeId, hostName, held, duration, cancellationToken);
        changes.Notify();
        return renewed;
    }

    public Task<IReadOnlyDictionary<long, PublisherOwner>> OwnersAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken) =>
        inner.OwnersAsync(publisherIds, cancellationToken);

    public async Task ReleaseAsync(Guid nodeId, long publisherId, long epoch, CancellationToken cancellationToken)
    {
        await inner.ReleaseAsync(nodeId, publisherId, epoch, cancellationToken);
        changes.Notify();
    }
}
