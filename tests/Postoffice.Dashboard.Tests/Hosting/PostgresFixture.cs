using Postoffice.Testing.PostgreSql;

namespace Postoffice.Dashboard.Tests.Hosting;

/// <summary>One server for the assembly; each test has a database of its own. Without a server tests are skipped on a laptop and fail in CI.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;
    private string? _reason;

    internal PostgresServer Server
    {
        get
        {
            Assert.SkipWhen(_server is null && Environment.GetEnvironmentVariable("CI") is null, _reason ?? "");
            return _server ?? throw new InvalidOperationException(_reason);
        }
    }

    public async ValueTask InitializeAsync() => (_server, _reason) = await PostgresServer.TryStartAsync(fsync: false);

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
