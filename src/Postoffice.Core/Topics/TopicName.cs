using System.Globalization;
using System.Text;

namespace Postoffice.Topics;

/// <summary>
/// The rule for topic names: 1 to 255 characters of letters, digits, combining marks, spaces and <c>-._~+%:@</c>, in Unicode normalization form C.
/// So a name is safe in a path, a log line and a web page, and no two names look alike only because of their normalization.
/// </summary>
internal static class TopicName
{
    public const int MaxLength = 255;

    private const string Punctuation = "-._~+%:@ ";

    /// <returns>What is wrong with <paramref name="name"/>, or null when it is a legal topic name.</returns>
    public static string? Check(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return "can't be blank";
        }

        if (name.Length > MaxLength)
        {
            return $"is invalid: {name.Length} characters; at most {MaxLength} are allowed";
        }

        foreach (var rune in name.EnumerateRunes())
        {
            if (!IsAllowed(rune))
            {
                return $"is invalid: the character U+{rune.Value:X4} is not allowed; use letters, digits, spaces and {Punctuation.TrimEnd()}";
            }
        }

        if (name is "." or "..")
        {
            return "is invalid: \".\" and \"..\" are not names";
        }

        return name.IsNormalized(NormalizationForm.FormC) ? null : "is invalid: it must be in Unicode normalization form C (NFC)";
    }

    /// <summary>
    /// Whether a store can be asked for <paramref name="name"/>. A topic that is older than the rule, or that somebody else has written, is seen, looked into and
    /// deleted like any other; only no new one gets such a name, and nothing is published to it.
    /// </summary>
    public static bool CanBeAsked(string name) => name.Length > 0 && !name.Contains('\0');

    private static bool IsAllowed(Rune rune)
    {
        // A lone surrogate enumerates as U+FFFD, which is no letter.
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber => true,
            _ => rune.IsAscii && Punctuation.Contains((char)rune.Value, StringComparison.Ordinal),
        };
    }
}
