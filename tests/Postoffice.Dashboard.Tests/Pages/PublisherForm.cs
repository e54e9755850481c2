using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Postoffice.Dashboard.Tests.Pages;

/// <summary>The form of a new publisher, or of one that is changed.</summary>
internal sealed class PublisherForm(Tab tab)
{
    public const string Retry = "First retry after, seconds";
    public const string Attempts = "Attempts";

    public ILocator Target => Field("Target");

    public ILocator CreateButton => tab.Page.GetByRole(AriaRole.Button, new() { Name = "Create publisher" });

    /// <summary>A field by the beginning of its label, which may go on with "optional".</summary>
    public ILocator Field(string label) =>
        tab.Page.GetByRole(AriaRole.Main).GetByLabel(new Regex($"^{Regex.Escape(label)}( optional)?$"));

    /// <summary>What stands below a field that is wrong: the text that it is described by, for those who do not see it.</summary>
    public async Task ShouldSayBesideAsync(string label, string error)
    {
        await Expect(Field(label)).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(Field(label)).ToHaveAccessibleDescriptionAsync(new Regex(Regex.Escape(error)));
    }

    /// <summary>Fills the form of a new publisher, which must be open, and comes to its page.</summary>
    public async Task<PublisherPage> CreateAsync(string topic, string target, int secondsRetry, int attempts)
    {
        await new Frame(tab).ShouldBeAtAsync("New publisher");
        await Expect(Field("Topic")).ToHaveValueAsync(topic);
        await tab.ShouldFitAsync();
        await Target.FillAsync(target);
        await Field(Retry).FillAsync(secondsRetry.ToString(CultureInfo.InvariantCulture));
        await Field(Attempts).FillAsync(attempts.ToString(CultureInfo.InvariantCulture));
        await CreateButton.ClickAsync();
        await new Frame(tab).ShouldBeAtAsync(target);
        return new PublisherPage(tab);
    }

    /// <summary>Changes one setting and comes to the publisher's page.</summary>
    public async Task SaveOneAsync(string label, string value, string target)
    {
        await tab.ShouldFitAsync();
        await Field(label).FillAsync(value);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Save 1 change" }).ClickAsync();
        await new Frame(tab).ShouldBeAtAsync(target);
    }
}
