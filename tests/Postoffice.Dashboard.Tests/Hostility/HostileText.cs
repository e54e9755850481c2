namespace Postoffice.Dashboard.Tests.Hostility;

/// <summary>Texts that harm a page which takes them for anything but text. Each sets <c>hit</c>, or opens a dialog, where it can.</summary>
internal static class HostileText
{
    // Each carries several, to keep the number of pages small; what must stand at the beginning does.
    public static readonly IReadOnlyList<string> All =
    [
        "javascript:hit=1;alert(1)//<img src=x onerror=hit=1;alert(1)>{{7*7}} ${7*7} #{7*7} <%= 7*7 %>",
        "\"><script>hit=1;alert(1)</script>'-hit=1-' style=\"position:fixed;inset:0\" onmouseover='hit=1'",
        "%3Cb%3E/../%00?a=b#c <svg/onload=hit=1><iframe srcdoc='<script>parent.hit=1</script>'> invoice\u202Efdp.exe a\u200Bd\u200Dmi\u2060n\uFEFF",
    ];

    /// <summary>What is wrong with a page that shows them: something ran, or stands in the document as more than text. The page is clean when it is empty.</summary>
    public const string FindHarmScript = """
        () => {
            const harm = [];
            if (window.hit !== undefined) {
                harm.push('a script has run');
            }

            for (const element of document.querySelectorAll('script, iframe, object, embed, link, img, base, meta[http-equiv], form[action], [srcdoc], [style]')) {
                const address = element.src ?? element.href ?? '';
                if (!address.startsWith(document.baseURI + '-/assets/') && element.localName !== 'base') {
                    harm.push(element.outerHTML);
                }
            }

            for (const element of document.querySelectorAll('*')) {
                for (const { name, value } of element.attributes) {
                    if (name.startsWith('on') || (/^(href|src|action|formaction|xlink:href)$/.test(name) && /^\s*(javascript|data|vbscript):/i.test(value))) {
                        harm.push(`${name}="${value}"`);
                    }
                }
            }

            for (const link of document.querySelectorAll('a')) {
                if (link.origin !== location.origin) {
                    harm.push(`a link to ${link.href}`);
                }
            }

            return harm;
        }
        """;
}
