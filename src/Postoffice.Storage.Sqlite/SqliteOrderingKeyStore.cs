using Postoffice.Deliveries;

namespace Postoffice.Storage.Sqlite;

internal sealed class SqliteOrderingKeyStore(SqliteDatabase database) : IOrderingKeyStore
{
    private readonly SqliteDatabase _database = database;

    public Task<IReadOnlyList<KeyLine>> ReadLinesAsync(long topicId, long publisherId, CancellationToken cancellationToken) =>
        throw new NotImplementedException(_database.ToString());

    public Task<IReadOnlyList<DueDelivery>> ReadLineAsync(
        long topicId, long publisherId, IReadOnlyCollection<string> keys, IReadOnlyCollection<long> except, int maxPerKey, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<IReadOnlyList<BlockedKey>> ListAsync(long topicId, long publisherId, string? after, int limit, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<BlockedKey?> FindAsync(long topicId, long publisherId, string key, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
