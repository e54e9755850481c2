using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;

namespace Postoffice.Dashboard.Tests.Embedding;

/// <summary>The dashboard as one page among others of an application, whose login and roles hold for it.</summary>
public sealed partial class EmbeddingTests : DashboardTest
{
    // The shop itself has no icon, which a browser asks for on its own pages.
    private const string ShopIcon = "/favicon.ico:";

    // A change as the page itself would ask for it.
    private const string ChangeScript = """
        async ([path, body]) => {
            const headers = { 'Content-Type': 'application/json', 'X-Postoffice-Dashboard': '1' };
            return (await fetch('-/api' + path, { method: 'POST', headers, body })).status;
        }
        """;

    [Fact]
    public async Task An_operator_logs_in_at_the_application_and_runs_the_mail_below_its_prefix()
    {
        var shop = Keep(await Shop.StartAsync(Cancel));
        var tab = await OpenAsync(shop.Dashboard, Screen.Desktop);
        var page = tab.Page;

        await Shop.LogInAsync(tab, "olga");
        page.Url.TrimEnd('/').Should().Be(shop.Dashboard.ToString().TrimEnd('/'));
        await Assertions.Expect(page.GetByRole(AriaRole.Banner)).ToContainTextAsync("live");

        await CreateTopicAsync(page);
        await page.ReloadAsync();
        await ShouldBeAtAsync(page, "orders", "topics/orders");

        await page.GetByRole(AriaRole.Button, new() { Name = "Send a test message" }).ClickAsync();
        await page.GetByLabel("Payload").FillAsync("""{"item":"galoshes"}""");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { NameRegex = Send() }).ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByText("galoshes")).ToBeVisibleAsync();

        await OrderAsync(page.Context, shop, "parasol");
        await page.GetByRole(AriaRole.Link, new() { Name = "parasol" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { NameRegex = MessageHeading() })).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByLabel("Payload, indented")).ToContainTextAsync("parasol");

        tab.ShouldBeFlawless(ShopIcon);
    }

    [Fact]
    public async Task A_viewer_sees_everything_and_can_change_nothing()
    {
        var shop = Keep(await Shop.StartAsync(Cancel));
        var operators = await OpenAsync(shop.Dashboard, Screen.Desktop);
        await Shop.LogInAsync(operators, "olga");
        (await ChangeAsync(operators, "/topics", """{"name":"orders","origin_host":"shop.example"}""")).Should().Be(201);
        (await ChangeAsync(operators, "/publishers", """{"active":true,"topic":"orders","type":"http","target":"http://127.0.0.1:9","max_attempts":1}""")).Should().Be(201);
        (await ChangeAsync(operators, "/messages", """{"topic":"orders","payload":{},"attributes":{}}""")).Should().Be(201);
        await operators.GoAsync("dead-letters");
        await Assertions.Expect(operators.Page.GetByRole(AriaRole.Button, new() { Name = "Retry all" })).ToBeVisibleAsync();

        var tab = await OpenAsync(shop.Dashboard, Screen.Desktop);
        await Shop.LogInAsync(tab, "victor");
        await Assertions.Expect(tab.Page.GetByText("read only")).ToBeVisibleAsync();
        foreach (var path in (string[])["topics", "topics/-/new", "topics/orders", "publishers", "publishers/new", "publishers/1", "publishers/1/edit", "dead-letters"])
        {
            await tab.GoAsync(path);
            await Assertions.Expect(tab.Page.Locator("main h1")).ToBeVisibleAsync();
            await Assertions.Expect(tab.Page.Locator("main .loading")).ToHaveCountAsync(0);
            await Assertions.Expect(tab.Page.Locator("main").GetByRole(AriaRole.Button, new() { NameRegex = Change() })).ToHaveCountAsync(0);
            await Assertions.Expect(tab.Page.Locator("main").GetByRole(AriaRole.Link, new() { NameRegex = Change() })).ToHaveCountAsync(0);
        }

        await tab.Page.GetByRole(AriaRole.Row).Last.GetByRole(AriaRole.Link).First.ClickAsync();
        await Assertions.Expect(tab.Page.GetByText("given up after 1 attempt")).ToBeVisibleAsync();
        await Assertions.Expect(tab.Page.GetByRole(AriaRole.Button, new() { NameRegex = Change() })).ToHaveCountAsync(0);
        (await ChangeAsync(tab, "/topics", """{"name":"mine","origin_host":"shop.example"}""")).Should().Be(403);

        operators.ShouldBeFlawless(ShopIcon);
        tab.ShouldBeFlawless(ShopIcon, "403 (Forbidden)");
    }

    [Fact]
    public async Task Who_has_logged_out_is_told_so_and_sees_nothing_more()
    {
        var shop = Keep(await Shop.StartAsync(Cancel));
        var tab = await OpenAsync(shop.Dashboard, Screen.Desktop);
        await Shop.LogInAsync(tab, "olga");

        var other = await tab.Page.Context.NewPageAsync();
        await other.GotoAsync(shop.Address.ToString());
        await other.GetByRole(AriaRole.Button, new() { Name = "Log out" }).ClickAsync();
        await Assertions.Expect(other.GetByRole(AriaRole.Link, new() { Name = "Log in" })).ToBeVisibleAsync();

        (await tab.Page.EvaluateAsync<int>("async () => (await fetch('-/api/overview')).status")).Should().Be(401);
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Publishers" }).ClickAsync();
        await Assertions.Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Reload the page to log in again.");
        await tab.Page.ReloadAsync();
        await Assertions.Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Log in" })).ToBeVisibleAsync();

        tab.ShouldBeFlawless(ShopIcon, "401 (Unauthorized)");
    }

    private static async Task CreateTopicAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Pages" }).GetByRole(AriaRole.Link, new() { Name = "Topics" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "New topic" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync("orders");
        await page.GetByLabel("Origin host").FillAsync("shop.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create topic" }).ClickAsync();
        await ShouldBeAtAsync(page, "orders", "topics/orders");
    }

    private static async Task ShouldBeAtAsync(IPage page, string heading, string path)
    {
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = heading, Level = 1 })).ToBeVisibleAsync();
        page.Url.Should().EndWith("/backoffice/mail/" + path);
    }

    // In another page of the same browser, as a customer does.
    private static async Task OrderAsync(IBrowserContext context, Shop shop, string item)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(shop.Address.ToString());
        await page.GetByLabel("Item").FillAsync(item);
        await page.GetByRole(AriaRole.Button, new() { Name = "Order" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Thank you.")).ToBeVisibleAsync();
        await page.CloseAsync();
    }

    private static Task<int> ChangeAsync(Tab tab, string path, string body) => tab.Page.EvaluateAsync<int>(ChangeScript, new[] { path, body });

    [GeneratedRegex("^Send")]
    private static partial Regex Send();

    [GeneratedRegex("^Message ")]
    private static partial Regex MessageHeading();

    [GeneratedRegex("^(New|Create|Save|Edit|Delete|Pause|Resume|Replay|Retry|Discard|Send)")]
    private static partial Regex Change();
}
