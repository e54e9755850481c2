using System.Text;
using System.Text.Json;
using CsCheck;
using Postoffice.Filters;
using static Postoffice.Core.Tests.Filters.FilterCase;

namespace Postoffice.Core.Tests.Filters;

public sealed class FilterPropertyTests
{
    // Few names and values, so that filters and messages meet.
    private static readonly Gen<string> Name = Gen.OneOf("a", "b", "c", "ä");
    private static readonly Gen<string> Text = Gen.OneOf("", "a", "A", "ab", "b", "ä", "Ä", "5", "5.0", "-0", "05", "1e400", "true", "null", "😀");
    private static readonly Gen<string> Number = Gen.OneOf(
        Gen.OneOf(
            "0", "-0", "0.0", "0.05", "0.005e1", "0.050", "50e-3", "5", "5.0", "50e-1", "0.5E+1", "-5", "1e400", "1e401", "-1e400", "1e-400", "0.1", "0.10000000000000000000000000001",
            "999999999999999999", "999999999999999998", "9007199254740993", "9007199254740992"),
        Gen.Select(Gen.Long, Gen.Int[-30, 30], (digits, exponent) => $"{digits}e{exponent}"),
        Gen.Select(Gen.Int[-9, 9], Gen.Int[0, 99], (whole, fraction) => $"{whole}.{fraction}"));

    private static readonly Gen<string> Scalar = Gen.OneOf(Text.Select(Quote), Text.Select(Escape), Number, Gen.OneOf("true", "false", "null"));

    private static readonly Gen<string> Value = Gen.Recursive<string>((depth, inner) => depth >= 4 ? Scalar : Gen.Frequency(
        (3, Scalar),
        (1, inner.Array[0, 3].Select(List)),
        (2, Gen.Select(Name, inner).Array[0, 4].Select(Fields))));

    private static readonly Gen<string> Payload = Gen.Frequency((6, Gen.Select(Name, Value).Array[0, 4].Select(Fields)), (1, Value), (1, Gen.OneOf("", "no json", "{\"a\": 5")));

    private static readonly Gen<(string Name, string Value)[]> Attributes =
        Gen.Select(Name, Gen.OneOf(Text, Number)).Array[0, 4].Select(pairs => pairs.DistinctBy(pair => pair.Item1).ToArray());

    private static readonly Gen<string> Condition = Gen.Recursive<string>((depth, inner) =>
    {
        var attributes = Object(Name, Matchers(ofAttribute: true)).Select(value => Member("attributes", value));
        var payload = Object(Name, Node()).Select(value => Member("payload", value));
        var any = inner.Array[1, 3].Select(List).Select(value => Member("any", value));
        var all = inner.Array[1, 3].Select(List).Select(value => Member("all", value));
        var member = depth >= 2 ? Gen.OneOf(attributes, payload) : Gen.OneOf(attributes, payload, any, all);
        return member.Array[1, 3].Select(members => "{" + string.Join(",", members.DistinctBy(text => text[..5])) + "}");
    }).Where(IsWithinLimits);

    [Fact]
    public void It_does_what_a_slow_and_plain_walk_does() =>
        Gen.Select(Condition, Payload, Attributes).Sample((condition, payload, attributes) =>
        {
            using var document = JsonDocument.Parse(condition);
            using var message = ParseOrNull(payload);
            var expected = FilterModel.Holds(document.RootElement, attributes.ToDictionary(pair => pair.Name, pair => pair.Value), message?.RootElement);

            return Delivers(condition, payload, attributes) == expected;
        }, iter: 5_000);

    [Fact]
    public void Two_numbers_are_ordered_as_their_values_are() =>
        Gen.Select(Number, Number).Sample((one, other) =>
        {
            const string Matcher = """{"payload": {"n": [{"numeric": ["{0}", {1}]}]}}""";
            foreach (var comparison in new[] { "<", "<=", "=", ">=", ">" })
            {
                var filter = Matcher.Replace("{0}", comparison, StringComparison.Ordinal).Replace("{1}", other, StringComparison.Ordinal);
                var payload = "{\"n\": " + one + "}";
                using var document = JsonDocument.Parse(filter);
                using var message = JsonDocument.Parse(payload);
                if (Delivers(filter, payload) != FilterModel.Holds(document.RootElement, new Dictionary<string, string>(), message.RootElement))
                {
                    return false;
                }
            }

            return true;
        });

