using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Pages;

/// <summary>The page that finds messages.</summary>
internal sealed class MessagesPage(Tab tab)
{
    private ILocator Form => tab.Page.GetByRole(AriaRole.Search, new() { Name = "Messages", Exact = true });

    public ILocator Text => Form.GetByLabel("Payload text, or an id");

    public ILocator State => Form.GetByLabel("State", new() { Exact = true });

    /// <summary>The messages that were found, without the heading.</summary>
    public ILocator Rows => tab.Page.GetByRole(AriaRole.Table, new() { Name = "Messages, newest first" }).Locator("tbody").GetByRole(AriaRole.Row);

    /// <summary>Looks for what the form says; <paramref name="attribute"/> goes into its first row for attributes.</summary>
    public async Task SearchAsync(string text = "", string state = "", (string Name, string Value)? attribute = null)
    {
        await Text.FillAsync(text);
        await State.SelectOptionAsync(new SelectOptionValue { Value = state });
        if (attribute is var (name, value))
        {
            await Form.GetByRole(AriaRole.Button, new() { Name = "Add an attribute" }).ClickAsync();
            await Form.GetByLabel("Attribute name").FillAsync(name);
            await Form.GetByLabel("Attribute value").FillAsync(value);
        }

        await Form.GetByRole(AriaRole.Button, new() { Name = "Search", Exact = true }).ClickAsync();
    }

    public async Task ClearAsync()
    {
        await Form.GetByRole(AriaRole.Link, new() { Name = "Clear" }).ClickAsync();
        await Expect(Form.GetByRole(AriaRole.Link, new() { Name = "Clear" })).ToHaveCountAsync(0);
    }

    /// <summary>Only this one was found.</summary>
    public async Task ShouldFindOnlyAsync(string id)
    {
        await new Frame(tab).ShouldBeAtAsync("Messages");
        await Expect(Rows).ToHaveCountAsync(1);
        await Expect(Rows).ToContainTextAsync(id);
    }
}
