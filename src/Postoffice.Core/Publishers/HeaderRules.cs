using System.Buffers;
using Postoffice.Messages;

namespace Postoffice.Publishers;

/// <summary>
/// Which extra headers a publisher may send: no name that frames the request, ends at the next hop or says what Postoffice itself says, and nothing that
/// could end a line. Judged when a publisher is created, and once more when its sender is made.
/// </summary>
internal static class HeaderRules
{
    public const int MaxHeaders = 64;

    // https://www.rfc-editor.org/rfc/rfc9110#name-tokens
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly string[] ReservedPrefixes = ["content-", "postoffice-", "proxy-", "webhook-"];

    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Expect", "Host", "HTTP2-Settings", "Keep-Alive", "message-id", "TE", "traceparent", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    public static bool IsToken(ReadOnlySpan<char> name) => name.Length > 0 && !name.ContainsAnyExcept(TokenCharacters);

    public static bool IsValue(ReadOnlySpan<char> value) => !value.ContainsAnyExceptInRange(' ', '~');

    /// <returns>What is wrong with the headers, to follow the word "headers", or null.</returns>
    public static string? Check(IReadOnlyDictionary<string, string> headers)
    {
        if (headers.Count > MaxHeaders)
        {
            return $"is invalid: {headers.Count} headers; at most {MaxHeaders} are allowed";
        }

        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in headers)
        {
            if (Check(name, value) is { } error)
            {
                return error;
            }

            if (!names.Add(name))
            {
                return $"is invalid: \"{name}\" stands twice";
            }
        }

        return null;
    }

    /// <returns>What is wrong with one header, to follow the word "headers", or null.</returns>
    public static string? Check(string name, string? value)
    {
        if (!IsToken(name))
        {
            return $"is invalid: \"{MessageRules.Shorten(name)}\" is not a header name; use letters, digits and hyphens";
        }

        if (Reserved.Contains(name) || Array.Exists(ReservedPrefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
        {
            return $"is invalid: \"{MessageRules.Shorten(name)}\" is set by Postoffice or by HTTP itself; leave it out";
        }

        if (value is null || !IsValue(value))
        {
            return $"is invalid: the value of \"{MessageRules.Shorten(name)}\" has other characters than printable ASCII";
        }

        // The last word is .NET's own: names of contents ("Expires") are misuse, and some names have a grammar ("Date").
        using var probe = new HttpRequestMessage();
        try
        {
            probe.Headers.Add(name, value);
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            return $"is invalid: \"{MessageRules.Shorten(name)}\" with this value does not belong in a request";
        }
    }
}
