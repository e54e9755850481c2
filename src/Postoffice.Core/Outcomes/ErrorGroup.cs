using System.Globalization;

namespace Postoffice.Outcomes;

/// <summary>
/// What a dead letter has in common with others that died of the same: its status class and its error without what differs from one to the next.
/// <c>503 Service Unavailable: order 4711 is locked</c> becomes <c>5xx: 503 Service Unavailable: order {n} is locked</c>. Pure.
/// </summary>
internal static class ErrorGroup
{
    /// <summary>The most characters of a group's name.</summary>
    public const int MaxLength = 200;

    public static string Of(int? statusCode, string error)
    {
        var prefix = statusCode is { } status ? string.Create(CultureInfo.InvariantCulture, $"{status / 100}xx") : "no answer";
        var normaliser = new ErrorNormaliser(MaxLength, prefix);

        var text = error.AsSpan().Trim();
        if (text.Length > 0)
        {
            normaliser.Write(": ");

            // An answer's error begins with its status: that one number is the point.
            var code = statusCode is { } number ? number.ToString(CultureInfo.InvariantCulture) : "";
            if (code.Length > 0 && text.StartsWith(code) && (text.Length == code.Length || !char.IsLetterOrDigit(text[code.Length])))
            {
                normaliser.Write(code);
                text = text[code.Length..];
            }

            normaliser.Append(text);
        }

        return normaliser.ToString();
    }
}
