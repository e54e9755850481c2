using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Pages;

/// <summary>The dialog that is open in front of the page.</summary>
internal sealed class DialogBox(Tab tab, string title)
{
    public ILocator Root => tab.Page.GetByRole(AriaRole.Dialog, new() { Name = title, Exact = true });

    /// <summary>Presses the button that opens it.</summary>
    public static async Task<DialogBox> OpenAsync(Tab tab, ILocator button, string title)
    {
        var dialog = new DialogBox(tab, title);
        await button.ClickAsync();
        await Expect(dialog.Root).ToBeVisibleAsync();
        return dialog;
    }

    public ILocator Button(string name) => Root.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Field(string label) => Root.GetByLabel(label, new() { Exact = true });

    public Task ShouldSayAsync(string text) => Expect(Root).ToContainTextAsync(text);

    /// <summary>Presses the button that does it, and sees the dialog go.</summary>
    public async Task ConfirmAsync(string action)
    {
        await tab.ShouldFitAsync();
        await Button(action).ClickAsync();
        await ShouldBeClosedAsync();
    }

    public async Task CloseAsync(string button = "Close")
    {
        await Root.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).Last.ClickAsync();
        await ShouldBeClosedAsync();
    }

    public Task ShouldBeClosedAsync() => Expect(Root).ToHaveCountAsync(0);
}
