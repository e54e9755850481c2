using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.Receivers;

namespace Postoffice.EndToEnd.Tests;

/// <summary>
/// Base of the tests that drive the built host as a process: starts what a test needs, ends it in the opposite order, and shows the hosts' logs of a test
/// that failed.
/// </summary>
public abstract class EndToEndTest : IAsyncLifetime
{
    /// <summary>A node that was killed keeps its leases until they run out: soon, so that its successor need not wait long.</summary>
    protected static readonly IReadOnlyDictionary<string, string> ShortLeases = new Dictionary<string, string>
    {
        ["Postoffice__Cluster__LeaseDuration"] = "00:00:02",
        ["Postoffice__Cluster__RenewInterval"] = "00:00:00.5",
        ["Postoffice__Cluster__LeaseMargin"] = "00:00:00.5",
    };

    // Nothing here takes so long; a test that hangs ends.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly CancellationTokenSource _patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly Stack<IAsyncDisposable> _parts = new();

    protected CancellationToken Cancel => _patience.Token;

    public ValueTask InitializeAsync()
    {
        _patience.CancelAfter(Patience);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        var failed = TestContext.Current.TestState?.Result == TestResult.Failed;
        while (_parts.TryPop(out var part))
        {
            if (failed && part is HostProcess host)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"The host at {host.Address} wrote:\n{host.Log}");
            }

            await part.DisposeAsync();
        }

        _patience.Dispose();
    }

    internal async Task<HostStorage> CreateStorageAsync(StorageKind kind) => Keep(await HostStorage.CreateAsync(kind, Cancel));

    internal async Task<HostProcess> StartHostAsync(HostStorage storage, IReadOnlyDictionary<string, string>? settings = null) =>
        await StartHostAsync(storage.Settings.Concat(settings ?? new Dictionary<string, string>()));

    /// <summary>A host that is not started yet.</summary>
    internal HostProcess MakeHost(IEnumerable<KeyValuePair<string, string>> settings) => Keep(new HostProcess(new Dictionary<string, string>(settings)));

    internal async Task<HostProcess> StartHostAsync(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var host = MakeHost(settings);
        await host.StartAsync(Cancel);
        return host;
    }

    /// <param name="keepRequests">False for loads of requests: only the ledger is kept.</param>
    internal async Task<ScriptedReceiver> StartReceiverAsync(bool keepRequests = true) =>
        Keep(await ScriptedReceiver.StartAsync(keepRequests, FreePort.Take()));

    /// <summary>
    /// Asks again and again until the answer is yes. For what only a process of its own knows and gives no signal of; where a receiver or a log line tells,
    /// wait for that.
    /// </summary>
    internal async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var rhythm = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (!await holds())
        {
            await rhythm.WaitForNextTickAsync(Cancel);
        }
    }

    private protected T Keep<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Push(part);
        return part;
    }
}
