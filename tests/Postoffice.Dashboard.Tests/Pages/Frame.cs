using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Pages;

/// <summary>What stands around every page: the search, how the page hears of changes, the way to the other pages, the heading.</summary>
internal sealed class Frame(Tab tab)
{
    private const string MarkScript = "() => { window.isTheSame = true; }";
    private const string IsMarkedScript = "() => window.isTheSame === true";

    public ILocator Search => tab.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Find a message" });

    public ILocator Main => tab.Page.GetByRole(AriaRole.Main);

    public ILocator Heading => tab.Page.GetByRole(AriaRole.Heading, new() { Level = 1 });

    /// <summary>What the page says of a kind of its own: read only, live, polling.</summary>
    public ILocator Says(string word) => tab.Page.GetByRole(AriaRole.Banner).GetByState(word);

    /// <summary>Goes to one of the pages of the navigation.</summary>
    public async Task GoAsync(string page)
    {
        var pages = tab.Page.GetByRole(AriaRole.Navigation, new() { Name = "Pages", Exact = true });
        await pages.GetByRole(AriaRole.Link, new() { Name = page, Exact = true }).ClickAsync();
        await ShouldBeAtAsync(page);
    }

    public Task ShouldBeAtAsync(string heading) => Expect(Heading).ToHaveTextAsync(heading);

    /// <summary>Goes back as the browser's button does.</summary>
    public async Task GoBackAsync(string heading)
    {
        await tab.Page.GoBackAsync();
        await ShouldBeAtAsync(heading);
    }

    /// <summary>Looks for something from wherever the page is.</summary>
    public async Task FindAsync(string asked)
    {
        await Search.FillAsync(asked);
        await Search.PressAsync("Enter");
    }

    /// <summary>From here on <see cref="ShouldNotHaveReloadedAsync"/> knows whether the document is still the same.</summary>
    public Task MarkAsync() => tab.Page.EvaluateAsync(MarkScript);

    public async Task ShouldNotHaveReloadedAsync() =>
        (await tab.Page.EvaluateAsync<bool>(IsMarkedScript)).Should().BeTrue("nobody should have to reload the page");
}
