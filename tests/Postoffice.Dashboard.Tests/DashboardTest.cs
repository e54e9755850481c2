using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.Receivers;

namespace Postoffice.Dashboard.Tests;

/// <summary>Base of the tests that look at the dashboard of a real host with a real browser: starts what a test needs, and ends it in the opposite order.</summary>
public abstract class DashboardTest : IAsyncLifetime
{
    // Nothing here takes so long; a test that hangs ends.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

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

            if (failed && part is Tab tab)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{tab.Page.Url} shows:\n{await tab.Page.Locator("body").InnerTextAsync()}\n{string.Join('\n', tab.Faults)}");
            }

            await part.DisposeAsync();
        }

        _patience.Dispose();
    }

    internal async Task<HostProcess> StartHostAsync(StorageKind kind, params (string Name, string Value)[] settings)
    {
        var database = Keep(await TestDatabase.CreateAsync(kind, Cancel));
        var host = Keep(new HostProcess(database.Settings.Concat(settings.ToDictionary(setting => setting.Name, setting => setting.Value)).ToDictionary()));
        await host.StartAsync(Cancel);
        return host;
    }

    internal async Task<ScriptedReceiver> StartReceiverAsync() => Keep(await ScriptedReceiver.StartAsync(port: FreePort.Take()));

    internal Task<Tab> OpenAsync(HostProcess host, Screen screen) => OpenAsync(host.Address, screen);

    internal async Task<Tab> OpenAsync(Uri dashboard, Screen screen)
    {
        var fixture = await TestContext.Current.GetFixture<BrowserFixture>();
        return Keep(await Tab.OpenAsync(fixture!.Browser, screen, dashboard));
    }

    private protected T Keep<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Push(part);
        return part;
    }
}
