using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Dashboard.Tests.Pages;
using Postoffice.Testing.Hosting;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Journeys;

/// <summary>The dashboard without a mouse.</summary>
public sealed class KeyboardTests : JourneyTest
{
    private const string Topic = "orders";

    private static readonly string[] Paths =
        ["", "topics", "topics/orders", "topics/-/new", "publishers", "publishers/1", "publishers/new", "messages", "dead-letters", "nothing"];

    private HostProcess _host = null!;
    private string _target = "";

    [Fact]
    public async Task A_slash_begins_a_search_on_every_page_and_is_a_slash_where_one_types()
    {
        var tab = await OpenWorldAsync();
        var frame = new Frame(tab);
        foreach (var path in Paths)
        {
            await tab.GoAsync(path);
            await Expect(frame.Heading).ToBeVisibleAsync();
            await tab.Page.Keyboard.PressAsync("/");
            await Expect(frame.Search).ToBeFocusedAsync();
            await Expect(frame.Search).ToHaveValueAsync("");
        }

        await tab.Page.Keyboard.TypeAsync("a/b");
        await Expect(frame.Search).ToHaveValueAsync("a/b");
        await tab.GoAsync("topics/orders");
        await DialogBox.OpenAsync(tab, new TopicPage(tab, Topic).SendButton, "Send a test message");
        await tab.Page.Keyboard.PressAsync("/");
        await Expect(frame.Search).Not.ToBeFocusedAsync();
        tab.ShouldBeFlawless();
    }

    [Fact]
    public async Task Escape_closes_a_dialog_and_the_focus_is_where_it_was()
    {
        var tab = await OpenWorldAsync();
        var page = await PublisherPage.OpenAsync(tab, 1, _target);
        (string Button, string Dialog)[] dialogs =
        [
            ("Pause", "Pause publisher 1"), ("Send a test delivery", "Send a test delivery"), ("Replay", "Replay for publisher 1"),
            ("Delete", "Delete publisher 1"),
        ];
        foreach (var (name, title) in dialogs)
        {
            await page.Button(name).FocusAsync();
            await tab.Page.Keyboard.PressAsync("Enter");
            var dialog = new DialogBox(tab, title);
            await Expect(dialog.Root).ToBeVisibleAsync();
            await Expect(dialog.Root.Locator(":focus")).ToHaveCountAsync(1);
            await tab.Page.Keyboard.PressAsync("Escape");
            await dialog.ShouldBeClosedAsync();
            await Expect(page.Button(name)).ToBeFocusedAsync();
        }

        (await _host.Client.GetPublisherAsync(1, Cancel)).Active.Should().BeTrue("nothing was confirmed");
        tab.ShouldBeFlawless();
    }

    [Fact]
    public async Task A_row_is_reached_by_Tab_and_opened_by_Enter()
    {
        var tab = await OpenWorldAsync();
        await tab.GoAsync("topics");
        await PressUntilFocusedAsync(tab, tab.Page.GetByRole(AriaRole.Link, new() { Name = Topic, Exact = true }));
        await tab.Page.Keyboard.PressAsync("Enter");
        await new Frame(tab).ShouldBeAtAsync(Topic);

        await PressUntilFocusedAsync(tab, new TopicPage(tab, Topic).Message("\"order\":1").GetByRole(AriaRole.Link));
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(new Frame(tab).Heading).ToContainTextAsync("Message …");
        tab.ShouldBeFlawless();
    }

    [Fact]
    public async Task What_stands_above_every_page_can_be_skipped()
    {
        var tab = await OpenWorldAsync();
        await tab.GoAsync("topics");
        await new Frame(tab).ShouldBeAtAsync("Topics");
        await tab.Page.Keyboard.PressAsync("Tab");
        var skip = tab.Page.GetByRole(AriaRole.Link, new() { Name = "Skip to content" });
        await Expect(skip).ToBeFocusedAsync();
        await Expect(skip).ToBeInViewportAsync();
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(new Frame(tab).Main).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Tab");
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "New topic" })).ToBeFocusedAsync();
        tab.ShouldBeFlawless();
    }

    private async Task<Tab> OpenWorldAsync()
    {
        _target = (await StartReceiverAsync()).Target;
        _host = await StartHostAsync(StorageKind.Sqlite);
        await ArrangeAsync(_host, Topic, _target);
        await _host.Client.PostMessageAsync(Topic, """{"order":1}""", Cancel);
        return await OpenAsync(_host, Screen.Desktop);
    }

    private static async Task PressUntilFocusedAsync(Tab tab, ILocator wanted)
    {
        await Expect(wanted).ToBeVisibleAsync();
        var isFocused = false;
        for (var presses = 0; presses < 40 && !isFocused; presses++)
        {
            await tab.Page.Keyboard.PressAsync("Tab");
            isFocused = await wanted.EvaluateAsync<bool>("element => element === document.activeElement");
        }

        await Expect(wanted).ToBeFocusedAsync();
    }
}
