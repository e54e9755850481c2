using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Dashboard.Tests.Worlds;

namespace Postoffice.Dashboard.Tests.Accessibility;

/// <summary>Every page can be used by everybody: with a screen reader, with poor sight, by day and night, on a phone.</summary>
public sealed class AccessibilityTests : DashboardTest
{
    [Fact]
    public async Task Every_page_and_dialog_can_be_used_on_every_screen()
    {
        var host = await StartHostAsync(StorageKind.Sqlite);
        var world = await World.CreateAsync(host.Client, await StartReceiverAsync(), Cancel);
        await world.FillAsync(Cancel);
        var tab = await OpenAsync(host, Screen.Desktop);

        await InspectAsync(tab, View.Of(world));

        // Meant: forms that are sent empty, and a filter that is none.
        tab.ShouldBeFlawless("400 (Bad Request)");
    }

    [Fact]
    public async Task Every_page_says_so_when_nothing_is_there_and_what_to_do_next()
    {
        var host = await StartHostAsync(StorageKind.Sqlite);
        var tab = await OpenAsync(host, Screen.Desktop);

        await InspectAsync(tab, View.OfNothing);

        // Meant: a topic, a publisher and a message that are not there.
        tab.ShouldBeFlawless("404 (Not Found)");
    }

    private static async Task InspectAsync(Tab tab, IEnumerable<View> views)
    {
        var inspector = await Inspector.BeginAsync(tab);
        foreach (var view in views)
        {
            await inspector.LookAtAsync(view);
        }

        string.Join('\n', inspector.Findings).Should().BeEmpty();
    }
}
