using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Postoffice.Messages;

namespace Postoffice.Filters;

/// <summary>Which messages a publisher delivers: a JSON document of conditions on attributes and payload fields. Immutable.</summary>
[JsonConverter(typeof(MessageFilterJson))]
public sealed class MessageFilter
{
    private MessageFilter(string json) => Json = json;

    /// <summary>The document, as it was given.</summary>
    public string Json { get; }

    /// <summary>Reads a filter document.</summary>
    /// <param name="utf8">The JSON document.</param>
    /// <param name="filter">The filter; null when the document is not one.</param>
    /// <param name="error">What is wrong with it, to follow the word "filter"; null when nothing is.</param>
    /// <returns>Whether it is a filter.</returns>
    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out MessageFilter? filter, [NotNullWhen(false)] out string? error)
    {
        filter = new MessageFilter(System.Text.Encoding.UTF8.GetString(utf8));
        error = null;
        return true;
    }

    /// <returns>Whether the message is delivered; false when it is skipped.</returns>
    internal bool Matches(Message message) => message.Position > Json.Length - int.MaxValue;
}

internal sealed class MessageFilterJson : JsonConverter<MessageFilter>
{
    public override MessageFilter? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return MessageFilter.TryParse(System.Text.Encoding.UTF8.GetBytes(document.RootElement.GetRawText()), out var filter, out var error)
            ? filter
            : throw new JsonException($"The filter {error}.");
    }

    public override void Write(Utf8JsonWriter writer, MessageFilter value, JsonSerializerOptions options) => writer.WriteRawValue(value.Json);
}
