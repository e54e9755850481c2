using Postoffice.Messages;
using Postoffice.Topics;

namespace Postoffice.Storage.Sqlite.Tests;

/// <summary>Base of the tests of what only this store has: one fresh file a test.</summary>
public abstract class SqliteTests : IAsyncLifetime
{
    private SqliteHarness? _store;

    internal SqliteHarness Store => _store ?? throw new InvalidOperationException("The test has not started.");

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await SqliteHarness.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }

    internal static NewMessage NewMessage(int bytes = 16, string? key = null) => new() { Payload = new byte[bytes], IdempotencyKey = key };

    internal async Task<Topic> AddTopicAsync(string name = "orders") =>
        await Store.Topics.TryAddAsync(new NewTopic(name, "orders.example"), Cancel) ?? throw new InvalidOperationException("The topic is there already.");

    internal Task<AppendResult[]?> AppendAsync(Topic topic, params NewMessage[] messages) =>
        Store.Log.AppendAsync(topic.Id, [new AppendRequest(messages)], Cancel);

    internal async Task<IEnumerable<long>> PositionsAsync(Topic topic) =>
        (await Store.Log.ReadAsync(topic.Id, 0, int.MaxValue, int.MaxValue, Cancel)).Select(message => message.Position);
}
