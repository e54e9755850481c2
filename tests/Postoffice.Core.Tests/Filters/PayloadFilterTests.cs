using System.Text;
using Postoffice.Filters;
using static Postoffice.Core.Tests.Filters.FilterCase;

namespace Postoffice.Core.Tests.Filters;

public sealed class PayloadFilterTests
{
    [Theory]
    [InlineData("""["a"]""", "\"a\"", true)]
    [InlineData("""["a"]""", "\"\\u0061\"", true)]
    [InlineData("""["a"]""", "\"A\"", false)]
    [InlineData("""["1"]""", "1", false)]
    [InlineData("""[1]""", "\"1\"", false)]
    [InlineData("""[true]""", "true", true)]
    [InlineData("""[true]""", "\"true\"", false)]
    [InlineData("""[true]""", "false", false)]
    [InlineData("""[false]""", "false", true)]
    [InlineData("""[null]""", "null", true)]
    [InlineData("""[null]""", "\"null\"", false)]
    [InlineData("""[null]""", "0", false)]
    [InlineData("""["\"\\\/\b\f\n\r\t"]""", "\"\\u0022\\u005c/\\u0008\\u000c\\u000a\\u000D\\u0009\"", true)]
    [InlineData("""["😀"]""", "\"\\ud83d\\ude00\"", true)]
    [InlineData("""[{"prefix": "o"}]""", "\"\\u006frder\"", true)]
    [InlineData("""[{"prefix": "1"}]""", "12", false)]
    [InlineData("""[{"suffix": "r"}]""", "\"order\"", true)]
    [InlineData("""[{"equals-ignore-case": "eur"}]""", "\"E\\u0055R\"", true)]
    [InlineData("""[{"anything-but": "a"}]""", "\"b\"", true)]
    [InlineData("""[{"anything-but": "a"}]""", "\"a\"", false)]
    [InlineData("""[{"anything-but": "a"}]""", "7", true)]
    [InlineData("""[{"anything-but": "a"}]""", "null", true)]
    [InlineData("""[{"anything-but": [null, true, 7, "a"]}]""", "null", false)]
    [InlineData("""[{"anything-but": [null, true, 7, "a"]}]""", "true", false)]
    [InlineData("""[{"anything-but": [null, true, 7, "a"]}]""", "7.00", false)]
    [InlineData("""[{"anything-but": [null, true, 7, "a"]}]""", "false", true)]
    [InlineData("""[{"anything-but": {"prefix": "a"}}]""", "\"ab\"", false)]
    [InlineData("""[{"anything-but": {"prefix": "a"}}]""", "5", true)]
    [InlineData("""[{"exists": true}]""", "null", true)]
    [InlineData("""[{"exists": false}]""", "null", false)]
    [InlineData("""[{"numeric": ["=", 5]}]""", "5.0", true)]
    [InlineData("""[{"numeric": ["=", 5]}]""", "\"5\"", false)]
    [InlineData("""[{"numeric": [">", 0, "<=", 100]}]""", "100", true)]
    [InlineData("""[{"numeric": ["<=", 100, ">", 0]}]""", "0", false)]
    [InlineData("""[{"numeric": ["<", 10]}]""", "-1e400", true)]
    [InlineData("""[{"numeric": ["<", 10]}]""", "10", false)]
    [InlineData("""[{"numeric": [">=", 10]}]""", "10", true)]
    // An object is no leaf, and an empty list holds none.
    [InlineData("""[{"exists": true}]""", "{\"b\": 1}", false)]
    [InlineData("""[{"exists": false}]""", "{\"b\": 1}", true)]
    [InlineData("""[{"anything-but": "a"}]""", "{}", false)]
    [InlineData("""[{"exists": true}]""", "[]", false)]
    [InlineData("""[{"exists": false}]""", "[]", true)]
    [InlineData("""[{"exists": false}]""", "[{\"b\": 1}, []]", true)]
    // Of a list one element is enough, as with EventBridge and SNS; lists inside it count as if they were not there.
    [InlineData("""["a"]""", "[\"b\", \"a\"]", true)]
    [InlineData("""["a"]""", "[\"b\", [[\"a\"]], 1]", true)]
    [InlineData("""["a"]""", "[\"b\", {\"x\": \"a\"}]", false)]
    [InlineData("""[{"anything-but": [100, 500]}]""", "[100, 50]", true)]
    [InlineData("""[{"anything-but": [100, 500]}]""", "[100, 500]", false)]
    [InlineData("""[{"exists": true}]""", "[null]", true)]
    public void A_field_holds_when_one_of_its_matchers_does(string matchers, string value, bool holds) =>
        Delivers($$$"""{"payload": {"field": {{{matchers}}}}}""", $$$"""{"other": "a", "field": {{{value}}}, "Field": "a"}""").Should().Be(holds);

