namespace Postoffice.Storage.Sqlite;

internal sealed class SqliteStorage(SqliteDatabase database) : IStorage
{
    // SELECT 1 alone would not touch the file.
    private const string PingSql = "SELECT count(*) FROM sqlite_schema";

    public string Description => $"SQLite file {database.Path}";

    public Task MigrateAsync(CancellationToken cancellationToken) => Migrator.MigrateAsync(database, cancellationToken);

    public Task CheckSchemaAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
            {
                Migrator.Check(session, database.Path);
                return true;
            },
            cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) => database.ReadAsync(static session => session.Scalar(PingSql), cancellationToken);
}
