using Postoffice.Deliveries;

namespace Postoffice.Storage.Postgres;

internal sealed class PostgresReplayStore(PostgresDatabase database) : IReplayStore
{
    private readonly PostgresDatabase _database = database;

    public Task<ReplayResult> StartAsync(long publisherId, ReplayRequest request, bool dryRun, CancellationToken cancellationToken) =>
        throw new NotImplementedException(_database.ToString());

    public Task<bool> CancelAsync(long publisherId, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<Replay?> FindAsync(long publisherId, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<IReadOnlyList<ReplayedMessage>> ReadAsync(long topicId, Replay replay, long after, int max, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
