namespace Postoffice.Storage.Contract;

/// <summary>Base of the suites: one fresh store a test. Each store's test project derives every suite and says how a store is made.</summary>
public abstract partial class StorageContract : IAsyncLifetime
{
    private StorageHarness? _store;

    internal StorageHarness Store => _store ?? throw new InvalidOperationException("The test has not started.");

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await CreateAsync();

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }

    internal abstract Task<StorageHarness> CreateAsync();
}
