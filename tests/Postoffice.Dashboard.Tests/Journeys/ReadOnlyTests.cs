using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Dashboard.Tests.Pages;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.Receivers;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Journeys;

/// <summary>A dashboard that is for looking.</summary>
public sealed class ReadOnlyTests : JourneyTest
{
    private const string Topic = "orders";

    // As people who do not see the page hear them.
    private const string NamesScript = "all => all.map(each => each.ariaLabel ?? each.textContent)";
    private const string PathsScript = "all => all.map(each => new URL(each.href).pathname)";

    // What only looks: finding, folding, copying, the next page.
    private static readonly string[] Harmless =
    [
        "Search", "Show", "Add an attribute", "Last 15 min", "Last hour", "Last day", "Stop", "Go on", "Search again", "Pretty", "Raw",
        "Copy Payload, indented", "Copy Payload as received", "Copy id", "Copy How to send a message",
    ];

    private static readonly string[] Lists = ["", "topics", "publishers", "messages", "dead-letters"];

    private static readonly string[] Details =
    [
        "topics/orders", "topics/unused", "topics/-/new", "publishers/1", "publishers/2", "publishers/1/edit", "publishers/new", "dead-letters?publisher_id=1",
    ];

    [Fact]
    public async Task A_read_only_dashboard_says_so_and_offers_nothing_that_changes()
    {
        var refusing = await StartReceiverAsync();
        refusing.DefaultAnswer = new ScriptedAnswer(422).WithBody("no such customer");
        var failing = await StartReceiverAsync();
        failing.DefaultAnswer = new ScriptedAnswer(503);
        var host = await StartHostAsync(StorageKind.Sqlite, ("Postoffice__Dashboard__ReadOnly", "true"));
        var tab = await OpenAsync(host, Screen.Desktop);
        await ShouldOnlyShowAsync(tab, Lists);

        await ArrangeAsync(host, Topic, refusing.Target, maxAttempts: 1);
        await host.Client.CreatePublisherAsync(new NewPublisherView(Topic, new Uri(failing.Target)) { Ordering = "key", SecondsRetry = 3_600 }, Cancel);
        await host.Client.CreateTopicAsync("unused", Cancel);
        var message = await host.Client.PostKeyedAsync(Topic, "customer 7", """{"order":1}""", Cancel);

        await tab.GoAsync("dead-letters");
        await Expect(new DeadLettersPage(tab).Groups).ToHaveCountAsync(1);
        var page = await MessagePage.OpenAsync(tab, message.Id.ToString());
        await page.ShouldBeAsync(1, "dead");
        await page.ShouldBeAsync(2, "parked");
        await ShouldOnlyShowAsync(tab);
        await ShouldOnlyShowAsync(tab, [.. Lists, .. Details]);
        tab.ShouldBeFlawless();
    }

    private static async Task ShouldOnlyShowAsync(Tab tab, IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            await tab.GoAsync(path);
            await Expect(new Frame(tab).Heading).ToBeVisibleAsync();
            await ShouldOnlyShowAsync(tab);
        }
    }

    private static async Task ShouldOnlyShowAsync(Tab tab)
    {
        await Expect(tab.Page.GetByText("Loading…")).ToHaveCountAsync(0);
        await Expect(new Frame(tab).Says("read only")).ToBeVisibleAsync();

        var buttons = await tab.Page.GetByRole(AriaRole.Button).Or(tab.Page.GetByRole(AriaRole.Tab)).EvaluateAllAsync<string[]>(NamesScript);
        buttons.Should().BeSubsetOf(Harmless, "{0} is for looking", tab.Page.Url);
        var links = await new Frame(tab).Main.GetByRole(AriaRole.Link).EvaluateAllAsync<string[]>(PathsScript);
        links.Should().NotContain(path => path.EndsWith("/new", StringComparison.Ordinal) || path.EndsWith("/edit", StringComparison.Ordinal), "{0} is for looking", tab.Page.Url);
    }
}
