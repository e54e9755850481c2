namespace Postoffice.Storage.Postgres;

/// <summary>The database as a whole.</summary>
internal sealed class PostgresStorage(PostgresDatabase database, Migrator migrator) : IStorage
{
    private const string PingSql = "SELECT 1";

    public string Description => database.Description;

    public Task MigrateAsync(CancellationToken cancellationToken) => migrator.MigrateAsync(cancellationToken);

    public Task CheckSchemaAsync(CancellationToken cancellationToken) => migrator.CheckAsync(cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) => database.ExecuteAsync(PingSql, [], cancellationToken);
}
