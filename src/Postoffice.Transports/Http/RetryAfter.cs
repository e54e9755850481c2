using System.Globalization;

namespace Postoffice.Transports.Http;

/// <summary>Reads the <c>Retry-After</c> header: a number of seconds or an HTTP date.</summary>
/// <remarks>https://www.rfc-editor.org/rfc/rfc9110#name-retry-after and, for the dates, #name-date-time-formats</remarks>
internal static class RetryAfter
{
    // IMF-fixdate, then the two old forms that a recipient must still understand.
    private static readonly string[] DateFormats = ["r", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy", "ddd MMM  d HH:mm:ss yyyy"];

    /// <returns>The pause asked for, or null when <paramref name="value"/> is nothing to go by: absent, negative, fractional, too large, a time gone by.</returns>
    public static TimeSpan? Parse(string? value, DateTimeOffset now)
    {
        var text = value.AsSpan().Trim(" \t");
        if (text.IsEmpty)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        return DateTimeOffset.TryParseExact(text, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) && date > now
            ? date - now
            : null;
    }
}
