using Npgsql;
using NpgsqlTypes;
using Postoffice.Load.Client;
using Postoffice.Testing.PostgreSql;

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

    private const string SettingsSql =
        "SELECT name, setting FROM pg_settings WHERE name IN ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes')";

    private readonly PostgresServer _server;
    private readonly string _connectionString;

    private PostgresLoadDatabase(PostgresServer server, string connectionString, Dictionary<string, string> settings)
    {
        _server = server;
        _connectionString = connectionString;
        Description = "PostgreSQL " + string.Join(", ", settings.OrderByDescending(setting => setting.Key == "server_version")
            .Select(setting => setting.Key == "server_version" ? setting.Value : $"{setting.Key} {setting.Value}"));
        IsDurable = settings["fsync"] == "on" && settings["synchronous_commit"] == "on";
        HostSettings = new Dictionary<string, string> { ["Postoffice__Storage__Postgres__ConnectionString"] = connectionString };
    }

    public string Description { get; }

    public bool IsDurable { get; }

    public IReadOnlyDictionary<string, string> HostSettings { get; }

    /// <param name="prepares">Whether its clients prepare their statements: saves the database work, but does not go through every pooler.</param>
    public static async Task<PostgresLoadDatabase> StartAsync(bool prepares)
    {
        var server = await PostgresServer.StartAsync(fsync: true);
        var database = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()) { MaxAutoPrepare = prepares ? 50 : 0 };
        var connectionString = database.ConnectionString;
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await using var command = dataSource.CreateCommand(SettingsSql);
        await using var rows = await command.ExecuteReaderAsync();
        var settings = new Dictionary<string, string>();
        while (await rows.ReadAsync())
        {
            settings[rows.GetString(0)] = rows.GetString(1);
        }

        await rows.CloseAsync();
        await using var table = dataSource.CreateCommand(TableSql);
        await table.ExecuteNonQueryAsync();
        if (prepares)
        {
            settings["Max Auto Prepare"] = "50";
        }

        return new PostgresLoadDatabase(server, connectionString, settings);
    }

    public async Task<Measured> InsertAsync(byte[] payload, int rows, int connections)
    {
        var pool = new NpgsqlConnectionStringBuilder(_connectionString) { MaxPoolSize = connections, NoResetOnClose = true };
        await using var dataSource = NpgsqlDataSource.Create(pool);
        // As an application would: a connection of the pool for each request.
        async ValueTask InsertOneAsync(int worker)
        {
            await using var insert = dataSource.CreateCommand(InsertSql);
            insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7() });
            insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = payload, NpgsqlDbType = NpgsqlDbType.Bytea });
            await insert.ExecuteScalarAsync();
        }

        return await Workers.RunAsync(rows, connections, InsertOneAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DropDatabaseAsync(_connectionString);
        await _server.DisposeAsync();
    }
}
