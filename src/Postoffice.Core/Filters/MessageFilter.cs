using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Serialization;
using Postoffice.Messages;

namespace Postoffice.Filters;

/// <summary>Which messages a publisher delivers: a JSON document of conditions on attributes and payload fields. Immutable.</summary>
/// <remarks>
/// At most 16 KiB, 16 levels deep, 200 matchers. The operators bear the names that Amazon EventBridge and Amazon SNS give them; docs/filters.md lists them.
/// </remarks>
[JsonConverter(typeof(MessageFilterJson))]
public sealed class MessageFilter
{
    private readonly Condition _condition;

    private MessageFilter(string json, Condition condition)
    {
        Json = json;
        _condition = condition;
    }

    /// <summary>The document, as it was given.</summary>
    public string Json { get; }

    /// <summary>Reads a filter document.</summary>
    /// <param name="json">The JSON document.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="FormatException">The document is no filter; the message says what is wrong, where, and what to do.</exception>
    public static MessageFilter Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return TryParse(Encoding.UTF8.GetBytes(json), out var filter, out var error) ? filter : throw new FormatException($"The filter {error}.");
    }

    /// <summary>Reads a filter document.</summary>
    /// <param name="utf8">The JSON document.</param>
    /// <param name="filter">The filter; null when the document is not one.</param>
    /// <param name="error">What is wrong with it, to follow the word "filter"; null when nothing is.</param>
    /// <returns>Whether it is a filter.</returns>
    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out MessageFilter? filter, [NotNullWhen(false)] out string? error)
    {
        var condition = FilterReader.Read(utf8, out error);
        filter = condition is null ? null : new MessageFilter(Encoding.UTF8.GetString(utf8), condition);
        return filter is not null;
    }

    /// <summary>Never throws, whatever the payload's bytes are.</summary>
    /// <returns>Whether the message is delivered; false when it is skipped.</returns>
    internal bool Matches(Message message)
    {
        var input = new FilterInput(message);
        try
        {
            return _condition.Holds(ref input);
        }
        finally
        {
            input.Dispose();
        }
    }
}
