using System.Diagnostics.CodeAnalysis;

namespace Postoffice.AspNetCore.Api.Reading;

/// <summary>
/// Points in time as RFC 3339 writes them, and in no other way: a date, a time and an offset, in ASCII digits.
/// .NET's own parsers take dates without a time or an offset, and guess.
/// </summary>
internal static class Rfc3339
{
    public const string Error = "is invalid: give a date, a time and an offset, such as 2030-01-31T12:00:00Z or 2030-01-31T12:00:00.5+02:00";

    private const int MinYear = 1970;
    private const int MaxYear = 9998;
    private const int MaxFractionDigits = 9;
    private const int MaxOffsetMinutes = 14 * 60;

    /// <summary>Parses a point in time. Of the fraction the first seven digits count, a tick being 100 ns.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DateTimeOffset value)
    {
        value = default;
        if (text is not { Length: >= 20 } || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or 't' or ' ') || text[13] != ':' || text[16] != ':')
        {
            return false;
        }

        if (!TryDigits(text, 0, 4, MinYear, MaxYear, out var year) || !TryDigits(text, 5, 2, 1, 12, out var month)
            || !TryDigits(text, 8, 2, 1, DateTime.DaysInMonth(year, month), out var day)
            || !TryDigits(text, 11, 2, 0, 23, out var hour) || !TryDigits(text, 14, 2, 0, 59, out var minute) || !TryDigits(text, 17, 2, 0, 59, out var second)
            || !TryFraction(text, 19, out var ticks, out var end) || !TryOffset(text.AsSpan(end), out var offset))
        {
            return false;
        }

        value = new DateTimeOffset(year, month, day, hour, minute, second, offset).AddTicks(ticks);
        return true;
    }

    private static bool TryFraction(string text, int start, out long ticks, out int end)
    {
        ticks = 0;
        end = start;
        if (text[start] != '.')
        {
            return true;
        }

        var weight = TimeSpan.TicksPerSecond / 10;
        for (end = start + 1; end < text.Length && char.IsAsciiDigit(text[end]); end++)
        {
            ticks += (text[end] - '0') * weight;
            weight /= 10;
        }

        return end - start - 1 is >= 1 and <= MaxFractionDigits;
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (text is "Z" or "z")
        {
            return true;
        }

        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':'
            || !TryDigits(text, 1, 2, 0, 14, out var hours) || !TryDigits(text, 4, 2, 0, 59, out var minutes)
            || (hours * 60) + minutes > MaxOffsetMinutes)
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0);
        offset = text[0] == '-' ? -offset : offset;
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<char> text, int start, int count, int min, int max, out int value)
    {
        value = 0;
        foreach (var character in text.Slice(start, count))
        {
            if (!char.IsAsciiDigit(character))
            {
                return false;
            }

            value = (value * 10) + (character - '0');
        }

        return value >= min && value <= max;
    }
}
