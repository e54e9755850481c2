using Postoffice.Cluster;

namespace Postoffice.Storage.InMemory;

/// <summary>Who runs which publisher, in memory: one process, but as many nodes as a test wants.</summary>
internal sealed class InMemoryLeaseStore(InMemoryDatabase database) : ILeaseStore
{
    public Task<IReadOnlyList<Lease>> AcquireAsync(
        Guid nodeId, int max, IReadOnlyCollection<long> except, TimeSpan duration, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var now = database.Now();
            var free = database.Publishers.Values
                .Where(row => !row.IsDeleted && row.Publisher.Active && (row.Owner is null || row.LeaseUntil <= now))
                .Where(row => !except.Contains(row.Publisher.Id))
                .Take(max)
                .ToList();
            foreach (var row in free)
            {
                row.Owner = nodeId;
                row.Epoch++;
                row.Sequence = 0;
                row.Report = null;
                row.LeaseUntil = now + duration;
            }

            return Task.FromResult<IReadOnlyList<Lease>>([.. free.Select(row => new Lease(row.Publisher.Id, row.Epoch, row.Cursor, [.. row.SettledAbove]))]);
        }
    }

    public Task<IReadOnlyList<RenewedLease>> RenewAsync(
        Guid nodeId, string hostName, IReadOnlyCollection<HeldLease> held, TimeSpan duration, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var now = database.Now();
            database.Nodes[nodeId] = new NodeRow(hostName, database.Nodes.TryGetValue(nodeId, out var known) ? known.StartedAt : now, now);
            var renewed = new List<RenewedLease>();
            foreach (var lease in held)
            {
                if (database.FindPublisher(lease.PublisherId) is { } row && row.Owner == nodeId && row.Epoch == lease.Epoch)
                {
                    row.LeaseUntil = now + duration;
                    row.Report = lease.Report ?? row.Report;
                    renewed.Add(new RenewedLease(lease.PublisherId, row.Publisher.Active));
                }
            }

            return Task.FromResult<IReadOnlyList<RenewedLease>>(renewed);
        }
    }

    public Task<IReadOnlyDictionary<long, PublisherOwner>> OwnersAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var now = database.Now();
            var owners = new Dictionary<long, PublisherOwner>();
            foreach (var id in publisherIds)
            {
                if (database.FindPublisher(id) is { } row && database.FindOwner(row, now) is { } owner)
                {
                    owners[id] = owner;
                }
            }

            return Task.FromResult<IReadOnlyDictionary<long, PublisherOwner>>(owners);
        }
    }

    public Task ReleaseAsync(Guid nodeId, long publisherId, long epoch, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (database.FindPublisher(publisherId) is { } row && row.Owner == nodeId && row.Epoch == epoch)
            {
                row.Owner = null;
            }

            return Task.CompletedTask;
        }
    }
}
