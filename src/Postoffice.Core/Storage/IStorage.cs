namespace Postoffice.Storage;

/// <summary>The database as a whole. Every store throws <see cref="StorageUnavailableException"/> when it cannot be reached.</summary>
internal interface IStorage
{
    /// <summary>What it is and where, for the log and without secrets: <c>SQLite file /data/postoffice.db</c>.</summary>
    string Description { get; }

    /// <summary>Brings the schema to this version, one migration a transaction, under a lock: safe when many nodes start at once.</summary>
    /// <exception cref="SchemaTooNewException">The schema is newer than this build knows.</exception>
    Task MigrateAsync(CancellationToken cancellationToken);

    /// <summary>Checks that the schema is of this version, for nodes that may not migrate.</summary>
    /// <exception cref="SchemaTooNewException">The schema is newer than this build knows.</exception>
    /// <exception cref="InvalidOperationException">The schema is older, or not there: run the migration first.</exception>
    Task CheckSchemaAsync(CancellationToken cancellationToken);

    /// <summary>Asks the database for a sign of life that reads and needs no lock.</summary>
    Task PingAsync(CancellationToken cancellationToken);
}

/// <summary>The database was migrated by a newer version of Postoffice; this one must not touch it.</summary>
internal sealed class SchemaTooNewException(int schemaVersion, int knownVersion) : Exception(
    $"The database schema has version {schemaVersion}, this build of Postoffice knows versions up to {knownVersion}. Start a newer build, or restore the database.");
