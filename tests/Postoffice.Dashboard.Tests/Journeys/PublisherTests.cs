using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Dashboard.Tests.Pages;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.Receivers;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Journeys;

/// <summary>Everything that an operator does to a publisher, from its page.</summary>
public sealed class PublisherTests : JourneyTest
{
    private const string Topic = "orders";
    private const string Answer = "thank you, come again";

    [Theory]
    [MemberData(nameof(Worlds))]
    public async Task A_publisher_is_paused_resumed_tried_out_replayed_changed_and_deleted(StorageKind storage, string screen)
    {
        var receiver = await StartReceiverAsync();
        var host = await StartHostAsync(storage);
        var id = (await ArrangeAsync(host, Topic, receiver.Target)).Id;
        await host.Client.CreateTopicAsync("unused", Cancel);
        var tab = await OpenAsync(host, Screen.Named(screen));
        var page = await PublisherPage.OpenAsync(tab, id, receiver.Target);
        await new Frame(tab).MarkAsync();
        await tab.ShouldFitAsync();

        await BePausedByReceiverAsync(page, host, receiver, id);
        await BePausedByHandAsync(tab, page, host, receiver, id);
        await TryOutAsync(tab, page, receiver);
        await ReplayAsync(tab, page, receiver, id);

        var form = await page.EditAsync(id);
        await form.SaveOneAsync(PublisherForm.Attempts, "7", receiver.Target);
        await Expect(page.Fact("Gives up")).ToHaveTextAsync("after 7 failed attempts");

        // What is deleted may be asked for once more by the page that showed it.
        tab.ShouldBeFlawless();
        await DeleteAsync(tab, page, host, id, receiver.Target);
        await DeleteUnusedTopicAsync(tab);
        await new Frame(tab).ShouldNotHaveReloadedAsync();
        tab.ShouldBeFlawless("404");
    }

    private async Task BePausedByReceiverAsync(PublisherPage page, HostProcess host, ScriptedReceiver receiver, long id)
    {
        receiver.DefaultAnswer = new ScriptedAnswer(410);
        await host.Client.PostMessageAsync(Topic, """{"order":1}""", Cancel);
        await page.ShouldDoAsync("the receiver answered 410 Gone");
        receiver.DefaultAnswer = new ScriptedAnswer(200).WithBody(Answer);
        await page.ResumeAsync(id, "if it still does, it is paused again");
        await Expect(page.Fact("Delivered")).ToHaveTextAsync("1");
    }

    private async Task BePausedByHandAsync(Tab tab, PublisherPage page, HostProcess host, ScriptedReceiver receiver, long id)
    {
        await page.PauseAsync(id);
        await page.ShouldDoAsync("(by hand)");
        await host.Client.PostMessageAsync(Topic, """{"order":2}""", Cancel);
        await page.ShouldDoAsync("1 message waits and is kept.");
        await tab.ShouldFitAsync();
        await page.ResumeAsync(id, "It goes on where it stood: 1 message");
        await Expect(page.Fact("Delivered")).ToHaveTextAsync("2");
        receiver.Ledger.Distinct.Should().Be(2);
    }

    private static async Task TryOutAsync(Tab tab, PublisherPage page, ScriptedReceiver receiver)
    {
        var before = receiver.Count;
        var dialog = await page.PressAsync("Send a test delivery", "Send a test delivery");
        await dialog.Field("Payload").FillAsync("""{ "test" : 1.0 }""");
        await dialog.Button("Send").ClickAsync();
        await dialog.ShouldSayAsync("accepted");
        await dialog.ShouldSayAsync(Answer);
        await tab.ShouldFitAsync();
        await dialog.CloseAsync();
        receiver.Requests.Should().HaveCount(before + 1);
        receiver.Requests[^1].Body.Should().Equal("""{ "test" : 1.0 }"""u8.ToArray());
    }

    private async Task ReplayAsync(Tab tab, PublisherPage page, ScriptedReceiver receiver, long id)
    {
        var before = receiver.Count;
        var dialog = await page.PressAsync("Replay", $"Replay for publisher {id}");
        await dialog.Root.GetByLabel("Everything from a position on").CheckAsync();
        await tab.ShouldFitAsync();
        await dialog.Button("Count them").ClickAsync();
        await dialog.ShouldSayAsync("This sends 2 messages again");
        receiver.Count.Should().Be(before, "they have only been counted");
        await dialog.ConfirmAsync("Send 2 messages again");
        await Expect(page.Notice).ToContainTextAsync("The replay has started: 2 messages.");
        await receiver.WaitForAsync(before + 2, Cancel);
        await Expect(page.Fact("Delivered")).ToHaveTextAsync("4");
    }

    private async Task DeleteAsync(Tab tab, PublisherPage page, HostProcess host, long id, string target)
    {
        await page.PauseAsync(id);
        await host.Client.PostMessageAsync(Topic, """{"order":3}""", Cancel);
        await page.ShouldDoAsync("1 message waits and is kept.");
        var dialog = await page.PressAsync("Delete", $"Delete publisher {id}");
        await dialog.ShouldSayAsync($"Nothing more is sent to {target}. That cannot be taken back.");
        await dialog.ShouldSayAsync("1 undelivered message is discarded for this publisher: 1 behind its cursor, 0 parked.");
        await dialog.ShouldSayAsync($"The topic {Topic} keeps its messages");
        await dialog.ConfirmAsync($"Delete publisher {id}");
        await Expect(tab.Page.GetByText($"Nobody delivers the messages of {Topic}.")).ToBeVisibleAsync();
        await tab.ShouldFitAsync();
    }

    private static async Task DeleteUnusedTopicAsync(Tab tab)
    {
        var used = await TopicPage.ChooseAsync(tab, Topic);
        await Expect(used.Message("\"order\":3")).ToBeVisibleAsync();
        await Expect(used.DeleteButton).ToHaveCountAsync(0);

        var unused = await TopicPage.ChooseAsync(tab, "unused");
        var dialog = await DialogBox.OpenAsync(tab, unused.DeleteButton, "Delete topic");
        await dialog.ShouldSayAsync("The topic unused has neither messages nor publishers.");
        await dialog.ConfirmAsync("Delete unused");
        await new Frame(tab).ShouldBeAtAsync("Topics");
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = Topic, Exact = true })).ToBeVisibleAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "unused", Exact = true })).ToHaveCountAsync(0);
    }
}