    [Theory]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("999999999999999999", "999999999999999998")]
    [InlineData("-999999999999999999", "-999999999999999998")]
    [InlineData("0.1", "0.1000000000000000055511151231257827")]
    [InlineData("123456789012345678901234567890123456789.1", "123456789012345678901234567890123456789.2")]
    [InlineData("1e400", "1e401")]
    [InlineData("1e-400", "0")]
    public void Numbers_that_differ_in_one_digit_are_two_numbers(string one, string other)
    {
        Delivers($$$"""{"payload": {"n": [{{{one}}}]}}""", $$$"""{"n": {{{one}}}}""").Should().BeTrue();
        Delivers($$$"""{"payload": {"n": [{{{one}}}]}}""", $$$"""{"n": {{{other}}}}""").Should().BeFalse();
        Delivers($$$"""{"payload": {"n": [{"numeric": [">", {{{one}}}]}, {"numeric": ["<", {{{one}}}]}]}}""", $$$"""{"n": {{{other}}}}""").Should().BeTrue();
    }

    [Theory]
    [InlineData("100", "1e2")]
    [InlineData("100", "1E+2")]
    [InlineData("100", "0.001e5")]
    [InlineData("100", "100.000")]
    [InlineData("0.00012", "12e-5")]
    [InlineData("0", "-0.0e9")]
    [InlineData("12345678901234567890123456789012345678901234567890", "1234567890123456789012345678901234567890123456789e1")]
    public void One_number_may_be_spelt_in_many_ways(string one, string other)
    {
        Delivers($$$"""{"payload": {"n": [{{{one}}}]}}""", $$$"""{"n": {{{other}}}}""").Should().BeTrue();
        Delivers($$$"""{"payload": {"n": [{"numeric": [">=", {{{one}}}, "<=", {{{other}}}]}]}}""", $$$"""{"n": {{{other}}}}""").Should().BeTrue();
        Delivers($$$"""{"payload": {"n": [{"anything-but": {{{one}}}}]}}""", $$$"""{"n": {{{other}}}}""").Should().BeFalse();
    }

    [Theory]
    [InlineData("""{"order": {"total": 150, "currency": "EUR"}}""", true)]
    [InlineData("""{"order": {"total": 50, "currency": "EUR"}}""", false)]
    [InlineData("""{"order": {"total": 150}}""", false)]
    [InlineData("""{"order": 150}""", false)]
    [InlineData("""{"total": 150, "currency": "EUR"}""", false)]
    [InlineData("""{"order.total": 150, "order": {"currency": "EUR"}}""", false)]
    // Both in one element: EventBridge calls that array consistency.
    [InlineData("""{"order": [{"total": 150, "currency": "EUR"}, {"total": 1, "currency": "USD"}]}""", true)]
    [InlineData("""{"order": [{"total": 150, "currency": "USD"}, {"total": 1, "currency": "EUR"}]}""", false)]
    [InlineData("""{"order": [[{"total": 150, "currency": "EUR"}]]}""", true)]
    [InlineData("""[{"order": {"total": 150, "currency": "EUR"}}]""", true)]
    public void Nested_fields_must_all_hold_in_one_object(string payload, bool holds) =>
        Delivers("""{"payload": {"order": {"total": [{"numeric": [">=", 100]}], "currency": ["EUR"]}}}""", payload).Should().Be(holds);

    [Theory]
    [InlineData("""{"a": {"b": 1}}""", false)]
    [InlineData("""{"a": {"c": 1}}""", true)]
    [InlineData("""{"a": 1}""", true)]
    [InlineData("""{"a": []}""", true)]
    [InlineData("""{"a": null}""", true)]
    [InlineData("""{}""", true)]
    // One element without the field is enough.
    [InlineData("""{"a": [{"b": 1}, {"c": 1}]}""", true)]
    [InlineData("""{"a": [{"b": 1}, 7]}""", false)]
    public void A_nested_field_is_missing_too_when_what_should_hold_it_is(string payload, bool holds) =>
        Delivers("""{"payload": {"a": {"b": [{"exists": false}]}}}""", payload).Should().Be(holds);

    [Theory]
    [InlineData("""{"a": 1, "a": 2}""", false)]
    [InlineData("""{"a": 2, "a": 1}""", true)]
    [InlineData("""{"a": 2, "\u0061": 1}""", true)]
    [InlineData("""{"a": 1, "a": {}}""", false)]
    public void Of_a_field_that_stands_twice_the_last_counts(string payload, bool holds) =>
        Delivers("""{"payload": {"a": [1]}}""", payload).Should().Be(holds);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("plain text")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("\"a\"")]
    [InlineData("[]")]
    [InlineData("[1, 2]")]
    [InlineData("{\"a\": 1")]
    [InlineData("{\"a\": 1} x")]
    [InlineData("{\"a\": 1,}")]
    [InlineData("{\"a\": 01}")]
    [InlineData("{'a': 1}")]
    [InlineData("{\"a\": 1 /* one */}")]
    [InlineData("{\"a\": NaN}")]
    [InlineData("\uFEFF{\"a\": 1}")]
    public void A_payload_without_readable_fields_has_none(string payload)
    {
        Delivers("""{"payload": {"a": [1, {"exists": true}, {"anything-but": "x"}]}}""", payload).Should().BeFalse();
        Delivers("""{"payload": {"a": [{"exists": false}]}}""", payload).Should().BeTrue();
        Delivers("""{"any": [{"payload": {"a": [1]}}, {"attributes": {"t": ["x"]}}]}""", payload, ("t", "x")).Should().BeTrue();
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_no_json()
    {
        byte[] payload = [.. "{\"a\": 1, \"b\": \""u8, 0xC3, .. "\"}"u8];

        MessageFilter.Parse("""{"payload": {"a": [1]}}""").Matches(Message(payload)).Should().BeFalse();
        MessageFilter.Parse("""{"payload": {"a": [{"exists": false}]}}""").Matches(Message(payload)).Should().BeTrue();
    }

    [Theory]
    [InlineData("""{"a": "\ud800"}""")]
    [InlineData("""{"a": "\udc00 x"}""")]
    [InlineData("""{"a": "\ud800\ud800"}""")]
    [InlineData("""{"a": "\ud800\n"}""")]
    [InlineData("""{"\ud800": 1, "a": "\ud83d"}""")]
    public void Half_of_a_surrogate_pair_is_there_and_equals_nothing(string payload)
    {
        Delivers("""{"payload": {"a": [{"exists": true}]}}""", payload).Should().BeTrue();
        Delivers("""{"payload": {"a": [{"anything-but": "\ufffd"}]}}""", payload).Should().BeTrue();
        Delivers("""{"payload": {"a": ["\ufffd", {"prefix": ""}, {"suffix": ""}, {"equals-ignore-case": "\ufffd"}]}}""", payload).Should().BeFalse();
    }

    [Fact]
    public void A_payload_as_deep_as_the_api_takes_it_is_read()
    {
        var most = Nested(FilterInput.MaxPayloadDepth - 1);

        Delivers("""{"payload": {"a": [1]}}""", $$$"""{"a": {{{most}}}}""").Should().BeTrue();
        Delivers("""{"payload": {"a": [1]}}""", $$$"""{"a": [{{{most}}}]}""").Should().BeFalse();
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(500_000)]
    public void A_depth_bomb_is_no_json(int depth) => Delivers("""{"payload": {"a": [1]}}""", $$$"""{"a": {{{Nested(depth)}}}}""").Should().BeFalse();

    [Fact]
    public void Attributes_are_asked_first_whatever_the_order()
    {
        // Whether the payload was parsed shows in what was allocated: a parsed document is an object.
        var filter = MessageFilter.Parse("""{"payload": {"a": [1]}, "attributes": {"type": ["x"]}}""");
        var message = Message(Encoding.UTF8.GetBytes("""{"a": 1}"""), ("type", "y"));
        filter.Matches(message);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var matches = filter.Matches(message);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        matches.Should().BeFalse();
    }

    [Fact]
    public void A_payload_is_parsed_once_whatever_the_number_of_conditions()
    {
        var payload = Encoding.UTF8.GetBytes($$$"""{"a": 1, "filling": "{{{new string('x', 1_000)}}}"}""");
        var one = MessageFilter.Parse("""{"payload": {"a": [1]}}""");
        var three = MessageFilter.Parse("""{"all": [{"payload": {"a": [1]}}, {"payload": {"a": [{"exists": true}]}}, {"payload": {"b": [{"exists": false}]}}]}""");

        AllocatedBy(three).Should().Be(AllocatedBy(one));

        long AllocatedBy(MessageFilter filter)
        {
            var message = Message(payload);
            filter.Matches(message).Should().BeTrue();
            var before = GC.GetAllocatedBytesForCurrentThread();
            filter.Matches(message);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static string Nested(int depth) => new string('[', depth) + "1" + new string(']', depth);
}
