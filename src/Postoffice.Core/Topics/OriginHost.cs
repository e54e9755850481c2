namespace Postoffice.Topics;

/// <summary>The rule for a topic's origin host: <c>host</c>, <c>host:port</c> or an absolute http or https URL, at most 255 characters.</summary>
internal static class OriginHost
{
    public const int MaxLength = 255;

    /// <returns>What is wrong with <paramref name="originHost"/>, or null when it is legal.</returns>
    public static string? Check(string? originHost)
    {
        if (string.IsNullOrWhiteSpace(originHost))
        {
            return "can't be blank";
        }

        if (originHost.Length > MaxLength)
        {
            return $"is invalid: {originHost.Length} characters; at most {MaxLength} are allowed";
        }

        foreach (var character in originHost)
        {
            if (character is <= ' ' or '\x7f' or '\\' || char.IsControl(character) || char.IsSurrogate(character))
            {
                return "is invalid: blanks, control characters and backslashes are not allowed";
            }
        }

        var hasScheme = originHost.Contains("://", StringComparison.Ordinal);
        return Uri.TryCreate(hasScheme ? originHost : "http://" + originHost, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 && uri.Host.Length > 0
            ? null
            : "is invalid: give a host, host:port, or an http(s) URL without credentials, such as orders.example";
    }
}
