using System.Text.Json;
using System.Text.Unicode;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Messages;

namespace Postoffice.AspNetCore.Api.Answers;

/// <summary>What a message carries, as answers show it: the payload as the bytes that were received.</summary>
internal sealed record MessageContent(ReadOnlyMemory<byte> Payload, bool IsJson, MessageAttributes Attributes, string? OrderingKey, string ContentType)
{
    /// <param name="message">The message.</param>
    /// <param name="isJson">Whether its payload is known to be JSON, since the request was; it is looked at otherwise.</param>
    public static MessageContent Of(NewMessage message, bool isJson = false) =>
        new(message.Payload, isJson || IsValidJson(message.Payload.Span), message.Attributes, message.OrderingKey, message.ContentType);

    public static MessageContent Of(Message message) =>
        new(message.Payload, IsValidJson(message.Payload.Span), message.Attributes, message.OrderingKey, message.ContentType);

    /// <summary>Writes its members into an object that is open.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        if (IsJson)
        {
            writer.WritePropertyName("payload"u8);
            writer.WriteRawValue(Payload.Span, skipInputValidation: true);
        }
        else
        {
            writer.WriteBase64String("payload_base64"u8, Payload.Span);
        }

        writer.WriteStartObject("attributes"u8);
        foreach (var (name, value) in Attributes)
        {
            writer.WriteString(name, value);
        }

        writer.WriteEndObject();
        writer.WriteString("ordering_key"u8, OrderingKey);
        writer.WriteString("content_type"u8, ContentType);
    }

    /// <summary>An application may publish any bytes; what is shown raw inside JSON must be JSON.</summary>
    private static bool IsValidJson(ReadOnlySpan<byte> payload)
    {
        if (!Utf8.IsValid(payload))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = Envelope.MaxDepth });
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
