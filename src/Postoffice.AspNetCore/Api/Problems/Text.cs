namespace Postoffice.AspNetCore.Api.Problems;

internal static class Text
{
    private const int MaxLength = 40;

    /// <returns>A caller's text, fit to be quoted in a message: short, and without control characters and halves of surrogate pairs.</returns>
    public static string Shorten(string text)
    {
        var shortened = text.Length > MaxLength ? text[..MaxLength] + "…" : text;
        return string.Concat(shortened.EnumerateRunes().Select(rune => System.Text.Rune.IsControl(rune) ? "\uFFFD" : rune.ToString()));
    }
}
