using Microsoft.Data.Sqlite;
using Postoffice.Load.Client;

namespace Postoffice.Load.Steps;

/// <summary>SQLite that waits for its disk at each commit; it has one writer, so the inserts go one after another.</summary>
internal sealed class SqliteLoadDatabase : ILoadDatabase
{
    private const string TableSql = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        CREATE TABLE messages (
            topic_id INTEGER NOT NULL, position INTEGER NOT NULL, id BLOB NOT NULL UNIQUE, payload BLOB NOT NULL, attributes TEXT,
            content_type TEXT, received_at INTEGER NOT NULL, PRIMARY KEY (topic_id, position)) WITHOUT ROWID
        """;

    private const string InsertSql = "INSERT INTO messages VALUES (1, @position, @id, @payload, '{}', 'application/json', unixepoch())";

    private readonly string _directory = Directory.CreateTempSubdirectory("postoffice-load-").FullName;
    private readonly SqliteConnection _connection;
    private long _position;

    public SqliteLoadDatabase() => _connection = new SqliteConnection($"Data Source={Path.Combine(_directory, "bare.db")}");

    public string Description => $"SQLite {_connection.ServerVersion}, synchronous FULL";

    public IReadOnlyDictionary<string, string> HostSettings { get; } = new Dictionary<string, string>();

    public async Task PrepareAsync(int connections)
    {
        await _connection.OpenAsync();
        await using var command = new SqliteCommand(TableSql, _connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<Measured> InsertAsync(byte[] payload, int rows)
    {
        await using var insert = new SqliteCommand(InsertSql, _connection);
        var position = insert.Parameters.Add("@position", SqliteType.Integer);
        var id = insert.Parameters.Add("@id", SqliteType.Blob);
        insert.Parameters.Add("@payload", SqliteType.Blob).Value = payload;

        return await Workers.RunAsync(rows, 1, async _ =>
        {
            position.Value = ++_position;
            id.Value = Guid.CreateVersion7().ToByteArray();
            await insert.ExecuteNonQueryAsync();
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }
}
