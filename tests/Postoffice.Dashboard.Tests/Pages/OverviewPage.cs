using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;

namespace Postoffice.Dashboard.Tests.Pages;

/// <summary>The first page.</summary>
internal sealed class OverviewPage(Tab tab)
{
    public const string Heading = "Overview";

    public ILocator AllIsWell => tab.Page.GetByText("Nothing: all publishers deliver.");

    /// <summary>What needs attention of the publishers of this topic.</summary>
    public ILocator Attention(string topic) =>
        tab.Page.GetByRole(AriaRole.Table, new() { Name = "Publishers that need attention" }).GetByRole(AriaRole.Row).Filter(new() { HasText = topic });
}
