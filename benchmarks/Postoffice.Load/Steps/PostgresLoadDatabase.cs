using Npgsql;
using NpgsqlTypes;
using Postoffice.Load.Client;

namespace Postoffice.Load.Steps;

/// <summary>PostgreSQL that waits for its disk at each commit, as in production.</summary>
internal sealed class PostgresLoadDatabase : ILoadDatabase
{
    // A row as the log's, with the indexes of the log.
    private const string TableSql = """
        CREATE SCHEMA load_bare;
        CREATE TABLE load_bare.messages (
            topic_id bigint NOT NULL, position bigserial NOT NULL, id uuid NOT NULL UNIQUE, payload bytea NOT NULL, attributes jsonb,
            content_type text, received_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (topic_id, position))
        """;

    private const string InsertSql =
        "INSERT INTO load_bare.messages (topic_id, id, payload, attributes, content_type) VALUES (1, $1, $2, '{}', 'application/json') RETURNING position";

    private readonly NpgsqlDataSource _dataSource;
    private readonly Func<ValueTask> _stopAsync;
    private NpgsqlConnection[] _connections = [];

    private PostgresLoadDatabase(string connectionString, string description, Func<ValueTask> stopAsync)
    {
        _dataSource = NpgsqlDataSource.Create(connectionString);
        _stopAsync = stopAsync;
        Description = description;
        HostSettings = new Dictionary<string, string> { ["Postoffice__Storage__Postgres__ConnectionString"] = connectionString };
    }

    public string Description { get; }

    public IReadOnlyDictionary<string, string> HostSettings { get; }

    /// <param name="connectionString">An empty database.</param>
    /// <param name="stopAsync">Stops the server.</param>
    public static async Task<PostgresLoadDatabase> OpenAsync(string connectionString, Func<ValueTask> stopAsync)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionString);

        // A server started for tests may skip the disk; here that would be the thing measured.
        await using (var batch = dataSource.CreateBatch())
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("ALTER SYSTEM SET fsync = on"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand("ALTER SYSTEM SET full_page_writes = on"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand("ALTER SYSTEM SET synchronous_commit = on"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT pg_reload_conf()"));
            await batch.ExecuteNonQueryAsync();
        }

        // A new session sees what is in force once the reload has reached it.
        NpgsqlConnection.ClearAllPools();
        await using var settings = dataSource.CreateCommand(
            "SELECT format('PostgreSQL %s, fsync %s, synchronous_commit %s, full_page_writes %s', current_setting('server_version'), " +
            "current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'))");
        return new PostgresLoadDatabase(connectionString, (string)(await settings.ExecuteScalarAsync())!, stopAsync);
    }

    public async Task PrepareAsync(int connections)
    {
        await using (var command = _dataSource.CreateCommand(TableSql))
        {
            await command.ExecuteNonQueryAsync();
        }

        _connections = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => _dataSource.OpenConnectionAsync().AsTask()));
    }

    public async Task<Measured> InsertAsync(byte[] payload, int rows)
    {
        var inserts = new NpgsqlCommand[_connections.Length];
        for (var worker = 0; worker < inserts.Length; worker++)
        {
            inserts[worker] = new NpgsqlCommand(InsertSql, _connections[worker])
            {
                Parameters =
                {
                    new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Uuid },
                    new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bytea, Value = payload },
                },
            };
            inserts[worker].Parameters[0].Value = Guid.Empty;
            await inserts[worker].PrepareAsync();
        }

        return await Workers.RunAsync(rows, inserts.Length, async worker =>
        {
            inserts[worker].Parameters[0].Value = Guid.CreateVersion7();
            await inserts[worker].ExecuteScalarAsync();
        });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        await _dataSource.DisposeAsync();
        await _stopAsync();
    }
}
