using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Dashboard.Tests.Pages;
using Postoffice.Testing.Receivers;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Journeys;

/// <summary>What was given up is seen by what it died of, retried together, and discarded one by one.</summary>
public sealed class DeadLetterTests : JourneyTest
{
    private const string Topic = "orders";
    private const string Gone = "no such customer";
    private const string Wrong = "what is a parrot?";

    [Theory]
    [MemberData(nameof(Worlds))]
    public async Task Dead_letters_are_retried_by_the_group_and_discarded_one_by_one(StorageKind storage, string screen)
    {
        var receiver = await StartReceiverAsync();
        var host = await StartHostAsync(storage);
        var publisher = await ArrangeAsync(host, Topic, receiver.Target, maxAttempts: 1);
        var tab = await OpenAsync(host, Screen.Named(screen));
        var letters = new DeadLettersPage(tab);
        await tab.GoAsync("dead-letters");
        await letters.ShouldBeEmptyAsync();
        await new Frame(tab).MarkAsync();
        await tab.ShouldFitAsync();

        // Fewer than a breaker opens after.
        receiver.AnswerBy(request => request.Body.AsSpan().IndexOf("parrot"u8) >= 0 ? new ScriptedAnswer(400).WithBody(Wrong) : null);
        receiver.DefaultAnswer = new ScriptedAnswer(422).WithBody(Gone);
        var orders = await host.Client.PostBulkAsync(Topic, ["""{"order":1}""", """{"order":2}""", """{"order":3}"""], Cancel);
        await host.Client.PostMessageAsync(Topic, """{"parrot":true}""", Cancel);
        await Expect(letters.Group(Gone)).ToContainTextAsync("3");
        await Expect(letters.Group(Wrong)).ToContainTextAsync("1");
        await Expect(letters.Letters).ToHaveCountAsync(4);
        await tab.ShouldFitAsync();

        receiver.DefaultAnswer = ScriptedAnswer.Ok;
        await RetryGroupAsync(tab, letters);
        await receiver.WaitForAsync(seen => seen.Answered == 7, Cancel);
        await Expect(letters.Groups).ToHaveCountAsync(1);

        var discard = await letters.DiscardAsync($"{publisher.Id}-4");
        await discard.ShouldSayAsync(
            $"The message at position 4 of topic {Topic} will not be sent to {receiver.Target} any more, after 1 attempt. It stays in the topic.");
        await discard.ConfirmAsync("Discard 1 dead letter");
        await letters.ShouldBeEmptyAsync();

        await ShouldBeDeliveredAsync(tab, publisher.Id, orders);
        await new Frame(tab).ShouldNotHaveReloadedAsync();
        tab.ShouldBeFlawless();
    }

    /// <summary>Asks first, shows how far it is while it is under way, and says how it ended.</summary>
    private static async Task RetryGroupAsync(Tab tab, DeadLettersPage letters)
    {
        var underWay = new TaskCompletionSource();
        await tab.Page.RouteAsync("**/dead_letters/retry", async route =>
        {
            if (route.Request.PostData?.Contains("dry_run", StringComparison.Ordinal) == false)
            {
                await underWay.Task;
            }

            await route.ContinueAsync();
        });

        var dialog = await letters.RetryAllAsync(Gone);
        await dialog.ShouldSayAsync("This retries 3 dead letters of");
        await dialog.ConfirmAsync("Retry 3 dead letters");
        await Expect(letters.Status).ToContainTextAsync("0 of 3");
        await Expect(letters.Progress).ToBeVisibleAsync();
        await tab.ShouldFitAsync();
        underWay.SetResult();
        await Expect(letters.Status).ToContainTextAsync("Retried 3 dead letters of");
    }

    private static async Task ShouldBeDeliveredAsync(Tab tab, long publisher, IReadOnlyList<Guid> orders)
    {
        await new Frame(tab).GoAsync("Messages");
        var messages = new MessagesPage(tab);
        await messages.SearchAsync(state: "delivered");
        await Expect(messages.Rows).ToHaveCountAsync(orders.Count);
        await tab.ShouldFitAsync();
        await messages.SearchAsync(state: "discarded");
        await Expect(messages.Rows).ToHaveCountAsync(1);
        await messages.Rows.GetByRole(AriaRole.Link).First.ClickAsync();
        await new MessagePage(tab).ShouldBeAsync(publisher, "discarded", "an operator gave it up");
        await new Frame(tab).FindAsync(orders[0].ToString());
        await new MessagePage(tab).ShouldBeAsync(publisher, "delivered", "Attempt 1", "failed with 422", Gone, "answered with 200");
        await tab.ShouldFitAsync();
    }
}
