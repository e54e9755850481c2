using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Postoffice.AspNetCore.Api.Reading;

/// <summary>Which bodies are read: JSON in UTF-8, as it is. Anything else would have to be transcoded, and a payload must stay byte for byte.</summary>
internal static class MediaTypes
{
    public static bool IsJson(StringValues contentType)
    {
        if (contentType.Count != 1)
        {
            return false;
        }

        return string.Equals(contentType[0], "application/json", StringComparison.OrdinalIgnoreCase)
            || (MediaTypeHeaderValue.TryParse(contentType[0], out var type) && IsJson(type) && IsUtf8(type));
    }

    public static bool IsIdentity(StringValues contentEncoding) =>
        contentEncoding.Count == 0 || contentEncoding.All(encoding => string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase));

    private static bool IsJson(MediaTypeHeaderValue type) => type.Type.Equals("application", StringComparison.OrdinalIgnoreCase)
        && (type.SubType.Equals("json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase));

    private static bool IsUtf8(MediaTypeHeaderValue type)
    {
        var charset = HeaderUtilities.RemoveQuotes(type.Charset);
        return charset.Length == 0 || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase);
    }
}
