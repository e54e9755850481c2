using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Testing.Hosting;

namespace Postoffice.Dashboard.Tests.Hostility;

/// <summary>Whatever names, settings, messages and answers say, on the page it is text and nothing else.</summary>
public sealed class HostilityTests : DashboardTest
{
    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task Hostile_text_is_shown_as_it_is_and_never_does_anything(StorageKind kind)
    {
        var database = Keep(await TestDatabase.CreateAsync(kind, Cancel));
        var host = Keep(new HostProcess(database.Settings));
        await host.StartAsync(Cancel);
        var world = new HostileWorld(host, await StartReceiverAsync(), Cancel);
        await world.FillAsync(database);
        var tab = await OpenAsync(host, Screen.Desktop);

        foreach (var path in (string[])["", "topics", "publishers", "messages", "dead-letters"])
        {
            await ShouldShowAsync(tab, path, world.Corners.Select(corner => corner.Text));
        }

        foreach (var corner in world.Corners)
        {
            await LookAroundAsync(tab, corner);
        }

        tab.ShouldBeFlawless();
    }

    private static async Task LookAroundAsync(Tab tab, HostileWorld.Corner corner)
    {
        var text = Uri.EscapeDataString(corner.Text);
        string[] paths =
        [
            $"topics/{text}", $"publishers?topic={text}", $"publishers/new?topic={text}", $"publishers/{corner.Keyed}", $"publishers/{corner.Idle}",
            $"publishers/{corner.Keyed}/edit", $"messages/{corner.Message}", $"messages?topic={text}", $"messages?attribute.{text}={text}", $"messages?text={text}",
            $"dead-letters?topic={text}", $"dead-letters?reason=max-attempts&group={text}",
        ];
        foreach (var path in paths)
        {
            await ShouldShowAsync(tab, path, [corner.Text]);
        }

        // Here is the page of all dead letters of one error; the others are where each dialog is.
        await AskAsync(tab, "Discard all", corner.Text);
        await tab.GoAsync($"topics/{text}");
        await AskAsync(tab, "Send a test message", corner.Text);
        await tab.GoAsync($"publishers/{corner.Idle}");
        await AskAsync(tab, "Delete", corner.Text);
        await tab.GoAsync($"publishers/{corner.Retrying}");
        await AskAsync(tab, "Send a test delivery", "One request goes to");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();

        // What would turn the text around or hide in it has been replaced long before, so not all of the answer is as the receiver sent it.
        await Assertions.Expect(tab.Page.GetByLabel("the answer", new() { Exact = true })).ToContainTextAsync("</pre></code><script>hit=1</script></pre>");
        await ShouldBeUnharmedAsync(tab.Page, "answer");
    }

    private static async Task AskAsync(Tab tab, string button, string text)
    {
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        var dialog = tab.Page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog).ToBeVisibleAsync();
        await Assertions.Expect(dialog.Locator(".loading")).ToHaveCountAsync(0);
        (await dialog.TextContentAsync()).Should().Contain(text);
        await ShouldBeUnharmedAsync(tab.Page, button);
    }

    private static async Task ShouldBeUnharmedAsync(IPage page, string where) =>
        (await page.EvaluateAsync<string[]>(HostileText.FindHarmScript)).Should().BeEmpty("{0} shows text", where);

    private static async Task ShouldShowAsync(Tab tab, string path, IEnumerable<string> texts)
    {
        await tab.GoAsync(path);
        var main = tab.Page.Locator("main");
        await Assertions.Expect(main.Locator("h1")).ToBeVisibleAsync();
        await Assertions.Expect(main.Locator(".loading")).ToHaveCountAsync(0);
        foreach (var text in texts)
        {
            await ShouldShowAsync(tab.Page, text, path);
        }

        await ShouldBeUnharmedAsync(tab.Page, path);
    }

    // As it is, so not by the locators for text, which make one blank of many and leave out what cannot be seen.
    private static async Task ShouldShowAsync(IPage page, string text, string path)
    {
        const string Shows = """
            text => document.querySelector('main').textContent.includes(text)
                || [...document.querySelectorAll('main input, main textarea')].some(field => field.value.includes(text) || field.value.includes(JSON.stringify(text).slice(1, -1)))
            """;
        try
        {
            await page.WaitForFunctionAsync(Shows, text);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{path} does not show {text}");
        }
    }
}
