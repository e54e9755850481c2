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

    public SqliteLoadDatabase()
    {
        _connection = new SqliteConnection($"Data Source={Path.Combine(_directory, "bare.db")}");
        _connection.Open();
        using var table = new SqliteCommand(TableSql, _connection);
        table.ExecuteNonQuery();
        Description = $"SQLite {_connection.ServerVersion}, synchronous FULL";
    }

    public string Description { get; }

    public IReadOnlyDictionary<string, string> HostSettings { get; } = new Dictionary<string, string>();

    public bool IsDurable => true;

    public async Task<Measured> InsertAsync(byte[] payload, int rows, int connections)
    {
        await using var insert = new SqliteCommand(InsertSql, _connection);
        var position = insert.Parameters.Add("@position", SqliteType.Integer);
        var id = insert.Parameters.Add("@id", SqliteType.Blob);
        insert.Parameters.Add("@payload", SqliteType.Blob).Value = payload;

        async ValueTask InsertOneAsync(int worker)
        {
            position.Value = ++_position;
            id.Value = Guid.CreateVersion7().ToByteArray();
            await insert.ExecuteNonQueryAsync();
        }

        return await Workers.RunAsync(rows, 1, InsertOneAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }
}
