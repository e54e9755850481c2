using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Pages;

/// <summary>The page of one message.</summary>
internal sealed class MessagePage(Tab tab)
{
    /// <summary>How a publisher stands with it.</summary>
    public ILocator Delivery(long publisher) => tab.Page.GetByRole(AriaRole.Article, new() { Name = $"Publisher {publisher}", Exact = true });

    public ILocator Attributes => tab.Page.GetByRole(AriaRole.Table, new() { Name = "Attributes" });

    public static string Heading(string id) => $"Message …{id[^12..]}";

    public static async Task<MessagePage> ShouldBeOpenAsync(Tab tab, string id)
    {
        await new Frame(tab).ShouldBeAtAsync(Heading(id));
        await Expect(tab.Page.GetByText(id, new() { Exact = true })).ToBeVisibleAsync();
        return new MessagePage(tab);
    }

    public static async Task<MessagePage> OpenAsync(Tab tab, string id)
    {
        await tab.GoAsync($"messages/{id}");
        return await ShouldBeOpenAsync(tab, id);
    }

    /// <summary>The state at a glance, and whatever else the delivery's card says.</summary>
    public async Task ShouldBeAsync(long publisher, string state, params string[] saying)
    {
        await Expect(Delivery(publisher).GetByState(state)).ToBeVisibleAsync();
        foreach (var text in saying)
        {
            await Expect(Delivery(publisher)).ToContainTextAsync(text);
        }
    }

    /// <returns>The payload as it was received, to the byte.</returns>
    public async Task<string?> ReadPayloadAsync()
    {
        await tab.Page.GetByRole(AriaRole.Tab, new() { Name = "Raw" }).ClickAsync();
        return await tab.Page.GetByLabel("Payload as received", new() { Exact = true }).TextContentAsync();
    }
}
