using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Dashboard.Tests.Pages;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Journeys;

/// <summary>What is wrong is said where it is wrong, and what is not there is said kindly.</summary>
public sealed class ErrorTests : JourneyTest
{
    private const string Topic = "orders";
    private const string Unknown = "018f0000-0000-7000-8000-000000000000";

    [Fact]
    public async Task A_publisher_that_the_server_refuses_is_told_so_beside_each_field()
    {
        var host = await StartHostAsync(StorageKind.Sqlite);
        var target = (await StartReceiverAsync()).Target;
        await ArrangeAsync(host, Topic, target);
        var tab = await OpenAsync(host, Screen.Desktop);
        await tab.GoAsync("publishers/new");
        var form = new PublisherForm(tab);
        await form.Target.FillAsync("not a url");
        await form.Field("Timeout, seconds").FillAsync("0");
        await form.Field(PublisherForm.Retry).FillAsync("soon");
        await form.Field(PublisherForm.Attempts).FillAsync("1001");
        await form.CreateButton.ClickAsync();

        await form.ShouldSayBesideAsync("Topic", "Topic ");
        await form.ShouldSayBesideAsync("Target", "Target ");
        await form.ShouldSayBesideAsync("Timeout, seconds", "Timeout, seconds is invalid: give a whole number from 1 to 300");
        await form.ShouldSayBesideAsync(PublisherForm.Retry, "First retry after, seconds is invalid: give a whole number from 1 to 3");
        await form.ShouldSayBesideAsync(PublisherForm.Attempts, "Attempts is invalid: give a whole number from 1 to 1");
        await Expect(form.Field("Topic")).ToBeFocusedAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("5 fields that are marked need another look");
        await tab.ShouldFitAsync();

        await form.Field("Topic").SelectOptionAsync(Topic);
        await form.Field("Timeout, seconds").FillAsync("");
        await form.Field(PublisherForm.Retry).FillAsync("");
        await form.Field(PublisherForm.Attempts).FillAsync("");
        await form.Target.FillAsync(target);
        await form.CreateButton.ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The topic has a publisher of this type with this target already.");
        tab.ShouldBeFlawless("400 (Bad Request)", "409 (Conflict)");
    }

    [Fact]
    public async Task What_is_not_there_is_said_kindly_and_with_a_way_on()
    {
        var tab = await OpenAsync(await StartHostAsync(StorageKind.Sqlite), Screen.Phone);
        await ShouldSayAsync(tab, $"messages/{Unknown}", "No such message", $"There is no message {Unknown}.", "Search for messages");
        await ShouldSayAsync(tab, "messages/nonsense", "No such message", "There is no message nonsense.", "Search for messages");
        await ShouldSayAsync(tab, "topics/unknown%20one", "unknown one", "There is no such topic.", "See all topics");
        await ShouldSayAsync(tab, "publishers/4711", "Publisher 4711", "There is no such publisher.", "See all publishers");
        await ShouldSayAsync(tab, "publishers/4711/edit", "Publisher 4711", "There is no such publisher.", "See all publishers");
        await ShouldSayAsync(tab, "publishers/nonsense", "Publisher nonsense", "There is no such publisher.", "See all publishers");
        await ShouldSayAsync(tab, "some/where", "Nothing here", "There is no such page.", "Go to the overview");
        tab.ShouldBeFlawless("404 (Not Found)");
    }

    private static async Task ShouldSayAsync(Tab tab, string path, string heading, string saying, string wayOn)
    {
        await tab.GoAsync(path);
        await new Frame(tab).ShouldBeAtAsync(heading);
        await Expect(tab.Page.GetByText(saying)).ToBeVisibleAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        await tab.ShouldFitAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = wayOn }).ClickAsync();
        await Expect(new Frame(tab).Heading).Not.ToHaveTextAsync(heading);
    }
}
