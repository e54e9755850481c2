using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;

namespace Postoffice.Dashboard.Tests.Pages;

/// <summary>The page of one topic.</summary>
internal sealed class TopicPage(Tab tab, string topic)
{
    public ILocator Messages => tab.Page.GetByRole(AriaRole.Table, new() { Name = "Newest messages of the topic" });

    public ILocator Publishers => tab.Page.GetByRole(AriaRole.Table, new() { Name = "Publishers of the topic" });

    public ILocator DeleteButton => tab.Page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true });

    public ILocator SendButton => tab.Page.GetByRole(AriaRole.Button, new() { Name = "Send a test message" });

    /// <summary>The message whose excerpt has this text.</summary>
    public ILocator Message(string excerpt) => Messages.GetByRole(AriaRole.Row).Filter(new() { HasText = excerpt });

    /// <summary>Fills the form of a new topic, which must be open, and comes to its page.</summary>
    public static async Task<TopicPage> CreateAsync(Tab tab, string name, string originHost)
    {
        await new Frame(tab).ShouldBeAtAsync("New topic");
        await tab.ShouldFitAsync();
        await tab.Page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await tab.Page.GetByLabel("Origin host", new() { Exact = true }).FillAsync(originHost);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Create topic" }).ClickAsync();
        await new Frame(tab).ShouldBeAtAsync(name);
        return new TopicPage(tab, name);
    }

    /// <summary>Comes to it by its address, or from where the tab is by a click.</summary>
    public static async Task<TopicPage> OpenAsync(Tab tab, string name)
    {
        await tab.GoAsync($"topics/{Uri.EscapeDataString(name)}");
        await new Frame(tab).ShouldBeAtAsync(name);
        return new TopicPage(tab, name);
    }

    /// <summary>Comes to it through the list of all topics.</summary>
    public static async Task<TopicPage> ChooseAsync(Tab tab, string name)
    {
        await new Frame(tab).GoAsync("Topics");
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();
        await new Frame(tab).ShouldBeAtAsync(name);
        return new TopicPage(tab, name);
    }

    /// <summary>Sends a message by hand and stays on the page.</summary>
    /// <returns>The message's id, as the dialog says it.</returns>
    public async Task<string> SendAsync(string payload, params (string Name, string Value)[] attributes)
    {
        var dialog = await DialogBox.OpenAsync(tab, SendButton, "Send a test message");
        await dialog.ShouldSayAsync($"It goes into {topic} like any other message");
        await dialog.Field("Payload").FillAsync(payload);
        for (var number = 1; number <= attributes.Length; number++)
        {
            await dialog.Button("Add an attribute").ClickAsync();
            await dialog.Field($"Name of attribute {number}").FillAsync(attributes[number - 1].Name);
            await dialog.Field($"Value of attribute {number}").FillAsync(attributes[number - 1].Value);
        }

        await tab.ShouldFitAsync();
        await dialog.Button("Send").ClickAsync();
        var id = await dialog.Root.GetByRole(AriaRole.Status).GetByRole(AriaRole.Link).InnerTextAsync();
        await dialog.CloseAsync();
        return id;
    }
}
