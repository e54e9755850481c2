using System.Buffers.Binary;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;

namespace Postoffice.Dashboard.Tests.Screenshots;

/// <summary>What a page looks like, as a file for the documentation.</summary>
internal static partial class Picture
{
    /// <summary>The names that a reader sees: neither the ports of this run nor the machine that it was made on.</summary>
    public static Task UseExampleNamesAsync(Tab tab) => tab.Page.RouteAsync("**/-/api/**", async route =>
    {
        // Events tell no names, and never end.
        if (route.Request.Url.EndsWith("/events", StringComparison.Ordinal))
        {
            await route.ContinueAsync();
            return;
        }

        var answer = await route.FetchAsync();
        var text = Target().Replace(await answer.TextAsync(), "https://$1.example/hook").Replace($"\"{Environment.MachineName}\"", "\"node-1\"", StringComparison.Ordinal);
        await route.FulfillAsync(new RouteFulfillOptions { Response = answer, Body = text });
    });

    /// <param name="tab">Where.</param>
    /// <param name="path">Of the page, relative to the dashboard.</param>
    /// <param name="height">The most that is seen of it.</param>
    /// <returns>The page from its top, as a PNG.</returns>
    public static async Task<byte[]> TakeAsync(Tab tab, string path, int height)
    {
        var page = tab.Page;
        var width = page.ViewportSize!.Width;
        await page.SetViewportSizeAsync(width, 400);
        await tab.GoAsync(path);
        await Assertions.Expect(page.Locator("main h1")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("main .loading")).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByRole(AriaRole.Banner)).ToContainTextAsync("live");
        if (path.StartsWith("messages/", StringComparison.Ordinal))
        {
            await Assertions.Expect(page.Locator(".explanation").First).ToBeVisibleAsync();
        }

        var content = await page.EvaluateAsync<int>("document.documentElement.scrollHeight");
        await page.SetViewportSizeAsync(width, Math.Min(content, height));
        return await page.ScreenshotAsync();
    }

    /// <returns>The width that a PNG says it has; null when it is none.</returns>
    public static int? WidthOf(ReadOnlySpan<byte> file) =>
        file.Length > 24 && file[..8].SequenceEqual<byte>([0x89, .. "PNG\r\n\x1A\n"u8]) && file[12..16].SequenceEqual("IHDR"u8)
            ? BinaryPrimitives.ReadInt32BigEndian(file[16..]) : null;

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/(\w+)")]
    private static partial Regex Target();
}
