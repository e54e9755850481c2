using Grpc.Core;
using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Dashboard.Tests.Pages;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.PubSub;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Journeys;

/// <summary>A publisher that sends to Pub/Sub: made by the form, and seen while its Pub/Sub topic is missing.</summary>
public sealed class PubSubTests : JourneyTest
{
    private const string Topic = "orders";
    private const string Target = "projects/a-project/topics/incoming-orders";

    [Theory]
    [MemberData(nameof(Worlds))]
    public async Task It_is_made_by_the_form_says_that_its_topic_is_missing_and_delivers_when_it_is_there(StorageKind storage, string screen)
    {
        var service = Keep(await FakePubSub.StartAsync(FreePort.Take()));
        service.OnPublish = _ => throw FakePubSub.Refusal(StatusCode.NotFound, "Resource not found (resource=incoming-orders).");
        var host = await StartHostAsync(storage, ("GCLOUD_PUBSUB_PROJECT_ID", "a-project"), ("Postoffice__PubSub__EmulatorHost", service.Host));
        await host.Client.CreateTopicAsync(Topic, Cancel);
        await host.Client.PostBulkAsync(Topic, ["{}", "{}"], Cancel);
        var tab = await OpenAsync(host, Screen.Named(screen));
        await tab.GoAsync($"publishers/new?topic={Topic}");
        await new Frame(tab).MarkAsync();

        var page = await CreateAsync(tab);

        await page.ShouldDoAsync($"NOT_FOUND: there is no Pub/Sub topic {Target}; create it, or correct the publisher's target.");
        await Expect(page.Fact("Messages in one call")).ToHaveTextAsync("up to 25");
        await Expect(page.Fact("Number and type")).ToHaveTextAsync("1, pubsub");
        await tab.ShouldFitAsync();
        await TryOutAsync(tab, page);

        service.OnPublish = null;
        await Expect(page.Fact("Delivered")).ToHaveTextAsync("2");
        service.Ledger.Distinct.Should().BeGreaterThanOrEqualTo(2);
        await new Frame(tab).ShouldNotHaveReloadedAsync();
        tab.ShouldBeFlawless("400 (Bad Request)");
    }

    [Theory]
    [InlineData(nameof(Screen.Desktop))]
    [InlineData(nameof(Screen.PhoneAtNight))]
    public async Task Where_it_is_not_set_up_the_form_says_what_to_set(string screen)
    {
        var host = await StartHostAsync(StorageKind.Sqlite);
        await host.Client.CreateTopicAsync(Topic, Cancel);
        var tab = await OpenAsync(host, Screen.Named(screen));
        await tab.GoAsync($"publishers/new?topic={Topic}");
        var form = new PublisherForm(tab);
        await form.Field("Type").SelectOptionAsync("pubsub");
        await form.Target.FillAsync("incoming-orders");

        await form.CreateButton.ClickAsync();

        await form.ShouldSayBesideAsync("Type", "Type is invalid: pubsub is not set up here; set Postoffice:PubSub:ProjectId (or GCLOUD_PUBSUB_PROJECT_ID)");
        await Expect(form.Field("Type")).ToBeFocusedAsync();
        await tab.ShouldFitAsync();
        tab.ShouldBeFlawless("400 (Bad Request)");
    }

    private static async Task<PublisherPage> CreateAsync(Tab tab)
    {
        var form = new PublisherForm(tab);
        await Expect(form.Field("Topic")).ToHaveValueAsync(Topic);
        await tab.Page.GetByText("Advanced: filter, headers, demand").ClickAsync();
        await Expect(AddHeader(tab)).ToBeVisibleAsync();

        await form.Field("Type").SelectOptionAsync("pubsub");
        await Expect(AddHeader(tab)).ToHaveCountAsync(0);
        await Expect(form.Field("Messages in one call")).ToHaveAttributeAsync("placeholder", "100");
        await form.Field("Messages in one call").FillAsync("25");
        await form.Field(PublisherForm.Retry).FillAsync("1");
        await form.Target.FillAsync("projects/a-project");
        await form.CreateButton.ClickAsync();
        await form.ShouldSayBesideAsync("Target", "give a topic's id, such as orders, or its full name");
        await tab.ShouldFitAsync();

        await form.Target.FillAsync("incoming-orders");
        await form.CreateButton.ClickAsync();
        await new Frame(tab).ShouldBeAtAsync(Target);
        return new PublisherPage(tab);
    }

    private static async Task TryOutAsync(Tab tab, PublisherPage page)
    {
        var dialog = await page.PressAsync("Send a test delivery", "Send a test delivery");
        await dialog.Button("Send").ClickAsync();
        await dialog.ShouldSayAsync("unavailable");
        await dialog.ShouldSayAsync($"there is no Pub/Sub topic {Target}");
        await tab.ShouldFitAsync();
        await dialog.CloseAsync();
    }

    private static ILocator AddHeader(Tab tab) => tab.Page.GetByRole(AriaRole.Button, new() { Name = "Add a header" });
}
