using System.Text;
using System.Text.Json;
using Postoffice.Messages;

namespace Postoffice.Filters;

/// <summary>Reads the matchers of a field.</summary>
internal sealed class MatcherReader(FilterPath path)
{
    /// <summary>Matchers of a filter, each value of an <c>anything-but</c> counted: with the size of a message they bound what one evaluation costs.</summary>
    public const int MaxMatchers = 200;

    private const string Operators = "prefix, suffix, equals-ignore-case, anything-but, exists or numeric";

    private int _count;

    /// <param name="value">The list of matchers.</param>
    /// <param name="ofAttribute">Whether they are for an attribute, which is always a text.</param>
    /// <returns>The matchers; null when the path has taken an error.</returns>
    public FieldMatchers? Read(JsonElement value, bool ofAttribute) =>
        path.ReadElements(value, "a list of matchers, such as [\"a\"]", element => ReadMatcher(element, ofAttribute)) is { } matchers
            ? new FieldMatchers(matchers) : null;

    private Matcher? ReadMatcher(JsonElement value, bool ofAttribute) => value.ValueKind switch
    {
        JsonValueKind.Object => ReadOperator(value, ofAttribute),
        JsonValueKind.Array => path.Fail<Matcher>($"is a list; give a text, a number, true, false, null or an object with {Operators}"),
        _ => ReadExact(value, ofAttribute),
    };

    private Matcher? ReadExact(JsonElement value, bool ofAttribute)
    {
        if (!Count())
        {
            return null;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return new TextMatcher(Encoding.UTF8.GetBytes(value.GetString()!));
            case JsonValueKind.Number:
                return new NumberMatcher(ReadNumber(value));
            default:
                // It would never hold, and whoever wrote it expects that it does.
                return ofAttribute
                    ? path.Fail<Matcher>($"is {FilterPath.Kind(value)}, and attributes are texts; give {Remedy(value)}")
                    : new LiteralMatcher(value.ValueKind);
        }
    }

    private Matcher? ReadOperator(JsonElement value, bool ofAttribute)
    {
        var operators = path.ReadMembers(value, $"has no operator; give {Operators}", (name, operand) => name switch
        {
            "prefix" => ReadText(operand) is { } text ? new PrefixMatcher(Encoding.UTF8.GetBytes(text)) : null,
            "suffix" => ReadText(operand) is { } text ? new SuffixMatcher(Encoding.UTF8.GetBytes(text)) : null,
            "equals-ignore-case" => ReadText(operand) is { } text ? new EqualsIgnoreCaseMatcher(text) : null,
            "anything-but" => ReadAnythingBut(operand, ofAttribute),
            "exists" => ReadExists(operand),
            "numeric" => ReadNumeric(operand),
            _ => path.Fail<Matcher>($"is not known; the operators are {Operators}"),
        });
        return operators is null ? null
            : operators is [var only] ? only
            : path.Fail<Matcher>("has more than one operator; give one here and the others as matchers of their own, or in a condition under all");
    }

    private AnythingButMatcher? ReadAnythingBut(JsonElement operand, bool ofAttribute)
    {
        switch (operand.ValueKind)
        {
            case JsonValueKind.Object:
                var other = operand.EnumerateObject().Select(member => member.Name)
                    .FirstOrDefault(name => name is not ("prefix" or "suffix" or "equals-ignore-case"));
                return other is not null
                    ? path.Fail<AnythingButMatcher>($"has \"{MessageRules.Shorten(other)}\"; it takes values, prefix, suffix or equals-ignore-case")
                    : ReadOperator(operand, ofAttribute) is { } matcher ? new AnythingButMatcher([matcher]) : null;
            case JsonValueKind.Array:
                var excluded = path.ReadElements(operand, "a list of values", element => element.ValueKind is JsonValueKind.Object or JsonValueKind.Array
                    ? path.Fail<Matcher>($"is {FilterPath.Kind(element)}; give a text, a number, true, false or null") : ReadExact(element, ofAttribute));
                return excluded is null ? null : new AnythingButMatcher([.. excluded]);
            default:
                return ReadExact(operand, ofAttribute) is { } exact ? new AnythingButMatcher([exact]) : null;
        }
    }

    private ExistsMatcher? ReadExists(JsonElement operand) => operand.ValueKind is not (JsonValueKind.True or JsonValueKind.False)
        ? path.Fail<ExistsMatcher>($"is {FilterPath.Kind(operand)}; give true or false")
        : Count() ? new ExistsMatcher(operand.GetBoolean()) : null;

    private string? ReadText(JsonElement operand) => operand.ValueKind != JsonValueKind.String
        ? path.Fail<string>($"is {FilterPath.Kind(operand)}; give a text")
        : Count() ? operand.GetString() : null;

    private NumericMatcher? ReadNumeric(JsonElement operand)
    {
        const string Wanted = "[\"=\", 5], a bound such as [\">\", 0], or two such as [\">\", 0, \"<=\", 100]";
        if (operand.ValueKind != JsonValueKind.Array || operand.GetArrayLength() is not (2 or 4))
        {
            var kind = operand.ValueKind == JsonValueKind.Array ? "no pair of a comparison and a number" : FilterPath.Kind(operand);
            return path.Fail<NumericMatcher>($"is {kind}; give {Wanted}");
        }

        if (!Count())
        {
            return null;
        }

        NumericBound? low = null, high = null;
        for (var index = 0; index < operand.GetArrayLength(); index += 2)
        {
            var (comparison, limit) = (operand[index], operand[index + 1]);
            if (comparison.ValueKind != JsonValueKind.String || limit.ValueKind != JsonValueKind.Number)
            {
                return path.Fail<NumericMatcher>(
                    $"has {FilterPath.Kind(comparison)} and {FilterPath.Kind(limit)} for a comparison and a number; give {Wanted}");
            }

            var sign = comparison.GetString()!;
            var bound = new NumericBound(ReadNumber(limit), IsIncluded: sign is "=" or ">=" or "<=");
            var isLow = sign is "=" or ">" or ">=";
            var isHigh = sign is "=" or "<" or "<=";
            if (!(isLow || isHigh) || (isLow && low is not null) || (isHigh && high is not null))
            {
                return path.Fail<NumericMatcher>(isLow || isHigh
                    ? $"has a second bound of the same side, \"{sign}\"; give {Wanted}"
                    : $"has \"{MessageRules.Shorten(sign)}\", which is no comparison; give {Wanted}");
            }

            (low, high) = (isLow ? bound : low, isHigh ? bound : high);
        }

        return IsEmpty(low, high) ? path.Fail<NumericMatcher>($"holds for no number; give {Wanted}") : new NumericMatcher(low, high);
    }

    private bool Count() => ++_count <= MaxMatchers
        || path.Fail<string>($"is one matcher too many; at most {MaxMatchers} are allowed in a filter, values of anything-but included") is not null;

    private static bool IsEmpty(NumericBound? low, NumericBound? high) => low is not null && high is not null
        && low.Number.Number.CompareTo(high.Number.Number) is var order && (order > 0 || (order == 0 && !(low.IsIncluded && high.IsIncluded)));

    private static KeptNumber ReadNumber(JsonElement value) => JsonNumber.TryRead(Encoding.UTF8.GetBytes(value.GetRawText()), out var number)
        ? number.Keep() : throw new InvalidOperationException("A number of JSON is a number.");

    private static string Remedy(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? "{\"exists\": false} for an attribute that is not there" : $"\"{FilterPath.Kind(value)}\"";
}
