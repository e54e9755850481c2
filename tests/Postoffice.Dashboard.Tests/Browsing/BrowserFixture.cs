using Microsoft.Playwright;

namespace Postoffice.Dashboard.Tests.Browsing;

/// <summary>
/// One Chromium for the assembly: that of POSTOFFICE_TEST_CHROMIUM, or the machine's own. Without one tests are skipped on a laptop and fail in CI.
/// </summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private static readonly string[] Places =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", @"C:\Program Files\Google\Chrome\Application\chrome.exe"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal IBrowser Browser
    {
        get
        {
            const string Reason = "No Chromium: install the package chromium, or name its program in POSTOFFICE_TEST_CHROMIUM.";
            Assert.SkipWhen(_browser is null && Environment.GetEnvironmentVariable("CI") is null, Reason);
            return _browser ?? throw new InvalidOperationException(Reason);
        }
    }

    public async ValueTask InitializeAsync()
    {
        var program = Environment.GetEnvironmentVariable("POSTOFFICE_TEST_CHROMIUM") ?? Places.FirstOrDefault(File.Exists);
        if (program is null)
        {
            return;
        }

        // Enough for a machine that does other things too; what is there is seen at once.
        Assertions.SetDefaultExpectTimeout(20_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync",
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
