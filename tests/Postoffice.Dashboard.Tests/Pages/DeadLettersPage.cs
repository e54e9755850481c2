using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Pages;

/// <summary>The page of what was given up.</summary>
internal sealed class DeadLettersPage(Tab tab)
{
    public ILocator Groups => Body("Groups of dead letters");

    public ILocator Letters => Body("Dead letters, newest first");

    /// <summary>How far the bulk is, or how it ended, or what has just been done.</summary>
    public ILocator Status => tab.Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Status);

    public ILocator Progress => tab.Page.GetByRole(AriaRole.Progressbar);

    /// <summary>Those that died of an error with this text.</summary>
    public ILocator Group(string error) => Groups.Filter(new() { HasText = error });

    public Task ShouldBeEmptyAsync() => Expect(tab.Page.GetByText("Nothing is dead.")).ToBeVisibleAsync();

    public async Task<DialogBox> RetryAllAsync(string error) =>
        await DialogBox.OpenAsync(tab, Group(error).GetByRole(AriaRole.Button, new() { Name = "Retry all" }), "Retry dead letters");

    public async Task<DialogBox> DiscardAsync(string letter) =>
        await DialogBox.OpenAsync(tab, tab.Page.GetByRole(AriaRole.Button, new() { Name = $"Discard {letter}", Exact = true }), "Discard a dead letter");

    private ILocator Body(string table) => tab.Page.GetByRole(AriaRole.Table, new() { Name = table }).Locator("tbody").GetByRole(AriaRole.Row);
}
