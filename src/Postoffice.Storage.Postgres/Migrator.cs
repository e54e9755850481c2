using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>Brings the schema to this build's version: numbered SQL files, forward only, each in a transaction of its own.</summary>
internal sealed partial class Migrator
{
    // Many nodes may start at once: each waits here for those before it, then finds the work done. The lock belongs to the transaction, not to the session,
    // so it works behind a pooler in transaction mode and can't be left behind.
    private const string LockSql = "SELECT pg_advisory_xact_lock(hashtextextended('postoffice.migrations of ' || @schema, 0))";

    // Looked at before CREATE SCHEMA, since that is refused to a user without CREATE on the database even when the schema is there.
    private const string FindTableSql = """
        SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = @schema),
            EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = @schema AND tablename = 'schema_migrations')
        """;

    private const string CreateTableSql = """
        CREATE TABLE postoffice.schema_migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)
        """;

    private const string ReadVersionSql = "SELECT coalesce(max(version), 0) FROM postoffice.schema_migrations";

    private const string AddVersionSql = "INSERT INTO postoffice.schema_migrations (version, name, applied_at) VALUES (@version, @name, clock_timestamp())";

    /// <summary>A migration may rewrite a large table, and a node may have to wait for another that does.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromHours(1);

    private readonly PostgresDatabase _database;
    private readonly IReadOnlyList<Migration> _migrations;
    private readonly ILogger<Migrator> _logger;

    public Migrator(PostgresDatabase database, ILogger<Migrator>? logger = null, IReadOnlyList<Migration>? migrations = null)
    {
        _database = database;
        _migrations = migrations ?? Migration.All;
        _logger = logger ?? NullLogger<Migrator>.Instance;
    }

    private int KnownVersion => _migrations.Count;

    /// <exception cref="SchemaTooNewException">The schema is newer than this build knows.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        while (await _database.RunAsync(MigrateOneAsync, cancellationToken, Timeout).ConfigureAwait(false) is { } applied)
        {
            Log.Migrated(_logger, _database.Schema, applied.Version, applied.Name);
        }
    }

    /// <exception cref="SchemaTooNewException">The schema is newer than this build knows.</exception>
    /// <exception cref="InvalidOperationException">The schema is older, or not there.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var version = await _database.RunAsync(
            (connection, deadline) => ReadVersionAsync(connection, null, deadline), cancellationToken).ConfigureAwait(false) ?? 0;
        ThrowIfTooNew(version);
        if (version < KnownVersion)
        {
            throw new InvalidOperationException(
                $"The schema {_database.Schema} has version {version}, this build of Postoffice needs version {KnownVersion}. Run the host's migrate " +
                $"command, or set {PostofficeOptions.SectionName}:{nameof(PostofficeOptions.MigrateOnStart)} to true.");
        }
    }

    /// <returns>The migration that was applied; null when there is nothing left to do.</returns>
    private async Task<Migration?> MigrateOneAsync(NpgsqlConnection connection, CancellationToken deadline)
    {
        var transaction = await connection.BeginTransactionAsync(deadline).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await ExecuteAsync(connection, transaction, LockSql, deadline, Of("schema", _database.Schema)).ConfigureAwait(false);

            // Read after the lock is ours: what others did while we waited is visible now.
            var version = await ReadVersionAsync(connection, transaction, deadline).ConfigureAwait(false)
                ?? await CreateVersionTableAsync(connection, transaction, deadline).ConfigureAwait(false);
            ThrowIfTooNew(version);
            if (version == KnownVersion)
            {
                return null;
            }

            var migration = _migrations[version];
            await ExecuteAsync(connection, transaction, _database.Qualify(migration.Sql), deadline).ConfigureAwait(false);
            await ExecuteAsync(
                connection, transaction, _database.Qualify(AddVersionSql), deadline,
                Of("version", migration.Version), Of("name", migration.Name)).ConfigureAwait(false);
            await transaction.CommitAsync(deadline).ConfigureAwait(false);
            return migration;
        }
    }

    /// <returns>The schema's version; null when there is no version table.</returns>
    private async Task<int?> ReadVersionAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken deadline)
    {
        var (_, hasTable) = await FindTableAsync(connection, transaction, deadline).ConfigureAwait(false);
        if (!hasTable)
        {
            return null;
        }

        var command = CreateCommand(connection, transaction, _database.Qualify(ReadVersionSql));
        await using (command.ConfigureAwait(false))
        {
            return Convert.ToInt32(await command.ExecuteScalarAsync(deadline).ConfigureAwait(false), CultureInfo.InvariantCulture);
        }
    }

    private async Task<int> CreateVersionTableAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken deadline)
    {
        var (hasSchema, _) = await FindTableAsync(connection, transaction, deadline).ConfigureAwait(false);
        if (!hasSchema)
        {
            await ExecuteAsync(connection, transaction, $"CREATE SCHEMA \"{_database.Schema}\"", deadline).ConfigureAwait(false);
        }

        await ExecuteAsync(connection, transaction, _database.Qualify(CreateTableSql), deadline).ConfigureAwait(false);
        return 0;
    }

    private async Task<(bool HasSchema, bool HasTable)> FindTableAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken deadline)
    {
        var command = CreateCommand(connection, transaction, FindTableSql, Of("schema", _database.Schema));
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(deadline).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await reader.ReadAsync(deadline).ConfigureAwait(false);
                return (reader.GetBoolean(0), reader.GetBoolean(1));
            }
        }
    }

    private void ThrowIfTooNew(int version)
    {
        if (version > KnownVersion)
        {
            throw new SchemaTooNewException(version, KnownVersion);
        }
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, CancellationToken deadline, params NpgsqlParameter[] parameters)
    {
        var command = CreateCommand(connection, transaction, sql, parameters);
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteNonQueryAsync(deadline).ConfigureAwait(false);
        }
    }

    [SuppressMessage("Security", "CA2100", Justification = "The SQL is constant but for the schema's checked name.")]
    private static NpgsqlCommand CreateCommand(NpgsqlConnection connection, NpgsqlTransaction? transaction, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = (int)Timeout.TotalSeconds };
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static partial class Log
    {
        // In the room of start and storage, after Core's own numbers.
        private const int SchemaMigrated = 170;

        [LoggerMessage(SchemaMigrated, LogLevel.Information, "Schema {Schema} is now of version {Version} ({Migration})")]
        public static partial void Migrated(ILogger logger, string schema, int version, string migration);
    }
}
