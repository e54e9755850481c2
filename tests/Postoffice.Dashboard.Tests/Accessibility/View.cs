using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Worlds;

namespace Postoffice.Dashboard.Tests.Accessibility;

/// <summary>Something that a person sees: a page, or what a page shows after a step.</summary>
/// <param name="Name">For the test's output.</param>
/// <param name="Path">Relative to the dashboard.</param>
/// <param name="Step">What is done on the page, a dialog opened for instance; null for nothing.</param>
internal sealed record View(string Name, string Path, Func<IPage, Task>? Step = null)
{
    /// <summary>All pages in an installation without a single topic.</summary>
    public static readonly IReadOnlyList<View> OfNothing =
    [
        new("overview", ""),
        new("topics", "topics"),
        new("new topic", "topics/-/new"),
        new("no such topic", "topics/orders"),
        new("publishers", "publishers"),
        new("new publisher", "publishers/new"),
        new("no such publisher", "publishers/1"),
        new("edit no publisher", "publishers/1/edit"),
        new("messages", "messages"),
        new("no such message", "messages/018f0000-0000-7000-8000-000000000000"),
        new("dead letters", "dead-letters"),
        new("dead letters, filtered", "dead-letters?reason=max-age"),
        new("unknown page", "nowhere"),
        new("broken address", "topics/%E0%A4"),
    ];

    /// <summary>All pages of a world, and each of their dialogs.</summary>
    public static IReadOnlyList<View> Of(World world) => [.. Topics, .. Publishers(world), .. Messages(world), .. DeadLetters];

    private static IEnumerable<View> Topics =>
    [
        new("overview", ""),
        new("topics", "topics"),
        new("new topic", "topics/-/new"),
        new("new topic, refused", "topics/-/new", page => PressAsync(page, "Create topic", page.GetByText("can't be blank").First)),
        new("topic", $"topics/{World.Orders}"),
        new("topic without publishers", "topics/returns"),
        new("topic, test message", $"topics/{World.Orders}", page => AskAsync(page, "Send a test message")),
        new("topic, delete", $"topics/{World.Unused}", page => AskAsync(page, "Delete")),
        new("unknown page", "nowhere"),
    ];

    private static IEnumerable<View> DeadLetters =>
    [
        new("dead letters", "dead-letters"),
        new("dead letters, retry all", "dead-letters", page => AskAsync(page, "Retry all groups")),
        new("dead letters, discard all", "dead-letters", page => AskAsync(page, "Discard all groups")),
        new("dead letters, discard one", "dead-letters", page => AskAsync(page, page.GetByRole(AriaRole.Button, new() { NameRegex = new(@"^Discard \d+-\d+$") }).First)),
    ];

    private static IEnumerable<View> Publishers(World world) =>
    [
        new("publishers", "publishers"),
        new("publishers of a topic without any", $"publishers?topic={World.Unused}"),
        new("new publisher", "publishers/new?topic=orders"),
        new("new publisher, refused", "publishers/new", async page =>
        {
            await page.GetByText("Advanced: filter, headers, demand").ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Add a header" }).ClickAsync();
            await page.GetByLabel("By ordering key").CheckAsync();
            await PressAsync(page, "Create publisher", page.GetByRole(AriaRole.Alert));
        }),
        new("publisher", $"publishers/{world.Warehouse}"),
        new("publisher, receiver down", $"publishers/{world.Ledger}"),
        new("publisher, paused, replay under way", $"publishers/{world.Newsletter}"),
        new("publisher, keys blocked", $"publishers/{world.Accounting}"),
        new("publisher, rate limited", $"publishers/{world.Crm}"),
        new("publisher, filter and headers", $"publishers/{world.Welcome}"),
        new("publisher, pause", $"publishers/{world.Warehouse}", page => AskAsync(page, "Pause")),
        new("publisher, resume", $"publishers/{world.Newsletter}", page => AskAsync(page, "Resume")),
        new("publisher, end the replay", $"publishers/{world.Newsletter}", page => AskAsync(page, "End the replay")),
        new("publisher, replay", $"publishers/{world.Warehouse}", page => AskAsync(page, "Replay")),
        new("publisher, replay counted", $"publishers/{world.Warehouse}", async page =>
        {
            await AskAsync(page, "Replay");
            await page.GetByLabel("Everything from a position on").CheckAsync();
            await PressAsync(page, "Count them", page.GetByText("This sends"));
        }),
        new("publisher, test delivery refused", $"publishers/{world.Ledger}", async page =>
        {
            await AskAsync(page, "Send a test delivery");
            await PressAsync(page.GetByRole(AriaRole.Dialog), "Send", page.GetByLabel("the answer", new() { Exact = true }));
        }),
        new("publisher, delete", $"publishers/{world.Accounting}", page => AskAsync(page, "Delete")),
        new("edit publisher", $"publishers/{world.Welcome}/edit"),
    ];

    private static IEnumerable<View> Messages(World world) =>
    [
        new("messages", "messages"),
        new("messages, nothing found", "messages?topic=orders&text=unicorn&attribute.kind=order.placed"),
        new("messages, refused", "messages?from=yesterday"),
        new("message, delivered", $"messages/{world.Delivered}"),
        new("message, raw payload", $"messages/{world.Delivered}", page => page.GetByRole(AriaRole.Tab, new() { Name = "Raw" }).ClickAsync()),
        new("message, waiting", $"messages/{world.Waiting}"),
        new("message, parked", $"messages/{world.Parked}"),
        new("message, dead", $"messages/{world.Dead}"),
        new("message, discard", $"messages/{world.Dead}", page => AskAsync(page, "Discard")),
        new("message, behind its key", $"messages/{world.Behind}"),
        new("message, scheduled", $"messages/{world.Scheduled}"),
        new("message without publishers", $"messages/{world.Unread}"),
    ];

    private static Task AskAsync(IPage page, string button) => AskAsync(page, page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }));

    private static async Task AskAsync(IPage page, ILocator button)
    {
        await button.ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog).Locator(".loading")).ToHaveCountAsync(0);
    }

    private static Task PressAsync(IPage page, string button, ILocator then) => PressAsync(page.Locator("body"), button, then);

    private static async Task PressAsync(ILocator within, string button, ILocator then)
    {
        await within.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        await Assertions.Expect(then).ToBeVisibleAsync();
    }
}
