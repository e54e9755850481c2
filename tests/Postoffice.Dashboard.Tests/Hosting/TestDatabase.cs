using Postoffice.Testing.PostgreSql;

namespace Postoffice.Dashboard.Tests.Hosting;

/// <summary>The database of a host under test; a SQLite file is in the host's own directory and goes away with it.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly PostgresServer? _server;

    private TestDatabase(PostgresServer? server, string? connectionString)
    {
        _server = server;
        ConnectionString = connectionString;
    }

    /// <summary>Null for SQLite.</summary>
    public string? ConnectionString { get; }

    /// <summary>Settings that make a host use it.</summary>
    public IReadOnlyDictionary<string, string> Settings =>
        ConnectionString is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Postoffice__Storage__Postgres__ConnectionString"] = ConnectionString };

    public static async Task<TestDatabase> CreateAsync(StorageKind kind, CancellationToken cancellationToken)
    {
        if (kind == StorageKind.Sqlite)
        {
            return new TestDatabase(null, null);
        }

        var fixture = await TestContext.Current.GetFixture<PostgresFixture>();
        return new TestDatabase(fixture!.Server, await fixture.Server.CreateDatabaseAsync(cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DropDatabaseAsync(ConnectionString!);
        }
    }
}
