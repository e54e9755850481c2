using System.Text;
using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Dashboard.Tests.Pages;
using Postoffice.Testing.Receivers;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Journeys;

/// <summary>From an empty host to a message that is delivered and found again.</summary>
public sealed class FirstMessageTests : JourneyTest
{
    private const string Topic = "orders: new";
    private const long Publisher = 1;

    // What a careless page would change: spacing, trailing zeros, a number beyond a double, an escape.
    private const string Payload = "{ \"total\" :\t1.0,\n   \"serial\":12345678901234567890 , \"name\":\"\\u0061 & <b>é</b>\" }";

    [Theory]
    [MemberData(nameof(Worlds))]
    public async Task A_first_message_is_sent_delivered_and_found_without_leaving_the_page(StorageKind storage, string screen)
    {
        var receiver = await StartReceiverAsync();
        var host = await StartHostAsync(storage);
        var tab = await OpenAsync(host, Screen.Named(screen));
        await tab.GoAsync("");
        await new Frame(tab).MarkAsync();

        var topic = await CreateTopicAsync(tab);
        await CreatePublisherAsync(tab, receiver.Target);
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = Topic, Exact = true }).First.ClickAsync();
        await Expect(topic.Publishers).ToContainTextAsync(receiver.Target);

        var first = await SendAsync(tab, topic, receiver);
        var second = await host.Client.PostMessageAsync(Topic, """{"total":2,"from":"elsewhere"}""", Cancel);
        await Expect(topic.Message("elsewhere")).ToContainTextAsync("1 settled");
        await tab.ShouldFitAsync();

        await FindFromAboveAsync(tab, first, second.Id.ToString());
        await FindByFormAsync(tab, first, second.Id.ToString());

        await new Frame(tab).ShouldNotHaveReloadedAsync();
        tab.ShouldBeFlawless();
    }

    private static async Task<TopicPage> CreateTopicAsync(Tab tab)
    {
        await Expect(tab.Page.GetByText("No topics yet.")).ToBeVisibleAsync();
        await tab.ShouldFitAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Create a topic" }).ClickAsync();
        return await TopicPage.CreateAsync(tab, Topic, "shop.example");
    }

    private static async Task CreatePublisherAsync(Tab tab, string target)
    {
        await Expect(tab.Page.GetByText("Nobody delivers these messages.")).ToBeVisibleAsync();
        await tab.ShouldFitAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Create a publisher" }).ClickAsync();
        var publisher = await new PublisherForm(tab).CreateAsync(Topic, target, secondsRetry: 1, attempts: 2);
        await publisher.ShouldDoAsync("Everything is delivered, and nothing new has come.");
        await tab.ShouldFitAsync();
    }

    /// <summary>Sends a message by hand, sees it on its way, and then delivered, each as it happens.</summary>
    private static async Task<string> SendAsync(Tab tab, TopicPage topic, ScriptedReceiver receiver)
    {
        receiver.Hold();
        var id = await topic.SendAsync(Payload, ("region", "eu"), ("kind", "test"));
        await topic.Message("12345678901234567890").GetByRole(AriaRole.Link).ClickAsync();
        var message = await MessagePage.ShouldBeOpenAsync(tab, id);
        await message.ShouldBeAsync(Publisher, "waiting", "In flight on node", "attempt 1");
        receiver.ReleaseAll();
        await message.ShouldBeAsync(Publisher, "delivered", "answered with 200");

        (await message.ReadPayloadAsync()).Should().Be(Payload);
        await Expect(message.Attributes).ToContainTextAsync("region");
        await tab.ShouldFitAsync();
        var request = receiver.Requests.Should().ContainSingle().Subject;
        request.Body.Should().Equal(Encoding.UTF8.GetBytes(Payload));
        request.MessageId.Should().Be(id);
        request.Headers.Should().Contain("postoffice-attribute-region", "eu").And.Contain("postoffice-attribute-kind", "test");

        await new Frame(tab).GoBackAsync(Topic);
        await Expect(topic.Message("12345678901234567890")).ToContainTextAsync("1 settled");
        return id;
    }

    private static async Task FindFromAboveAsync(Tab tab, string first, string second)
    {
        var frame = new Frame(tab);
        var messages = new MessagesPage(tab);
        await frame.FindAsync(first.ToUpperInvariant());
        await MessagePage.ShouldBeOpenAsync(tab, first);
        await frame.FindAsync("region=eu");
        await messages.ShouldFindOnlyAsync(first);
        await frame.FindAsync("elsewhere");
        await messages.ShouldFindOnlyAsync(second);
        await tab.ShouldFitAsync();
    }

    private static async Task FindByFormAsync(Tab tab, string first, string second)
    {
        var messages = new MessagesPage(tab);
        await messages.ClearAsync();
        await Expect(messages.Rows).ToHaveCountAsync(2);
        await messages.SearchAsync(text: "\"serial\":12345678901234567890");
        await messages.ShouldFindOnlyAsync(first);
        await messages.ClearAsync();
        await messages.SearchAsync(state: "delivered", attribute: ("kind", "test"));
        await messages.ShouldFindOnlyAsync(first);
        await tab.ShouldFitAsync();
        await messages.SearchAsync(text: second);
        await MessagePage.ShouldBeOpenAsync(tab, second);
    }
}
