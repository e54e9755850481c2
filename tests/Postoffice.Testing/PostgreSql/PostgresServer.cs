using Npgsql;

namespace Postoffice.Testing.PostgreSql;

/// <summary>
/// A PostgreSQL server for tests: the one that <see cref="ConnectionStringVariable"/> names, or a container where a Docker engine answers,
/// or a server of our own from the binaries on this machine. Only the last can be stopped and started again.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>A connection string of a server where databases may be created.</summary>
    public const string ConnectionStringVariable = "POSTOFFICE_TEST_POSTGRES";

    private const string ThreeWays = $"Set {ConnectionStringVariable} to the connection string of a server where databases may be created, "
        + "or start a Docker engine, or install PostgreSQL (initdb and pg_ctl on the PATH or in /usr/lib/postgresql/*/bin).";

    private readonly IPostgresServerSource _source;

    private PostgresServer(IPostgresServerSource source) => _source = source;

    /// <summary>Which of the three ways it is, for the test's output.</summary>
    public string Description => _source.Description;

    /// <summary>Whether <see cref="StopAsync"/> and <see cref="StartAgainAsync"/> work.</summary>
    public bool CanStop => _source is LocalPostgres;

    /// <summary>A connection string without a database, for a superuser.</summary>
    public string ConnectionString => _source.ConnectionString;

    /// <summary>Finds or starts a server.</summary>
    /// <param name="fsync">Whether a server of our own waits for the disk; false is faster, for tests that don't kill the machine.</param>
    /// <exception cref="InvalidOperationException">None of the three ways works; the message names them.</exception>
    public static async Task<PostgresServer> StartAsync(bool fsync = true, CancellationToken cancellationToken = default)
    {
        var (server, reason) = await TryStartAsync(fsync, cancellationToken);
        return server ?? throw new InvalidOperationException(reason);
    }

    /// <summary>Finds or starts a server; without one the reason says what was tried and what to do.</summary>
    public static async Task<(PostgresServer? Server, string? Reason)> TryStartAsync(bool fsync = true, CancellationToken cancellationToken = default)
    {
        if (Environment.GetEnvironmentVariable(ConnectionStringVariable) is { Length: > 0 } connectionString)
        {
            // A server that was asked for by name is used or the tests fail; nothing else is tried instead.
            return (new PostgresServer(new GivenPostgres(connectionString)), null);
        }

        var (container, noContainer) = await ContainerPostgres.TryStartAsync(cancellationToken);
        if (container is not null)
        {
            return (new PostgresServer(container), null);
        }

        var (local, noLocal) = await LocalPostgres.TryStartAsync(fsync, cancellationToken);
        return local is not null
            ? (new PostgresServer(local), null)
            : (null, $"No PostgreSQL for the tests: {ConnectionStringVariable} is not set; {noContainer}; {noLocal}. {ThreeWays}");
    }

    /// <summary>Starts a server of our own, for tests that stop it; null when the binaries are not there.</summary>
    public static async Task<PostgresServer?> TryStartLocalAsync(bool fsync = true, CancellationToken cancellationToken = default) =>
        (await LocalPostgres.TryStartAsync(fsync, cancellationToken)).Server is { } local ? new PostgresServer(local) : null;

    /// <summary>Creates an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var name = $"test_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE DATABASE {name}", cancellationToken);
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>Removes a database that <see cref="CreateDatabaseAsync"/> made, whoever is still connected to it.</summary>
    public async Task DropDatabaseAsync(string connectionString, CancellationToken cancellationToken = default)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        await ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)", cancellationToken);
    }

    /// <summary>Stops a server of our own and waits until it has stopped; its data stay.</summary>
    public Task StopAsync(PostgresStopMode mode = PostgresStopMode.Fast, CancellationToken cancellationToken = default) =>
        Local.StopAsync(mode, cancellationToken);

    /// <summary>Starts it again: same data, same port.</summary>
    public Task StartAgainAsync(CancellationToken cancellationToken = default) => Local.StartAsync(cancellationToken);

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private LocalPostgres Local => _source as LocalPostgres
        ?? throw new InvalidOperationException($"{Description} can't be stopped by a test. Check {nameof(CanStop)} first, or unset {ConnectionStringVariable}.");

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        // Without a pool: a connection left open would keep the server from a smart shutdown and survive an outage half dead.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
#pragma warning disable CA2100 // Names of databases can't be parameters; ours are letters and digits.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>How a server stops.</summary>
public enum PostgresStopMode
{
    /// <summary>It ends its sessions, writes a checkpoint and stops.</summary>
    Fast,

    /// <summary>It stops at once, as by a crash, and recovers when it starts again.</summary>
    Immediate,
}

/// <summary>One of the ways to come by a server.</summary>
internal interface IPostgresServerSource : IAsyncDisposable
{
    string Description { get; }

    string ConnectionString { get; }
}

/// <summary>A server that is there already; left as it is.</summary>
internal sealed class GivenPostgres(string connectionString) : IPostgresServerSource
{
    public string Description => $"The server of {PostgresServer.ConnectionStringVariable}";

    public string ConnectionString => connectionString;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
