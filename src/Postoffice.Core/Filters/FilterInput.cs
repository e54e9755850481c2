using System.Text.Json;
using System.Text.Unicode;
using Postoffice.Messages;

namespace Postoffice.Filters;

/// <summary>What a filter looks at: a message, whose payload is parsed when the first condition asks for it, and once at most.</summary>
internal ref struct FilterInput(Message message)
{
    // As deep as the API lets a payload be; the nodes of a filter walk nested arrays by recursion, so there must be an end.
    public const int MaxPayloadDepth = 64;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxPayloadDepth };

    private JsonDocument? _payload;
    private bool _isParsed;

    public readonly MessageAttributes Attributes => message.Attributes;

    /// <returns>The payload's outermost value; null when it is no JSON, or holds no fields.</returns>
    public JsonElement? Payload()
    {
        if (!_isParsed)
        {
            _isParsed = true;
            _payload = Parse(message.Payload);
        }

        return _payload?.RootElement;
    }

    public readonly void Dispose() => _payload?.Dispose();

    private static JsonDocument? Parse(ReadOnlyMemory<byte> payload)
    {
        // An image or a plain text shall not cost an exception for each message.
        var start = payload.Span.TrimStart(" \t\r\n"u8);
        if (start.IsEmpty || start[0] is not ((byte)'{' or (byte)'[') || !Utf8.IsValid(start))
        {
            return null;
        }

        try
        {
            return JsonDocument.Parse(payload, Strict);
        }
        catch (JsonException)
        {
            // Bytes that are no JSON are an answer here: no field is there.
            return null;
        }
    }
}
