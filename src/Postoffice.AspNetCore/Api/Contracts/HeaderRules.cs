using System.Buffers;
using Postoffice.AspNetCore.Api.Problems;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>
/// Which extra headers a publisher may send: no name that frames the request or says what Postoffice itself says, and nothing that could end a line.
/// </summary>
internal static class HeaderRules
{
    private const int MaxHeaders = 64;

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Expect", "Host", "HTTP2-Settings", "Keep-Alive", "message-id", "TE", "traceparent", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    private static readonly string[] ReservedPrefixes = ["content-", "postoffice-", "proxy-", "webhook-"];

    /// <returns>What is wrong with the headers, or null.</returns>
    public static string? Check(IReadOnlyDictionary<string, string> headers)
    {
        if (headers.Count > MaxHeaders)
        {
            return $"is invalid: {headers.Count} headers; at most {MaxHeaders} are allowed";
        }

        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in headers)
        {
            if (CheckHeader(name, value) is { } error)
            {
                return error;
            }

            if (!names.Add(name))
            {
                return $"is invalid: \"{Text.Shorten(name)}\" stands twice";
            }
        }

        return null;
    }

    private static string? CheckHeader(string name, string value)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(TokenCharacters))
        {
            return $"is invalid: \"{Text.Shorten(name)}\" is not a header name; use letters, digits and hyphens";
        }

        if (Reserved.Contains(name) || Array.Exists(ReservedPrefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
        {
            return $"is invalid: \"{Text.Shorten(name)}\" is set by Postoffice or by HTTP itself";
        }

        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return $"is invalid: the value of \"{Text.Shorten(name)}\" has other characters than printable ASCII";
        }

        // The last word is .NET's own: names of contents ("Last-Modified") are misuse, and some names have a grammar ("Authorization").
        using var probe = new HttpRequestMessage();
        try
        {
            probe.Headers.Add(name, value);
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            return $"is invalid: \"{Text.Shorten(name)}\" with this value does not belong in a request";
        }
    }
}
