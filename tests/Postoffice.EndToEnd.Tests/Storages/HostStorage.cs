using Microsoft.Data.Sqlite;
using Npgsql;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.PostgreSql;

namespace Postoffice.EndToEnd.Tests.Storages;

/// <summary>The database of the host under test, seen from outside: how the host is told of it, and how many rows it holds.</summary>
internal abstract class HostStorage : IAsyncDisposable
{
    /// <summary>Settings that make a host use it.</summary>
    public abstract IReadOnlyDictionary<string, string> Settings { get; }

    public static async Task<HostStorage> CreateAsync(StorageKind kind, CancellationToken cancellationToken)
    {
        if (kind == StorageKind.Sqlite)
        {
            return new SqliteHostStorage();
        }

        var fixture = await TestContext.Current.GetFixture<PostgresFixture>();
        return new PostgresHostStorage(fixture!.Server, await fixture.Server.CreateDatabaseAsync(cancellationToken));
    }

    /// <summary>Counts the rows of every table but the log's.</summary>
    public abstract Task<long> CountRowsOutsideLogAsync(HostProcess host, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();

    private protected static string CountSql(string table) => $"SELECT count(*) FROM {table}";

    /// <summary>The file that a host makes in its directory when nothing is set.</summary>
    private sealed class SqliteHostStorage : HostStorage
    {
        public override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>();

        public override async Task<long> CountRowsOutsideLogAsync(HostProcess host, CancellationToken cancellationToken)
        {
            var file = new SqliteConnectionStringBuilder
            {
                DataSource = Path.Combine(host.Directory, "data", "postoffice.db"),
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
            };
            await using var connection = new SqliteConnection(file.ConnectionString);
            await connection.OpenAsync(cancellationToken);

            var tables = new List<string>();
            await using (var list = new SqliteCommand("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'", connection))
            await using (var rows = await list.ExecuteReaderAsync(cancellationToken))
            {
                while (await rows.ReadAsync(cancellationToken))
                {
                    tables.Add(rows.GetString(0));
                }
            }

            tables.Should().Contain("messages");
            var count = 0L;
            foreach (var table in tables.Where(table => table != "messages"))
            {
#pragma warning disable CA2100 // Names of tables can't be parameters; these come from the schema.
                await using var command = new SqliteCommand(CountSql(table), connection);
#pragma warning restore CA2100
                count += (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            }

            return count;
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask; // The file goes away with the host's directory.
    }

    private sealed class PostgresHostStorage(PostgresServer server, string connectionString) : HostStorage
    {
        public override IReadOnlyDictionary<string, string> Settings { get; } =
            new Dictionary<string, string> { ["Postoffice__Storage__Postgres__ConnectionString"] = connectionString };

        public override async Task<long> CountRowsOutsideLogAsync(HostProcess host, CancellationToken cancellationToken)
        {
            await using var dataSource = NpgsqlDataSource.Create(connectionString);
            var tables = new List<string>();
            await using (var list = dataSource.CreateCommand("SELECT tablename FROM pg_tables WHERE schemaname = 'postoffice'"))
            await using (var rows = await list.ExecuteReaderAsync(cancellationToken))
            {
                while (await rows.ReadAsync(cancellationToken))
                {
                    tables.Add(rows.GetString(0));
                }
            }

            tables.Should().Contain("messages");
            var count = 0L;
            foreach (var table in tables.Where(table => table != "messages"))
            {
                await using var command = dataSource.CreateCommand(CountSql($"postoffice.{table}"));
                count += (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            }

            return count;
        }

        public override async ValueTask DisposeAsync() => await server.DropDatabaseAsync(connectionString);
    }
}
