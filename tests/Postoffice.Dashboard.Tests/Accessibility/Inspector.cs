using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using Postoffice.Dashboard.Tests.Browsing;

namespace Postoffice.Dashboard.Tests.Accessibility;

/// <summary>Looks at views on all screens and writes down what keeps somebody from using them; so a test tells everything at once.</summary>
internal sealed class Inspector
{
    // A rule that is broken: its impact, what it asks for, and the elements that break it.
    private const string RunAxeScript = """
        async rules => {
            const options = { resultTypes: ['violations'], selectors: false, ...(rules ? { runOnly: { type: 'rule', values: rules } } : {}) };
            const { passes, violations } = await axe.run(document, options);
            if (passes.length === 0) {
                throw new Error('axe has looked at nothing');
            }

            return violations
                .filter(({ impact }) => impact === 'serious' || impact === 'critical')
                .map(({ id, impact, help, nodes }) => `${id} (${impact}: ${help}): ${nodes.map(node => node.html).join('; ')}`);
        }
        """;

    // By night nothing but the colours is another.
    private static readonly string[] RulesOfColour = ["color-contrast", "link-in-text-block"];

    private readonly Tab _tab;
    private readonly List<string> _findings = [];

    private Inspector(Tab tab) => _tab = tab;

    /// <summary>What is wrong, a line each.</summary>
    public IReadOnlyList<string> Findings => _findings;

    /// <summary>
    /// Gives axe to the tab before its pages load, as the browser's own tools would: so the pages' content security policy, which lets no strange script in, stays as
    /// it is. Deque's own RunAxe reads its script anew for each look, which takes four times as long.
    /// </summary>
    public static async Task<Inspector> BeginAsync(Tab tab)
    {
        await tab.Page.AddInitScriptAsync(new BundledAxeScriptProvider().GetScript());
        return new Inspector(tab);
    }

    public async Task LookAtAsync(View view)
    {
        var page = _tab.Page;
        await _tab.GoAsync(view.Path);
        await Assertions.Expect(page.Locator("main h1")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("main .loading")).ToHaveCountAsync(0);
        if (view.Step is not null)
        {
            await view.Step(page);
        }

        await ReadAsync(view);
        foreach (var screen in Screen.All)
        {
            await page.SetViewportSizeAsync(screen.Width, 900);
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = screen.Scheme });
            await MeasureAsync(view, screen);
        }
    }

    // What a screen reader says first: the language, what page it is, and where its content begins.
    private async Task ReadAsync(View view)
    {
        var headings = await _tab.Page.Locator("h1").AllInnerTextsAsync();
        Expect(view, headings.Count == 1 && headings[0].Length > 0, $"has the headings [{string.Join(", ", headings)}]");

        var title = await _tab.Page.TitleAsync();
        Expect(view, title == $"{(headings.Count > 0 ? headings[0] : "")} · Postoffice", $"is titled \"{title}\"");

        var language = await _tab.Page.Locator("html").GetAttributeAsync("lang");
        Expect(view, language == "en", $"has the language \"{language}\"");
    }

    private async Task MeasureAsync(View view, Screen screen)
    {
        var excess = await _tab.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Expect(view, excess == 0, $"is {excess} pixels too wide on {screen}");

        var broken = await _tab.Page.EvaluateAsync<string[]>(RunAxeScript, screen.Scheme == ColorScheme.Dark ? RulesOfColour : null);
        foreach (var rule in broken)
        {
            Expect(view, false, $"on {screen} breaks {rule}");
        }
    }

    private void Expect(View view, bool holds, string otherwise)
    {
        if (!holds)
        {
            _findings.Add($"{view.Name} {otherwise}");
        }
    }
}
