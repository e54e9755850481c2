namespace Postoffice.Storage.Sqlite;

internal sealed class SqliteStorage(SqliteDatabase database) : IStorage
{
    // SELECT 1 alone would not touch the file.
    private const string PingSql = "SELECT count(*) FROM sqlite_schema";

    // The file is this process's alone (see SqliteDatabase), so whoever held leases is dead: waiting for them to run out would only delay the mail.
    private const string VoidLeasesSql = "UPDATE publisher_cursors SET owner = NULL, lease_until = NULL WHERE owner IS NOT NULL";

    private int _isTaken;

    public string Description => $"SQLite file {database.Path}";

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await Migrator.MigrateAsync(database, cancellationToken).ConfigureAwait(false);
        await VoidOldLeasesAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task CheckSchemaAsync(CancellationToken cancellationToken)
    {
        await database.ReadAsync(
            session =>
            {
                Migrator.Check(session, database.Path);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        await VoidOldLeasesAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task PingAsync(CancellationToken cancellationToken) => database.ReadAsync(static session => session.Scalar(PingSql), cancellationToken);

    /// <summary>Once, before this process takes leases of its own.</summary>
    private async Task VoidOldLeasesAsync(CancellationToken cancellationToken)
    {
        if (_isTaken == 0)
        {
            await database.WriteAsync(static session => session.Execute(VoidLeasesSql), cancellationToken).ConfigureAwait(false);
            _isTaken = 1;
        }
    }
}
