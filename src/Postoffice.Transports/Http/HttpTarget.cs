using System.Globalization;
using System.Text;

namespace Postoffice.Transports.Http;

/// <summary>
/// The rule for an HTTP target and the one spelling by which equal targets are known. Whether the target may be called from here (loopback, private
/// networks, …) is not judged: names can point elsewhere tomorrow, so that is decided on each connect.
/// </summary>
internal static class HttpTarget
{
    public const int MaxLength = 2_048;
    public const int MaxHostLength = 253;
    public const int MaxLabelLength = 63;

    private const int MaxTurns = 4;
    private const string Example = "such as https://receiver.example/hook";

    public static TargetCheck Check(string? target) => Check(target, MaxTurns);

    /// <summary>The URI to send to; path and query go out as the canonical spelling has them.</summary>
    public static Uri ToUri(string canonical) => new(canonical, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    // The text is judged before Uri sees it: Uri trims blanks, turns backslashes, escapes CR LF, and reads "//host" as a file.
    private static TargetCheck Check(string? target, int turns)
    {
        if (string.IsNullOrWhiteSpace(target))
        {
            return Refuse("can't be blank");
        }

        if (target.Length > MaxLength)
        {
            return Refuse($"is invalid: {target.Length} characters; at most {MaxLength} are allowed");
        }

        if (CheckCharacters(target) is { } characters)
        {
            return Refuse(characters);
        }

        var authorityStart = target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? "http://".Length
            : target.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https://".Length
            : 0;
        if (authorityStart == 0)
        {
            return Refuse($"is invalid: give an absolute URL that begins with http:// or https://, {Example}");
        }

        var authorityLength = target.AsSpan(authorityStart).IndexOfAny('/', '?');
        var authority = authorityLength < 0 ? target.AsSpan(authorityStart) : target.AsSpan(authorityStart, authorityLength);
        return CheckAuthority(authority) is { } error ? Refuse(error) : Spell(target, turns);
    }

    private static string? CheckCharacters(string target)
    {
        foreach (var rune in target.EnumerateRunes())
        {
            // Half of a surrogate pair enumerates as U+FFFD. Format characters are invisible and turn text around in a list of publishers.
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) || rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format)
            {
                return "is invalid: blanks, control characters and invisible characters are not allowed; write them percent-encoded where they are meant";
            }

            if (rune.Value is '\\')
            {
                return "is invalid: a backslash is not allowed; write / or %5C";
            }

            if (rune.Value is '#')
            {
                return "is invalid: a fragment is never sent; leave out # and what follows it";
            }
        }

        return null;
    }

    private static string? CheckAuthority(ReadOnlySpan<char> authority)
    {
        if (authority.Contains('@'))
        {
            return "is invalid: credentials in a URL end up in logs; leave out what stands before @ and set an Authorization header";
        }

        if (authority.Contains('%'))
        {
            return "is invalid: a percent sign is not allowed in the host; write the host plainly";
        }

        // The colons inside [ ] belong to an IPv6 address.
        var hostEnd = authority.IndexOf(']') + 1;
        var colon = authority[hostEnd..].IndexOf(':');
        hostEnd = colon < 0 ? authority.Length : hostEnd + colon;
        if (hostEnd == 0)
        {
            return $"is invalid: the host is missing; give an absolute URL, {Example}";
        }

        return colon >= 0 && authority[(hostEnd + 1)..] is { Length: > 0 } port
            && !(int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65_535)
            ? "is invalid: the port must be a number from 1 to 65535"
            : null;
    }

    private static TargetCheck Spell(string target, int turns)
    {
        if (!Uri.TryCreate(target, UriKind.Absolute, out var uri) || !uri.IsAbsoluteUri)
        {
            return Refuse($"is invalid: it is not a URL that can be called; give one {Example}");
        }

        string host;
        try
        {
            // IdnHost, never Host: "①②⑦.⓪.⓪.①" is a name by Host and 127.0.0.1 by IdnHost.
            host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost.ToLowerInvariant();
        }
        catch (UriFormatException)
        {
            return Refuse("is invalid: the host is not a name that can be looked up; write it in ASCII (xn--…)");
        }

        host = host.EndsWith('.') ? host[..^1] : host;
        if (uri.HostNameType != UriHostNameType.IPv6 && CheckHost(host) is { } error)
        {
            return Refuse(error);
        }

        var port = uri.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{uri.Port}");
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var canonical = $"{uri.Scheme}://{host}{port}{uri.AbsolutePath}{(query < 0 ? "" : EscapeNonAscii(target.AsSpan(query)))}";

        if (canonical.Length > MaxLength)
        {
            return Refuse($"is invalid: {canonical.Length} characters when percent-encoded; at most {MaxLength} are allowed");
        }

        // The ASCII form of a host can be an address in yet another spelling ("０x7f.1"): go on until nothing changes any more.
        return canonical == target ? new TargetCheck(canonical, null)
            : turns > 0 ? Check(canonical, turns - 1)
            : Refuse($"is invalid: it has no plain spelling; it comes to {canonical}");
    }

    // Compatibility mapping can bring forth "/" and "@" out of look-alikes, after the text was judged.
    private static string? CheckHost(string host)
    {
        if (host.Length > MaxHostLength)
        {
            return $"is invalid: the host has {host.Length} characters; at most {MaxHostLength} are allowed";
        }

        foreach (var range in host.AsSpan().Split('.'))
        {
            var label = host.AsSpan(range);
            if (label.Length is 0 or > MaxLabelLength)
            {
                return $"is invalid: each part of the host between dots must have 1 to {MaxLabelLength} characters";
            }

            foreach (var character in label)
            {
                if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))
                {
                    return "is invalid: the host may have letters, digits, hyphens, underscores and dots only";
                }
            }
        }

        return null;
    }

    private static string EscapeNonAscii(ReadOnlySpan<char> query)
    {
        if (Ascii.IsValid(query))
        {
            return query.ToString();
        }

        var text = new StringBuilder(query.Length * 2);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in query.EnumerateRunes())
        {
            if (rune.IsAscii)
            {
                text.Append((char)rune.Value);
                continue;
            }

            foreach (var octet in utf8[..rune.EncodeToUtf8(utf8)])
            {
                text.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
            }
        }

        return text.ToString();
    }

    private static TargetCheck Refuse(string error) => new(null, error);
}
