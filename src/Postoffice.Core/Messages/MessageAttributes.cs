using System.Collections;
using System.Text.Json;

namespace Postoffice.Messages;

/// <summary>A message's attributes: names and values, both text. Immutable; two sets with the same pairs are equal.</summary>
public sealed class MessageAttributes : IReadOnlyCollection<KeyValuePair<string, string>>, IEquatable<MessageAttributes>
{
    private readonly SortedDictionary<string, string>? _values;
    private string? _json;

    private MessageAttributes(SortedDictionary<string, string>? values) => _values = values;

    /// <summary>No attributes.</summary>
    public static MessageAttributes Empty { get; } = new(null);

    /// <summary>How many there are.</summary>
    public int Count => _values?.Count ?? 0;

    /// <summary>The value of the attribute <paramref name="name"/>, or null when there is none.</summary>
    /// <param name="name">The attribute's name; case-sensitive.</param>
    public string? this[string name] => _values is not null && _values.TryGetValue(name, out var value) ? value : null;

    /// <summary>Makes a set of the given pairs.</summary>
    /// <param name="values">The pairs; names are case-sensitive.</param>
    /// <returns>The set.</returns>
    /// <exception cref="ArgumentException">A name stands twice.</exception>
    public static MessageAttributes Create(IEnumerable<KeyValuePair<string, string>> values)
    {
        ArgumentNullException.ThrowIfNull(values);

        // Ordinal order makes the stored JSON of equal sets the same text.
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
        {
            sorted.Add(name, value);
        }

        return sorted.Count == 0 ? Empty : new MessageAttributes(sorted);
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() =>
        (_values ?? Enumerable.Empty<KeyValuePair<string, string>>()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(MessageAttributes? other) => other is not null && ToJson() == other.ToJson();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MessageAttributes);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(ToJson(), StringComparison.Ordinal);

    /// <summary>The JSON object that a store keeps: names in ordinal order, so that equal sets are equal text.</summary>
    internal string ToJson() => _json ??= _values is null ? "{}" : JsonSerializer.Serialize(_values, MessageJson.Default.SortedDictionaryStringString);

    internal static MessageAttributes FromJson(string json) =>
        json is "{}" ? Empty : Create(JsonSerializer.Deserialize(json, MessageJson.Default.DictionaryStringString)!);
}
