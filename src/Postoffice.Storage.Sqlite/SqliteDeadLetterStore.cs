using Postoffice.Deliveries;

namespace Postoffice.Storage.Sqlite;

internal sealed class SqliteDeadLetterStore(SqliteDatabase database) : IDeadLetterStore
{
    private readonly SqliteDatabase _database = database;

    public Task<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterFilter filter, DeadLetterPlace? after, int limit, CancellationToken cancellationToken) =>
        throw new NotImplementedException(_database.ToString());

    public Task<DeadLetter?> FindAsync(DeadLetterId id, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<long> CountAsync(DeadLetterFilter filter, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<IReadOnlyList<DeadLetterGroup>> GroupsAsync(DeadLetterFilter filter, int limit, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<int> RetryAsync(DeadLetterFilter filter, int max, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<int> DiscardAsync(DeadLetterFilter filter, int max, CancellationToken cancellationToken) => throw new NotImplementedException();
}
