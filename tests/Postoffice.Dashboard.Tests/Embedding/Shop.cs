using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Testing.Hosting;

namespace Postoffice.Dashboard.Tests.Embedding;

/// <summary>The sample shop as a real process with data of its own; the dashboard is one of its pages.</summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly string _directory;

    private Shop(ChildProcess process, string directory, Uri address)
    {
        _process = process;
        _directory = directory;
        Address = address;
    }

    public Uri Address { get; }

    public Uri Dashboard => new(Address, "/backoffice/mail/");

    public static async Task<Shop> StartAsync(CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("postoffice-shop-").FullName;
        var address = new Uri($"http://127.0.0.1:{FreePort.Take()}");
        var assembly = BuiltProject.Find("samples", "Postoffice.Samples.Shop");
        return new Shop(await ChildProcess.StartServerAsync(assembly, ["--urls", address.ToString()], cancellationToken, directory), directory, address);
    }

    /// <summary>Asks for the dashboard and logs in where that leads to, as a person does.</summary>
    public static async Task LogInAsync(Tab tab, string name)
    {
        await tab.GoAsync("");
        await Assertions.Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Log in" })).ToBeVisibleAsync();
        await tab.Page.GetByLabel("Name").FillAsync(name);
        await tab.Page.GetByLabel("Password").FillAsync(name);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Assertions.Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Overview" })).ToBeVisibleAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
