using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postoffice.Filters;

/// <summary>A filter as the JSON object that it is: what the API shows.</summary>
internal class MessageFilterJson : JsonConverter<MessageFilter>
{
    public override MessageFilter Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return Read(Encoding.UTF8.GetBytes(reader.GetString()!));
        }

        using var document = JsonDocument.ParseValue(ref reader);
        return Read(JsonMarshal.GetRawUtf8Value(document.RootElement));
    }

    public override void Write(Utf8JsonWriter writer, MessageFilter value, JsonSerializerOptions options) => writer.WriteRawValue(value.Json);

    private static MessageFilter Read(ReadOnlySpan<byte> utf8) =>
        MessageFilter.TryParse(utf8, out var filter, out var error) ? filter : throw new JsonException($"The filter {error}.");
}

/// <summary>
/// A filter as a text inside the settings that a store keeps. A database that reads JSON would spell the document anew (PostgreSQL's jsonb adds spaces,
/// writes 1e400 with 401 digits and refuses \u0000), and then it would no longer be what was given, or no longer fit the limits.
/// </summary>
internal sealed class MessageFilterText : MessageFilterJson
{
    public override void Write(Utf8JsonWriter writer, MessageFilter value, JsonSerializerOptions options) => writer.WriteStringValue(value.Json);
}
