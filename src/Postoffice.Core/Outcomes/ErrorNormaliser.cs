using System.Text;

namespace Postoffice.Outcomes;

/// <summary>
/// Copies an error text and puts placeholders where one occurrence differs from the next: <c>{time}</c>, <c>{address}</c>, <c>{id}</c>, <c>{n}</c>,
/// <c>{text}</c>. One pass over the text, stops when the room is used up; no expression of a user's is ever run, and no text makes it slow.
/// </summary>
internal sealed class ErrorNormaliser(int maxLength, string start)
{
    // In a JSON body the values of these say what went wrong; those of others, whom it befell.
    private static readonly string[] TellingFields = ["code", "detail", "error", "errors", "error_description", "message", "reason", "status", "title", "type"];

    private readonly StringBuilder _text = new(start, Math.Max(maxLength, start.Length));
    private bool _isFull;

    public override string ToString() => _text.ToString().TrimEnd();

    public void Append(ReadOnlySpan<char> text) => Append(text, canQuote: true);

    /// <summary>Writes as it is, all of it or nothing: a placeholder is never cut in two.</summary>
    public void Write(ReadOnlySpan<char> text)
    {
        _isFull |= _text.Length + text.Length > maxLength;
        if (!_isFull)
        {
            _text.Append(text);
        }
    }

    private void Append(ReadOnlySpan<char> text, bool canQuote)
    {
        ReadOnlySpan<char> field = default;
        var i = 0;
        while (i < text.Length && !_isFull)
        {
            var rest = text[i..];
            var isWordStart = i == 0 || !char.IsLetterOrDigit(text[i - 1]);
            if (char.IsWhiteSpace(rest[0]))
            {
                i += WriteBlank(rest);
            }
            else if (canQuote && Quotation.Length(rest, isWordStart) is var quoted and > 0)
            {
                field = WriteQuotation(rest[..quoted], field, isField: IsFollowedByColon(rest[quoted..]));
                i += quoted;
            }
            else if (isWordStart && VariablePart.Find(rest) is { Length: > 0 } part)
            {
                Write(part.Placeholder);
                i += part.Length;
            }
            else if (char.IsLetterOrDigit(rest[0]))
            {
                i += WriteWord(rest);
            }
            else
            {
                // A comma, or the brace that closes an object, ends what a field's name said of its value.
                field = rest[0] is ',' or '}' ? default : field;
                var length = char.IsHighSurrogate(rest[0]) && rest.Length > 1 ? 2 : 1;
                Write(rest[..length]);
                i += length;
            }
        }
    }

    private int WriteBlank(ReadOnlySpan<char> rest)
    {
        var length = 1;
        while (length < rest.Length && char.IsWhiteSpace(rest[length]))
        {
            length++;
        }

        if (length < rest.Length)
        {
            Write(" ");
        }

        return length;
    }

    /// <returns>The field whose value comes next; none when this was a value.</returns>
    private ReadOnlySpan<char> WriteQuotation(ReadOnlySpan<char> quotation, ReadOnlySpan<char> field, bool isField)
    {
        var content = quotation[1..^1];
        if (isField || IsTelling(field))
        {
            Write(quotation[..1]);
            Append(content, canQuote: false);
            Write(quotation[^1..]);
        }
        else
        {
            Write("{text}");
        }

        return isField ? content : default;
    }

    private static bool IsTelling(ReadOnlySpan<char> field)
    {
        foreach (var telling in TellingFields)
        {
            if (field.Equals(telling, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsFollowedByColon(ReadOnlySpan<char> rest) => rest.TrimStart() is [':', ..];

    private int WriteWord(ReadOnlySpan<char> rest)
    {
        var length = 0;
        while (length < rest.Length && char.IsLetterOrDigit(rest[length]))
        {
            var start = length;
            var isNumber = char.IsDigit(rest[start]);
            while (length < rest.Length && char.IsLetterOrDigit(rest[length]) && char.IsDigit(rest[length]) == isNumber)
            {
                length++;
            }

            var letters = rest[start..length];
            Write(isNumber ? "{n}" : letters[..Math.Min(letters.Length, Math.Max(1, maxLength - _text.Length))]);
        }

        return length;
    }
}
