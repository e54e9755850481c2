using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Dashboard.Tests.Worlds;

namespace Postoffice.Dashboard.Tests.Screenshots;

/// <summary>
/// The pictures of the documentation can be made, and are, when POSTOFFICE_SCREENSHOTS names a folder for them; <c>docs/screenshots.sh</c> does so.
/// </summary>
public sealed class ScreenshotTests : DashboardTest
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("POSTOFFICE_SCREENSHOTS");

    [Fact]
    public async Task The_pictures_of_the_documentation_can_be_made()
    {
        var host = await StartHostAsync(StorageKind.Sqlite);
        var world = await World.CreateAsync(host.Client, await StartReceiverAsync(), Cancel);
        await host.StopAsync(Cancel);
        await Past.WriteAsync(host, Cancel);
        await host.StartAsync(Cancel);
        await world.FillAsync(Cancel);

        var day = await OpenAsync(host, Screen.Desktop);
        await Picture.UseExampleNamesAsync(day);
        await TakeAsync(day, "overview", "", 1000);
        await TakeAsync(day, "topics", "topics", 700);
        await TakeAsync(day, "topic", $"topics/{World.Orders}", 1000);
        await TakeAsync(day, "publishers", "publishers", 700);
        await TakeAsync(day, "publisher", $"publishers/{world.Accounting}", 1000);
        await TakeAsync(day, "new-publisher", $"publishers/new?topic={World.Orders}", 1100);
        await TakeAsync(day, "messages", "messages", 900);
        await TakeAsync(day, "message", $"messages/{world.Waiting}", 1000);
        await TakeAsync(day, "dead-letters", "dead-letters", 800);

        var night = await OpenAsync(host, Screen.DesktopAtNight);
        await Picture.UseExampleNamesAsync(night);
        await TakeAsync(night, "overview-dark", "", 1000);
        await TakeAsync(night, "message-dark", $"messages/{world.Waiting}", 1000);

        var phone = await OpenAsync(host, Screen.Phone);
        await Picture.UseExampleNamesAsync(phone);
        await TakeAsync(phone, "overview-phone", "", 1200);
        await TakeAsync(phone, "message-phone", $"messages/{world.Waiting}", 1200);

        day.ShouldBeFlawless();
        night.ShouldBeFlawless();
        phone.ShouldBeFlawless();
    }

    private static async Task TakeAsync(Tab tab, string name, string path, int height)
    {
        var picture = await Picture.TakeAsync(tab, path, height);
        Picture.WidthOf(picture).Should().Be(tab.Page.ViewportSize!.Width, "{0} is a picture of the screen's width", name);
        await tab.ShouldFitAsync();
        if (Folder is not null)
        {
            await File.WriteAllBytesAsync(Path.Combine(Directory.CreateDirectory(Folder).FullName, name + ".png"), picture, TestContext.Current.CancellationToken);
        }
    }
}
