using System.Text.Json;
using System.Text.Unicode;

namespace Postoffice.Filters;

/// <summary>The outer form of a filter document: its size, and that it is JSON of whole texts.</summary>
internal static class FilterDocument
{
    public const int MaxBytes = 16 * 1024;

    // Depth is judged with a path, by the reader of conditions; this is only as deep as so many bytes can be.
    private const int AnyDepth = MaxBytes;

    /// <returns>The document; null when it is none.</returns>
    public static JsonDocument? Open(ReadOnlySpan<byte> utf8, out string? error)
    {
        if (utf8.Length > MaxBytes)
        {
            error = $"is invalid: {utf8.Length} bytes; at most {MaxBytes} are allowed";
            return null;
        }

        if (!Utf8.IsValid(utf8))
        {
            error = "is invalid: the bytes are no UTF-8; give a JSON object in UTF-8";
            return null;
        }

        try
        {
            error = FindHalfSurrogate(utf8);
            return error is null ? JsonDocument.Parse(utf8.ToArray(), new JsonDocumentOptions { MaxDepth = AnyDepth }) : null;
        }
        catch (JsonException exception)
        {
            error = $"is invalid: no JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}; give a JSON object";
            return null;
        }
    }

    // Half of a surrogate pair is in no text that could be compared with, and the platform throws when it is asked for it.
    private static string? FindHalfSurrogate(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = AnyDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
            {
                using var text = new JsonText(reader.ValueSpan);
                if (!text.IsValid)
                {
                    return $"is invalid: the text at byte {reader.TokenStartIndex + 1} has half of a surrogate pair; give the whole character";
                }
            }
        }

        return null;
    }
}
