using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Postoffice.Dashboard.Tests.Browsing;

/// <summary>A tab of its own, without cookies of others, that writes down everything that goes wrong in it.</summary>
internal sealed class Tab : IAsyncDisposable
{
    // Said by the page itself, whatever the console makes of it.
    private const string ReportViolationsScript = """
        addEventListener('securitypolicyviolation', event => console.error('CSP violation: ' + event.violatedDirective + ' ' + event.blockedURI));
        """;

    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _faults = new();

    private Tab(IBrowserContext context, IPage page, Uri address)
    {
        _context = context;
        Page = page;
        Address = address;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _faults.Enqueue($"{message.Type}: {message.Text} ({message.Location})");
            }
        };
        page.PageError += (_, error) => _faults.Enqueue($"uncaught: {error}");
        page.Dialog += async (_, dialog) =>
        {
            _faults.Enqueue($"dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal))
            {
                _faults.Enqueue($"request to another origin: {request.Url}");
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Where the dashboard lies, with a slash at its end.</summary>
    public Uri Address { get; }

    /// <summary>Errors and warnings of the console, violations of the content security policy, uncaught exceptions, dialogs, requests to other origins.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public static async Task<Tab> OpenAsync(IBrowser browser, Screen screen, Uri address)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = screen.Width, Height = 900 },
            ColorScheme = screen.Scheme,
            ReducedMotion = ReducedMotion.Reduce,
            Locale = "en-US",
            TimezoneId = "UTC",
        });
        context.SetDefaultTimeout(20_000);
        await context.AddInitScriptAsync(ReportViolationsScript);
        return new Tab(context, await context.NewPageAsync(), address);
    }

    /// <param name="path">Relative to the dashboard, without a slash at its beginning.</param>
    public Task GoAsync(string path) => Page.GotoAsync(new Uri(Address, path).ToString());

    /// <summary>Fails the test when anything went wrong but what <paramref name="expected"/> names: a part of the text of each.</summary>
    public void ShouldBeFlawless(params string[] expected) =>
        _faults.Where(fault => !expected.Any(part => fault.Contains(part, StringComparison.Ordinal))).Should().BeEmpty();

    /// <summary>Nothing sticks out to the right, so that nobody must scroll sideways.</summary>
    public async Task ShouldFitAsync()
    {
        var excess = await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        excess.Should().Be(0, "{0} should fit the width of the screen", Page.Url);
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();
}
