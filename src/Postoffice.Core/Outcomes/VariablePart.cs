using System.Buffers;
using System.Globalization;
using System.Net;

namespace Postoffice.Outcomes;

/// <summary>Finds at the start of a text what differs from one error to the next: a time, an address, an id, a number.</summary>
/// <param name="Length">How many characters it takes; 0 when there is none.</param>
/// <param name="Placeholder">What to write in its place.</param>
internal readonly record struct VariablePart(int Length, string Placeholder)
{
    private const int MaxAddressLength = 60;
    private const int MinHexLength = 8;
    private const int MinIdLength = 16;

    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("0123456789abcdefABCDEF:.%[]");

    /// <param name="text">The text from the start of a word on.</param>
    public static VariablePart Find(ReadOnlySpan<char> text)
    {
        if (!char.IsAsciiLetterOrDigit(text[0]) && text[0] is not ('[' or ':'))
        {
            return default;
        }

        return Time(text) is var time and > 0 ? new VariablePart(time, "{time}")
            : Uuid(text) is var uuid and > 0 ? new VariablePart(uuid, "{id}")
            : Address(text) is var address and > 0 ? new VariablePart(address, "{address}")
            : Id(text) is var id and > 0 ? new VariablePart(id, "{id}")
            : Number(text) is var number and > 0 ? new VariablePart(number, "{n}")
            : default;
    }

    // ISO 8601 and its cousins; a time of day alone; the date of HTTP and of mail.
    private static int Time(ReadOnlySpan<char> text)
    {
        if (text.Length >= 29 && text[3] == ',' && DateTimeOffset.TryParseExact(text[..29], "r", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            return 29;
        }

        var date = Matches(text, "0000-00-00") || Matches(text, "0000/00/00") ? 10 : 0;
        var start = date > 0 && date < text.Length && text[date] is 'T' or 't' or ' ' ? date + 1 : date;
        var clock = Clock(text[start..]);
        return clock > 0 && (date == 0 || start > date) ? start + clock : date > 0 && IsEnd(text, date) ? date : 0;
    }

    private static int Clock(ReadOnlySpan<char> text)
    {
        if (!Matches(text, "00:00:00"))
        {
            return Matches(text, "00:00") && IsEndOfClock(text, 5) ? 5 : 0;
        }

        var length = 8;
        if (length + 1 < text.Length && text[length] is '.' or ',' && char.IsAsciiDigit(text[length + 1]))
        {
            length += 1 + Digits(text[(length + 1)..]);
        }

        var zone = text[length..];
        length += zone is ['Z' or 'z', ..] ? 1 : Matches(zone, "+00:00") || Matches(zone, "-00:00") ? 6 : Matches(zone, "+0000") || Matches(zone, "-0000") ? 5 : 0;
        return IsEndOfClock(text, length) ? length : 0;
    }

    private static int Uuid(ReadOnlySpan<char> text) => text.Length >= 36 && Guid.TryParseExact(text[..36], "D", out _) && IsEnd(text, 36) ? 36 : 0;

    // 10.0.0.1, 10.0.0.1:80, [::1]:80, fe80::1%2
    private static int Address(ReadOnlySpan<char> text)
    {
        var length = text[..Math.Min(text.Length, MaxAddressLength)].IndexOfAnyExcept(AddressCharacters);
        length = length < 0 ? Math.Min(text.Length, MaxAddressLength) : length;

        // The full stop or colon of a sentence.
        while (length > 0 && text[length - 1] is '.' or ':' && !text[..length].EndsWith("::"))
        {
            length--;
        }

        var candidate = text[..length];
        var isLikely = candidate.Count('.') == 3 || (candidate.Count(':') >= 2 && candidate.ContainsAnyInRange('0', '9'));
        return isLikely && IsEnd(text, length) && IPEndPoint.TryParse(candidate, out _) ? length : 0;
    }

    // Hexadecimal with letters and digits, letters and digits in turns, or 0x…
    private static int Id(ReadOnlySpan<char> text)
    {
        if (text is ['0', 'x' or 'X', var first, ..] && char.IsAsciiHexDigit(first))
        {
            return Word(text);
        }

        var length = Word(text);
        int digits = 0, turns = 0;
        var isHex = true;
        for (var i = 0; i < length; i++)
        {
            var isDigit = char.IsDigit(text[i]);
            digits += isDigit ? 1 : 0;
            turns += i > 0 && isDigit != char.IsDigit(text[i - 1]) ? 1 : 0;
            isHex &= char.IsAsciiHexDigit(text[i]);
        }

        var isMixed = digits > 0 && digits < length;
        return isMixed && (turns >= 3 || length >= MinIdLength || (isHex && length >= MinHexLength)) ? length : 0;
    }

    // 42, 1.5, 1,000,000
    private static int Number(ReadOnlySpan<char> text)
    {
        var length = Digits(text);
        while (length > 0 && length + 1 < text.Length && text[length] is '.' or ',' && char.IsAsciiDigit(text[length + 1]))
        {
            length += 1 + Digits(text[(length + 1)..]);
        }

        return length;
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        var length = text.IndexOfAnyExceptInRange('0', '9');
        return length < 0 ? text.Length : length;
    }

    private static int Word(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && char.IsLetterOrDigit(text[length]))
        {
            length++;
        }

        return length;
    }

    /// <summary>Whether the text begins like the pattern, where 0 stands for any digit.</summary>
    private static bool Matches(ReadOnlySpan<char> text, string pattern)
    {
        if (text.Length < pattern.Length)
        {
            return false;
        }

        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '0' ? !char.IsAsciiDigit(text[i]) : text[i] != pattern[i])
            {
                return false;
            }
        }

        return true;
    }

    // Else it is the beginning of an IPv6 address.
    private static bool IsEndOfClock(ReadOnlySpan<char> text, int length) =>
        IsEnd(text, length) && text[length..] is not ([':', ':', ..] or [':', >= '0' and <= '9', ..]);

    private static bool IsEnd(ReadOnlySpan<char> text, int length) => length == text.Length || !char.IsLetterOrDigit(text[length]);
}
