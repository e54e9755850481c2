namespace Postoffice.Storage.InMemory;

/// <summary>The store as a whole: always there, and never of another version.</summary>
internal sealed class InMemoryStorage : IStorage
{
    public string Description => "memory of this process, lost when it ends";

    public Task MigrateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task CheckSchemaAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task PingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
