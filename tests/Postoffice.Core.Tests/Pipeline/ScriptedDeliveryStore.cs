using System.Collections.Concurrent;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>Books in front of others: fail as told, and record what they were asked.</summary>
internal sealed class ScriptedDeliveryStore(IDeliveryStore inner) : IDeliveryStore
{
    /// <summary>Runs instead of a settle; gets the batch and the settle itself.</summary>
    public Func<SettleBatch, Func<Task<SettleStatus>>, Task<SettleStatus>> Settle { get; set; } = (_, settle) => settle();

    /// <summary>Runs before parked deliveries are read; may throw.</summary>
    public Action BeforeReadDue { get; set; } = () => { };

    /// <summary>Every batch that came, repeats included.</summary>
    public ConcurrentQueue<SettleBatch> Batches { get; } = new();

    public Task<SettleStatus> SettleAsync(SettleBatch batch, CancellationToken cancellationToken)
    {
        Batches.Enqueue(batch);
        return Settle(batch, () => inner.SettleAsync(batch, cancellationToken));
    }

    public Task<IReadOnlyList<DueDelivery>> ReadDueAsync(
        long topicId, long publisherId, IReadOnlyCollection<long> except, int max, CancellationToken cancellationToken)
    {
        BeforeReadDue();
        return inner.ReadDueAsync(topicId, publisherId, except, max, cancellationToken);
    }

    public Task<int> MakeUnavailableDueAsync(long topicId, long publisherId, long epoch, CancellationToken cancellationToken) =>
        inner.MakeUnavailableDueAsync(topicId, publisherId, epoch, cancellationToken);

    public Task<MakeDueStatus> MakeDueAsync(long topicId, long publisherId, long position, CancellationToken cancellationToken) =>
        inner.MakeDueAsync(topicId, publisherId, position, cancellationToken);

    public Task<IReadOnlyDictionary<long, TimeSpan>> NextDueAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken) =>
        inner.NextDueAsync(publisherIds, cancellationToken);

    public Task<IReadOnlyList<DeliveryState>> StatesAsync(Message message, CancellationToken cancellationToken) => inner.StatesAsync(message, cancellationToken);
}
