using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Pages;

/// <summary>The page of one publisher.</summary>
internal sealed class PublisherPage(Tab tab)
{
    private ILocator Main => tab.Page.GetByRole(AriaRole.Main);

    /// <summary>What the last thing that was done led to.</summary>
    public ILocator Notice => Main.GetByRole(AriaRole.Status);

    /// <summary>What it does now, in a sentence.</summary>
    public ILocator Doing(string text) => Main.GetByRole(AriaRole.Paragraph).Filter(new() { HasText = text });

    public ILocator Button(string name) => Main.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public static async Task<PublisherPage> OpenAsync(Tab tab, long id, string target)
    {
        await tab.GoAsync($"publishers/{id}");
        await new Frame(tab).ShouldBeAtAsync(target);
        return new PublisherPage(tab);
    }

    /// <summary>A name and its value, such as "Delivered".</summary>
    public ILocator Fact(string name) => Main.GetByRole(AriaRole.Term).And(Main.GetByText(name, new() { Exact = true })).Locator("xpath=following-sibling::dd");

    public async Task ShouldDoAsync(string text) => await Expect(Doing(text)).ToBeVisibleAsync();

    public async Task<DialogBox> PressAsync(string button, string dialog) => await DialogBox.OpenAsync(tab, Button(button), dialog);

    public async Task PauseAsync(long id)
    {
        var dialog = await PressAsync("Pause", $"Pause publisher {id}");
        await dialog.ShouldSayAsync("Messages are kept and wait");
        await dialog.ConfirmAsync("Pause");
        await Expect(Notice).ToContainTextAsync("It is paused");
    }

    /// <param name="id">The publisher.</param>
    /// <param name="saying">What the dialog must say of what follows.</param>
    public async Task ResumeAsync(long id, string saying)
    {
        var dialog = await PressAsync("Resume", $"Resume publisher {id}");
        await dialog.ShouldSayAsync(saying);
        await dialog.ConfirmAsync("Resume");
        await Expect(Notice).ToContainTextAsync("It is resumed");
    }

    public async Task<PublisherForm> EditAsync(long id)
    {
        await Main.GetByRole(AriaRole.Link, new() { Name = "Edit", Exact = true }).First.ClickAsync();
        await new Frame(tab).ShouldBeAtAsync($"Edit publisher {id}");
        return new PublisherForm(tab);
    }
}
