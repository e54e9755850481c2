using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Dashboard.Tests.Pages;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Journeys;

/// <summary>What happens shows by itself, whatever happens to the connection; and the page says which it is.</summary>
public sealed class LiveTests : JourneyTest
{
    private const string Topic = "orders";

    [Fact]
    public async Task With_events_every_tab_says_live_and_shows_what_happens()
    {
        var host = await StartHostAsync(StorageKind.Sqlite);
        await host.Client.CreateTopicAsync(Topic, Cancel);
        var first = await OpenAsync(host, Screen.Desktop);
        var second = await OpenAsync(host, Screen.Phone);
        Tab[] tabs = [first, second];
        foreach (var tab in tabs)
        {
            await TopicPage.OpenAsync(tab, Topic);
            await Expect(new Frame(tab).Says("live")).ToBeVisibleAsync();
        }

        await host.Client.PostMessageAsync(Topic, """{"order":"first"}""", Cancel);
        foreach (var tab in tabs)
        {
            await Expect(new TopicPage(tab, Topic).Message("first")).ToBeVisibleAsync();
            tab.ShouldBeFlawless();
        }
    }

    [Fact]
    public async Task Without_events_the_page_says_polling_and_still_shows_what_happens()
    {
        var host = await StartHostAsync(StorageKind.Sqlite);
        await host.Client.CreateTopicAsync(Topic, Cancel);
        var tab = await OpenAsync(host, Screen.Desktop);
        await tab.Page.RouteAsync("**/events", route => route.AbortAsync());
        var topic = await TopicPage.OpenAsync(tab, Topic);
        await Expect(new Frame(tab).Says("polling")).ToBeVisibleAsync();
        await Expect(tab.Page.GetByText("No messages yet.")).ToBeVisibleAsync();

        await host.Client.PostMessageAsync(Topic, """{"order":"first"}""", Cancel);
        await Expect(topic.Message("first")).ToBeVisibleAsync();
        await host.Client.PostMessageAsync(Topic, """{"order":"second"}""", Cancel);
        await Expect(topic.Message("second")).ToBeVisibleAsync();
        await Expect(new Frame(tab).Says("polling")).ToBeVisibleAsync();

        // The way is free again: nobody has to do anything.
        await tab.Page.UnrouteAllAsync();
        await Expect(new Frame(tab).Says("live")).ToBeVisibleAsync();
        tab.ShouldBeFlawless("-/api/events");
    }

    [Fact]
    public async Task While_the_host_is_down_the_page_says_so_and_goes_on_by_itself_when_it_is_back()
    {
        var host = await StartHostAsync(StorageKind.Sqlite);
        await host.Client.CreateTopicAsync(Topic, Cancel);
        await host.Client.PostMessageAsync(Topic, """{"order":"before"}""", Cancel);
        var tab = await OpenAsync(host, Screen.Desktop);
        var topic = await TopicPage.OpenAsync(tab, Topic);
        var frame = new Frame(tab);
        await Expect(frame.Says("live")).ToBeVisibleAsync();
        await frame.MarkAsync();

        await host.StopAsync(Cancel);
        await Expect(frame.Says("polling")).ToBeVisibleAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("No answer");
        await Expect(topic.Message("before")).ToBeVisibleAsync();

        await host.StartAsync(Cancel);
        await Expect(frame.Says("live")).ToBeVisibleAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        await host.Client.PostMessageAsync(Topic, """{"order":"after"}""", Cancel);
        await Expect(topic.Message("after")).ToBeVisibleAsync();
        await frame.ShouldNotHaveReloadedAsync();
        tab.ShouldBeFlawless("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE");
    }
}
