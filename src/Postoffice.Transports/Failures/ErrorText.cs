using System.Buffers;
using System.Globalization;
using System.Text;

namespace Postoffice.Transports.Failures;

/// <summary>Makes one line of readable text of what a receiver, or the network, said. It ends up in the store, the log and the dashboard.</summary>
internal static class ErrorText
{
    private const int MaxReasonBytes = 64;
    private const int MaxMessageBytes = 512;

    /// <summary><c>503 Service Unavailable: excerpt</c>, at most <paramref name="maxBytes"/> in UTF-8.</summary>
    public static string OfAnswer(int statusCode, string? reason, ReadOnlySpan<byte> body, int maxBytes)
    {
        var text = new StringBuilder(Math.Min(maxBytes, body.Length + MaxReasonBytes));
        text.Append(CultureInfo.InvariantCulture, $"{statusCode}");
        var room = maxBytes - text.Length;

        if (!string.IsNullOrWhiteSpace(reason))
        {
            text.Append(' ');
            room -= 1 + Append(text, Encoding.UTF8.GetBytes(reason), Math.Min(room - 1, MaxReasonBytes));
        }

        if (body.Length > 0)
        {
            text.Append(": ");
            Append(text, body, room - 2);
        }

        return text.ToString();
    }

    /// <summary>The beginning of a body; null when it is empty.</summary>
    public static string? Excerpt(ReadOnlySpan<byte> body, int maxBytes)
    {
        var text = new StringBuilder(Math.Min(maxBytes, body.Length));
        Append(text, body, maxBytes);
        return text.Length > 0 ? text.ToString() : null;
    }

    /// <summary>The text without control characters, at most 512 bytes of it.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder();
        Append(clean, Encoding.UTF8.GetBytes(text), MaxMessageBytes);
        return clean.ToString();
    }

    private static int Append(StringBuilder text, ReadOnlySpan<byte> utf8, int maxBytes)
    {
        var written = 0;
        while (utf8.Length > 0)
        {
            var isWhole = Rune.DecodeFromUtf8(utf8, out var rune, out var read) == OperationStatus.Done;
            rune = !isWhole ? Rune.ReplacementChar : Replace(rune);
            if (written + rune.Utf8SequenceLength > maxBytes)
            {
                break;
            }

            text.Append(rune);
            written += rune.Utf8SequenceLength;
            utf8 = utf8[read..];
        }

        return written;
    }

    // Line ends become blanks, so that a stack trace stays readable in one line; what hides or turns text around becomes U+FFFD.
    private static Rune Replace(Rune rune) => rune.Value is '\r' or '\n' or '\t' ? new Rune(' ')
        : Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator ? Rune.ReplacementChar
        : rune;
}