    [Fact]
    public void No_payload_makes_it_throw()
    {
        var noise = Gen.Byte.Array[0, 200];
        var spoilt = Gen.Select(Payload, Gen.Select(Gen.Int[0, 2], Gen.Int[0, 1_000], Gen.Byte).Array[1, 5], (payload, faults) => Spoil(Encoding.UTF8.GetBytes(payload), faults));
        var bombs = Gen.OneOf(
            "{\"a\":" + new string('[', 100_000), "{\"a\":" + new string('[', 63) + new string(']', 63) + "}", string.Concat(Enumerable.Repeat("{\"a\":", 100_000)),
            "{\"a\": 1e99999999999999999999}", "{\"a\": -1e-99999999999999999999}", "{\"a\": 1e2147483648}", "{\"a\": 0e9223372036854775808}",
            "{\"a\": " + new string('9', 100_000) + "}", "{\"a\": 0." + new string('0', 100_000) + "1}", "{\"a\": \"\\ud800\", \"\\udc00\": \"\\ud800\\u0041\"}",
            "{\"a\": \"\\u\"}", "{\"a\": \"\\", "{\"a\": \"\\ud83d\\", "\"", "{\"\0\": 1}", "{\"a\": \"\0\"}", "[", "{")
            .Select(Encoding.UTF8.GetBytes);

        Gen.Select(Condition, Gen.OneOf(noise, spoilt, bombs)).Sample((condition, payload) =>
        {
            var filter = MessageFilter.Parse(condition);

            // The same answer twice: nothing of one message is left in the filter.
            return filter.Matches(Message(payload, ("a", "5"))) == filter.Matches(Message(payload, ("a", "5")));
        }, iter: 2_000);
    }

    [Fact]
    public void No_document_makes_it_throw_and_each_refusal_says_why() =>
        Gen.Select(Condition, Gen.Select(Gen.Int[0, 2], Gen.Int[0, 1_000], Gen.Byte).Array[0, 5]).Sample((condition, faults) =>
        {
            var document = Spoil(Encoding.UTF8.GetBytes(condition), faults);
            var isFilter = MessageFilter.TryParse(document, out var filter, out var error);

            return isFilter ? error is null && filter!.Json == Encoding.UTF8.GetString(document)
                : filter is null && error!.StartsWith("is invalid: ", StringComparison.Ordinal) && error.Length < 1_000;
        }, iter: 5_000);

    // Each matcher stands at the start of a list or behind a comma.
    private static bool IsWithinLimits(string condition) => condition.Count(character => character is '[' or ',') <= MatcherReader.MaxMatchers;

    private static Gen<string> Node() => Gen.Recursive<string>((depth, inner) =>
        depth >= 2 ? Matchers(ofAttribute: false) : Gen.Frequency((2, Matchers(ofAttribute: false)), (1, Object(Name, inner))));

    private static Gen<string> Matchers(bool ofAttribute)
    {
        var exact = ofAttribute ? Gen.OneOf(Text.Select(Quote), Number) : Scalar;
        var affix = Gen.Select(Gen.OneOf("prefix", "suffix", "equals-ignore-case"), Text.Select(Quote), (name, text) => "{" + Member(name, text) + "}");
        var anythingBut = Gen.OneOf(exact, exact.Array[1, 3].Select(List), affix).Select(operand => "{" + Member("anything-but", operand) + "}");
        var exists = Gen.Bool.Select(value => "{" + Member("exists", value ? "true" : "false") + "}");
        var bound = Gen.Select(Gen.OneOf("=", "<", "<=", ">", ">="), Number, (comparison, number) => $"{Quote(comparison)},{number}");
        var range = Gen.Select(Gen.OneOf(">", ">="), Gen.Int[-9, 5], Gen.OneOf("<", "<="), Gen.Int[6, 99], (over, low, under, high) =>
            $"{Quote(over)},{low},{Quote(under)},{high}");
        var numeric = Gen.OneOf(bound, range).Select(operand => "{" + Member("numeric", $"[{operand}]") + "}");
        return Gen.OneOf(exact, affix, anythingBut, exists, numeric).Array[1, 3].Select(List);
    }

    private static Gen<string> Object(Gen<string> name, Gen<string> value) =>
        Gen.Select(name, value).Array[1, 3].Select(members => Fields([.. members.DistinctBy(member => member.Item1)]));

    private static string Fields((string Name, string Value)[] members) => "{" + string.Join(", ", members.Select(member => Member(member.Name, member.Value))) + "}";

    private static string List(string[] elements) => "[" + string.Join(", ", elements) + "]";

    private static string Member(string name, string value) => $"{Quote(name)}: {value}";

    private static string Quote(string text) => $"\"{text}\"";

    // Each UTF-16 unit as \uXXXX.
    private static string Escape(string text) => Quote(string.Concat(text.Select(unit => $"\\u{(int)unit:x4}")));

    private static JsonDocument? ParseOrNull(string payload)
    {
        try
        {
            return JsonDocument.Parse(payload);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Changes, drops or doubles a byte for each fault.
    private static byte[] Spoil(byte[] bytes, (int Kind, int Place, byte With)[] faults)
    {
        var spoilt = bytes.ToList();
        foreach (var (kind, place, with) in faults.Where(_ => spoilt.Count > 0))
        {
            var index = place % spoilt.Count;
            switch (kind)
            {
                case 0:
                    spoilt[index] = with;
                    break;
                case 1:
                    spoilt.RemoveAt(index);
                    break;
                default:
                    spoilt.Insert(index, spoilt[index]);
                    break;
            }
        }

        return [.. spoilt];
    }
}
