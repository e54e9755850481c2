using System.Buffers;

namespace Postoffice.Transports.Http;

/// <summary>Which headers a publisher may set. Stricter than <c>HttpHeaders</c>: printable ASCII only, so that nothing a user wrote can end a line.</summary>
internal static class HttpHeaderRules
{
    // https://www.rfc-editor.org/rfc/rfc9110#name-tokens
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> ValueCharacters =
        SearchValues.Create([.. Enumerable.Range(0x20, 0x7F - 0x20).Select(code => (char)code)]);

    // What frames the message, what ends at the next hop, and what we say ourselves.
    private static readonly SearchValues<string> DeniedPrefixes =
        SearchValues.Create(["webhook-", "postoffice-", "proxy-", "content-"], StringComparison.OrdinalIgnoreCase);

    private static readonly HashSet<string> Denied = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Expect", "Host", "HTTP2-Settings", "Keep-Alive", "message-id", "TE", "traceparent", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    public static bool IsToken(ReadOnlySpan<char> name) => name.Length > 0 && !name.ContainsAnyExcept(TokenCharacters);

    public static bool IsValue(ReadOnlySpan<char> value) => !value.ContainsAnyExcept(ValueCharacters);

    /// <returns>What is wrong with the header, naming it, or null when a publisher may send it.</returns>
    public static string? Check(string name, string? value)
    {
        if (!IsToken(name))
        {
            return $"the header name \"{ErrorText.Clean(name)}\" is not an HTTP token; use letters, digits and hyphens";
        }

        if (Denied.Contains(name) || name.AsSpan().IndexOfAny(DeniedPrefixes) == 0)
        {
            return $"the header {name} is set by Postoffice or by the connection; leave it out";
        }

        if (value is null || !IsValue(value))
        {
            return $"the value of the header {name} may have printable ASCII characters only";
        }

        // The last word is .NET's own: names that describe a content ("Expires") are misuse, and some names have a grammar ("Date").
        using var probe = new HttpRequestMessage();
        try
        {
            probe.Headers.Add(name, value);
            return null;
        }
        catch (InvalidOperationException)
        {
            return $"the header {name} does not belong to a request; leave it out";
        }
        catch (FormatException)
        {
            return $"the value of the header {name} is not what this header may say";
        }
    }
}
