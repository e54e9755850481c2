using Testcontainers.PostgreSql;

namespace Postoffice.Testing.PostgreSql;

/// <summary>A server in a container, where a Docker engine answers.</summary>
internal sealed class ContainerPostgres : IPostgresServerSource
{
    private const string Image = "postgres:18-alpine";

    private readonly PostgreSqlContainer _container;

    private ContainerPostgres(PostgreSqlContainer container) => _container = container;

    public string Description => $"A container of {Image}";

    public string ConnectionString => _container.GetConnectionString();

    /// <returns>The server, or why there is none.</returns>
    public static async Task<(ContainerPostgres? Server, string? Reason)> TryStartAsync(CancellationToken cancellationToken)
    {
        PostgreSqlContainer? container = null;
        try
        {
            container = new PostgreSqlBuilder(Image).WithCommand("-c", "max_connections=300").Build();
            await container.StartAsync(cancellationToken);
            return (new ContainerPostgres(container), null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // No engine, or one that can't fetch the image: the next way is tried.
            if (container is not null)
            {
                await container.DisposeAsync();
            }

            return (null, $"no container ({exception.Message.Split('\n')[0].Trim()})");
        }
    }

    public ValueTask DisposeAsync() => _container.DisposeAsync();
}
