using Postoffice.Cluster;

namespace Postoffice.Storage.InMemory;

/// <summary>Who runs which publisher, in memory: one process, but as many nodes as a test wants.</summary>
internal sealed class InMemoryLeaseStore(InMemoryDatabase database) : ILeaseStore
{
    public Task<IReadOnlyList<Lease>> AcquireAsync(Guid nodeId, int max, TimeSpan duration, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var now = database.Now();
            var free = database.Publishers.Values
                .Where(row => !row.IsDeleted && row.Publisher.Active && (row.Owner is null || row.LeaseUntil <= now))
                .Take(max)
                .ToList();
            foreach (var row in free)
            {
                row.Owner = nodeId;
                row.Epoch++;
                row.Sequence = 0;
                row.LeaseUntil = now + duration;
            }

            return Task.FromResult<IReadOnlyList<Lease>>([.. free.Select(row => new Lease(row.Publisher.Id, row.Epoch, row.Cursor, [.. row.SettledAbove]))]);
        }
    }

    public Task<IReadOnlyCollection<long>> RenewAsync(Guid nodeId, string hostName, TimeSpan duration, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var now = database.Now();
            database.Nodes.Add(nodeId);
            var held = database.Publishers.Values
                .Where(row => !row.IsDeleted && row.Publisher.Active && row.Owner == nodeId && row.LeaseUntil > now)
                .ToList();
            foreach (var row in held)
            {
                row.LeaseUntil = now + duration;
            }

            return Task.FromResult<IReadOnlyCollection<long>>([.. held.Select(row => row.Publisher.Id)]);
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
