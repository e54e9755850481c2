using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Dashboard.Tests.Pages;
using Postoffice.Testing.Receivers;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Journeys;

/// <summary>A receiver goes down and comes back, and whoever looks is told why, and then that all is well.</summary>
public sealed class OutageTests : JourneyTest
{
    private const string Topic = "orders";

    [Theory]
    [MemberData(nameof(Worlds))]
    public async Task The_reason_of_an_outage_is_read_where_one_looks_and_its_end_is_seen_as_it_happens(StorageKind storage, string screen)
    {
        var isRefused = storage == StorageKind.Postgres;
        var receiver = await StartReceiverAsync();
        var host = await StartHostAsync(storage);
        var publisher = await ArrangeAsync(host, Topic, receiver.Target);
        var tab = await OpenAsync(host, Screen.Named(screen));
        var frame = new Frame(tab);
        await tab.GoAsync("");
        await frame.MarkAsync();
        await Expect(new OverviewPage(tab).AllIsWell).ToBeVisibleAsync();

        await GoDownAsync(receiver, isRefused);
        var ids = await host.Client.PostBulkAsync(Topic, Enumerable.Range(1, 6).Select(number => $$"""{"order":{{number}}}"""), Cancel);
        var attention = new OverviewPage(tab).Attention(Topic);
        await Expect(attention).ToContainTextAsync("receiver fails");
        await Expect(attention).ToContainTextAsync("The receiver fails");
        await tab.ShouldFitAsync();

        var topic = await TopicPage.ChooseAsync(tab, Topic);
        await tab.ShouldFitAsync();
        await topic.Message("\"order\":1").GetByRole(AriaRole.Link).ClickAsync();
        var message = await MessagePage.ShouldBeOpenAsync(tab, ids[0].ToString());
        await message.ShouldBeAsync(publisher.Id, "parked", "the last attempt met:", isRefused ? "refused" : "503", "Attempt 1");
        await tab.ShouldFitAsync();

        await ComeBackAsync(receiver, isRefused);
        await message.ShouldBeAsync(publisher.Id, "delivered", "answered with 200");
        await Expect(message.Delivery(publisher.Id).GetByState("parked")).ToHaveCountAsync(0);

        await frame.GoAsync(OverviewPage.Heading);
        await Expect(new OverviewPage(tab).AllIsWell).ToBeVisibleAsync();
        await receiver.WaitForAsync(seen => seen.Ledger.Missing(ids).Count == 0, Cancel);
        await frame.ShouldNotHaveReloadedAsync();
        tab.ShouldBeFlawless();
    }

    private static async Task GoDownAsync(ScriptedReceiver receiver, bool isRefused)
    {
        if (isRefused)
        {
            await receiver.StopAsync();
        }
        else
        {
            receiver.DefaultAnswer = new ScriptedAnswer(503).WithBody("out of paper");
        }
    }

    private static async Task ComeBackAsync(ScriptedReceiver receiver, bool isRefused)
    {
        receiver.DefaultAnswer = ScriptedAnswer.Ok;
        if (isRefused)
        {
            await receiver.StartAgainAsync();
        }
    }
}
