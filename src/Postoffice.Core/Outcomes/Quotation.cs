namespace Postoffice.Outcomes;

/// <summary>Finds the end of a quotation in an error text.</summary>
internal static class Quotation
{
    // Longer ones are no quotation but a quote that nobody closed; and so each character is looked at a bounded number of times.
    private const int MaxLength = 256;

    /// <returns>The length with both quotes; 0 when <paramref name="text"/> doesn't begin with a quotation.</returns>
    /// <param name="text">The text from a possible quote on.</param>
    /// <param name="isWordStart">Whether no letter or digit stands before it: else an apostrophe is one.</param>
    public static int Length(ReadOnlySpan<char> text, bool isWordStart)
    {
        var close = text[0] switch
        {
            '"' => '"',
            '`' => '`',
            '“' => '”',
            '«' => '»',
            '\'' when isWordStart => '\'',
            '‘' when isWordStart => '’',
            _ => '\0',
        };

        if (close == '\0')
        {
            return 0;
        }

        for (var i = 1; i < Math.Min(text.Length, MaxLength); i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == close && !(close is '\'' or '’' && i + 1 < text.Length && char.IsLetterOrDigit(text[i + 1])))
            {
                return i + 1;
            }
        }

        return 0;
    }
}
