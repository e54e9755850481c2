using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Postoffice.Core.Tests.Filters;

/// <summary>A filter asked slowly and plainly: the document itself is walked beside the message, without compiling anything.</summary>
internal static class FilterModel
{
    public static bool Holds(JsonElement condition, IReadOnlyDictionary<string, string> attributes, JsonElement? payload) =>
        condition.EnumerateObject().All(member => member.Name switch
        {
            "attributes" => member.Value.EnumerateObject().All(attribute => AttributeHolds(attribute.Value, attributes.GetValueOrDefault(attribute.Name))),
            "payload" => NodeHolds(member.Value, payload),
            "any" => member.Value.EnumerateArray().Any(inner => Holds(inner, attributes, payload)),
            "all" => member.Value.EnumerateArray().All(inner => Holds(inner, attributes, payload)),
            _ => throw new ArgumentException(member.Name),
        });

    private static bool AttributeHolds(JsonElement matchers, string? text) => text is null
        ? matchers.EnumerateArray().Any(IsExistsFalse)
        : matchers.EnumerateArray().Any(matcher => MatcherHolds(matcher, new Value(text, AsNumber(text), null)));

    // What the payload holds there: the values of a list, of lists inside it too, or the one value.
    private static bool NodeHolds(JsonElement node, JsonElement? value)
    {
        var found = value is { } there ? Flatten(there).ToList() : [];
        if (node.ValueKind == JsonValueKind.Object)
        {
            var objects = found.Where(element => element.ValueKind == JsonValueKind.Object).ToList();
            return objects.Count == 0 ? AllFields(null) : objects.Any(element => AllFields(element));
        }

        var leaves = found.Where(element => element.ValueKind != JsonValueKind.Object).Select(AsValue).ToList();
        return leaves.Count == 0
            ? node.EnumerateArray().Any(IsExistsFalse)
            : leaves.Any(leaf => node.EnumerateArray().Any(matcher => MatcherHolds(matcher, leaf)));

        bool AllFields(JsonElement? element) => node.EnumerateObject().All(field => NodeHolds(field.Value, Last(element, field.Name)));
    }

    private static bool MatcherHolds(JsonElement matcher, Value value)
    {
        if (matcher.ValueKind != JsonValueKind.Object)
        {
            return Equals(matcher, value);
        }

        var (name, operand) = (matcher.EnumerateObject().Single().Name, matcher.EnumerateObject().Single().Value);
        return name switch
        {
            "prefix" => value.Text?.StartsWith(operand.GetString()!, StringComparison.Ordinal) == true,
            "suffix" => value.Text?.EndsWith(operand.GetString()!, StringComparison.Ordinal) == true,
            "equals-ignore-case" => string.Equals(value.Text, operand.GetString(), StringComparison.OrdinalIgnoreCase),
            "exists" => operand.GetBoolean(),
            "numeric" => value.Number is { } number && operand.EnumerateArray().Chunk(2).All(pair => Compares(number, pair[0].GetString()!, Number(pair[1]))),
            "anything-but" => operand.ValueKind == JsonValueKind.Array
                ? !operand.EnumerateArray().Any(excluded => Equals(excluded, value)) : !MatcherHolds(operand, value),
            _ => throw new ArgumentException(name),
        };
    }

    private static bool Equals(JsonElement exact, Value value) => exact.ValueKind switch
    {
        JsonValueKind.String => value.Text == exact.GetString(),
        JsonValueKind.Number => value.Number is { } number && number == Number(exact),
        _ => value.Literal == exact.ValueKind,
    };

    private static bool Compares(BigInteger number, string comparison, BigInteger limit) => comparison switch
    {
        "=" => number == limit,
        "<" => number < limit,
        "<=" => number <= limit,
        ">" => number > limit,
        ">=" => number >= limit,
        _ => throw new ArgumentException(comparison),
    };

    private static bool IsExistsFalse(JsonElement matcher) =>
        matcher.ValueKind == JsonValueKind.Object && matcher.TryGetProperty("exists", out var exists) && !exists.GetBoolean();

    private static IEnumerable<JsonElement> Flatten(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().SelectMany(Flatten) : [value];

    private static JsonElement? Last(JsonElement? element, string name) =>
        element?.EnumerateObject().Where(member => member.Name == name).Select(member => (JsonElement?)member.Value).LastOrDefault();

    private static Value AsValue(JsonElement leaf) => leaf.ValueKind switch
    {
        JsonValueKind.String => new Value(leaf.GetString(), null, null),
        JsonValueKind.Number => new Value(null, Number(leaf), null),
        _ => new Value(null, null, leaf.ValueKind),
    };

    private static BigInteger? AsNumber(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Number && text.Trim() == text ? Number(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // In units of 10^-1000: whole numbers, whatever the exponents of the tests.
    private static BigInteger Number(JsonElement number)
    {
        var parts = number.GetRawText().ToUpperInvariant().Split('E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var decimals = point < 0 ? 0 : parts[0].Length - point - 1;
        var exponent = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        return BigInteger.Parse(parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * BigInteger.Pow(10, 1_000 + exponent - decimals);
    }

    /// <summary>A leaf: the text, the number and the literal that it is, one of them or, for an attribute, two.</summary>
    private sealed record Value(string? Text, BigInteger? Number, JsonValueKind? Literal);
}
