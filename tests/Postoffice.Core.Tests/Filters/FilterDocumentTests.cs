using System.Text;
using Postoffice.Filters;
using Postoffice.Publishers;
using static Postoffice.Core.Tests.Filters.FilterCase;

namespace Postoffice.Core.Tests.Filters;

public sealed class FilterDocumentTests
{
    [Theory]
    [InlineData("", "no JSON at line 1, byte 1; give a JSON object")]
    [InlineData("{\"any\": [}", "no JSON at line 1, byte 10; give a JSON object")]
    [InlineData("{\n\"any\": 1,}", "no JSON at line 2, byte 10; give a JSON object")]
    [InlineData("{} {}", "no JSON at line 1, byte 4; give a JSON object")]
    [InlineData("null", "filter is null; give an object with attributes, payload, any or all")]
    [InlineData("[]", "filter is a list; give an object with attributes, payload, any or all")]
    [InlineData("{}", "filter has no condition; give attributes, payload, any or all")]
    [InlineData("""{"a": "b"}""", "filter.a is not known; a condition has attributes, payload, any or all")]
    [InlineData("""{"$or": []}""", "filter[\"$or\"] is not known; a condition has attributes, payload, any or all")]
    [InlineData("""{"attributes": []}""", "filter.attributes is a list; give an object of attribute names and lists of matchers")]
    [InlineData("""{"attributes": {}}""", "filter.attributes names no attribute; give at least one")]
    [InlineData("""{"attributes": {"type": "a"}}""", "filter.attributes.type is a text; give a list of matchers, such as [\"a\"]")]
    [InlineData("""{"attributes": {"type": {"prefix": "a"}}}""", "filter.attributes.type is an object; give a list of matchers, such as [\"a\"]")]
    [InlineData("""{"attributes": {"type": []}}""", "filter.attributes.type is empty; give a list of matchers, such as [\"a\"]")]
    [InlineData("""{"attributes": {"a b": ["x", true]}}""", "filter.attributes[\"a b\"][1] is true, and attributes are texts; give \"true\"")]
    [InlineData("""{"attributes": {"a": [null]}}""",
        "filter.attributes.a[0] is null, and attributes are texts; give {\"exists\": false} for an attribute that is not there")]
    [InlineData("""{"attributes": {"a": [{"anything-but": ["x", false]}]}}""",
        "filter.attributes.a[0].anything-but[1] is false, and attributes are texts; give \"false\"")]
    [InlineData("""{"attributes": {"a": ["1"], "\u0061": ["2"]}}""", "filter.attributes.a stands twice; give it once")]
    [InlineData("""{"attributes": {"a": ["1"]}, "attributes": {"b": ["2"]}}""", "filter.attributes stands twice; give it once")]
    [InlineData("""{"payload": {"a": {"b": [1], "b": [2]}}}""", "filter.payload.a.b stands twice; give it once")]
    [InlineData("""{"payload": {"a": [{"prefix": "x", "prefix": "y"}]}}""", "filter.payload.a[0].prefix stands twice; give it once")]
    [InlineData("""{"payload": [1]}""", "filter.payload is a list; give an object of the payload's fields")]
    [InlineData("""{"payload": {}}""", "filter.payload names no field; give at least one")]
    [InlineData("""{"payload": {"order": {}}}""", "filter.payload.order names no field; give at least one")]
    [InlineData("""{"payload": {"order": {"total": 5}}}""",
        "filter.payload.order.total is a number; give a list of matchers, such as [5], or an object of fields")]
    [InlineData("""{"payload": {"order": {"total": [[5]]}}}""",
        "filter.payload.order.total[0] is a list; give a text, a number, true, false, null or an object with " + Operators)]
    [InlineData("""{"payload": {"a": [{}]}}""", "filter.payload.a[0] has no operator; give " + Operators)]
    [InlineData("""{"payload": {"a": [{"wildcard": "a*"}]}}""", "filter.payload.a[0].wildcard is not known; the operators are " + Operators)]
    [InlineData("""{"payload": {"a": [{"Prefix": "a"}]}}""", "filter.payload.a[0].Prefix is not known; the operators are " + Operators)]
    [InlineData("""{"payload": {"a": [{"prefix": "a", "suffix": "b"}]}}""",
        "filter.payload.a[0] has more than one operator; give one here and the others as matchers of their own, or in a condition under all")]
    [InlineData("""{"payload": {"a": [{"prefix": 1}]}}""", "filter.payload.a[0].prefix is a number; give a text")]
    [InlineData("""{"payload": {"a": [{"suffix": ["x"]}]}}""", "filter.payload.a[0].suffix is a list; give a text")]
    [InlineData("""{"payload": {"a": [{"equals-ignore-case": null}]}}""", "filter.payload.a[0].equals-ignore-case is null; give a text")]
    [InlineData("""{"payload": {"a": [{"exists": "true"}]}}""", "filter.payload.a[0].exists is a text; give true or false")]
    [InlineData("""{"payload": {"a": [{"anything-but": []}]}}""", "filter.payload.a[0].anything-but is empty; give a list of values")]
    [InlineData("""{"payload": {"a": [{"anything-but": [[1]]}]}}""",
        "filter.payload.a[0].anything-but[0] is a list; give a text, a number, true, false or null")]
    [InlineData("""{"payload": {"a": [{"anything-but": {}}]}}""", "filter.payload.a[0].anything-but has no operator; give " + Operators)]
    [InlineData("""{"payload": {"a": [{"anything-but": {"numeric": ["=", 1]}}]}}""",
        "filter.payload.a[0].anything-but has \"numeric\"; it takes values, prefix, suffix or equals-ignore-case")]
    [InlineData("""{"payload": {"a": [{"anything-but": {"prefix": 1}}]}}""", "filter.payload.a[0].anything-but.prefix is a number; give a text")]
    [InlineData("""{"payload": {"a": [{"numeric": 5}]}}""", "filter.payload.a[0].numeric is a number; give " + Numeric)]
    [InlineData("""{"payload": {"a": [{"numeric": []}]}}""", "filter.payload.a[0].numeric is no pair of a comparison and a number; give " + Numeric)]
    [InlineData("""{"payload": {"a": [{"numeric": [">", 1, "<"]}]}}""", "filter.payload.a[0].numeric is no pair of a comparison and a number; give " + Numeric)]
    [InlineData("""{"payload": {"a": [{"numeric": [1, ">"]}]}}""", "filter.payload.a[0].numeric has a number and a text for a comparison and a number; give " + Numeric)]
    [InlineData("""{"payload": {"a": [{"numeric": ["!=", 1]}]}}""", "filter.payload.a[0].numeric has \"!=\", which is no comparison; give " + Numeric)]
    [InlineData("""{"payload": {"a": [{"numeric": [">", 1, ">=", 2]}]}}""", "filter.payload.a[0].numeric has a second bound of the same side, \">=\"; give " + Numeric)]
    [InlineData("""{"payload": {"a": [{"numeric": ["=", 1, "<", 2]}]}}""", "filter.payload.a[0].numeric has a second bound of the same side, \"<\"; give " + Numeric)]
    [InlineData("""{"payload": {"a": [{"numeric": [">", 2, "<", 1]}]}}""", "filter.payload.a[0].numeric holds for no number; give " + Numeric)]
    [InlineData("""{"payload": {"a": [{"numeric": [">", 1, "<=", 1.0]}]}}""", "filter.payload.a[0].numeric holds for no number; give " + Numeric)]
    [InlineData("""{"any": {}}""", "filter.any is an object; give a list of conditions, such as [{\"attributes\": …}]")]
    [InlineData("""{"all": []}""", "filter.all is empty; give a list of conditions, such as [{\"attributes\": …}]")]
    [InlineData("""{"any": [{"attributes": {"a": ["x"]}}, {}]}""", "filter.any[1] has no condition; give attributes, payload, any or all")]
    [InlineData("""{"any": ["x"]}""", "filter.any[0] is a text; give an object with attributes, payload, any or all")]
    [InlineData("""{"all": [{"any": [{"payload": {"a": {"b": [{"prefix": 1}]}}}]}]}""", "filter.all[0].any[0].payload.a.b[0].prefix is a number; give a text")]
    [InlineData("""{"attributes": {"a": ["\ud800"]}}""", "the text at byte 23 has half of a surrogate pair; give the whole character")]
    public void A_document_that_is_no_filter_is_told_what_is_wrong_where_and_what_to_do(string document, string error) =>
        Refusal(document).Should().Be("is invalid: " + error);

    private const string Operators = "prefix, suffix, equals-ignore-case, anything-but, exists or numeric";
    private const string Numeric = "[\"=\", 5], a bound such as [\">\", 0], or two such as [\">\", 0, \"<=\", 100]";

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused()
    {
        MessageFilter.TryParse([.. "{\"attributes\": {\"a\": [\""u8, 0xFF, .. "\"]}}"u8], out _, out var error).Should().BeFalse();

        error.Should().Be("is invalid: the bytes are no UTF-8; give a JSON object in UTF-8");
    }

    [Fact]
    public void So_many_bytes_and_no_more()
    {
        const string Filter = """{"attributes": {"a": ["x"]}}""";

        MessageFilter.Parse(Filter.PadRight(FilterDocument.MaxBytes));
        Refusal(Filter.PadRight(FilterDocument.MaxBytes + 1)).Should().Be("is invalid: 16385 bytes; at most 16384 are allowed");
    }

    [Fact]
    public void So_deep_and_no_deeper()
    {
        // Two levels are the outermost object and the list of matchers, one is "payload".
        MessageFilter.Parse(Deep(FilterPath.MaxDepth - 2));
        Refusal(Deep(FilterPath.MaxDepth - 1)).Should().MatchRegex(@"^is invalid: filter\.payload(\.a){15} is deeper than 16 levels; make it flatter$");
        Refusal(Deep(2_000)).Should().Contain("is deeper than 16 levels");
        Refusal(new string('[', 8_000) + new string(']', 8_000)).Should().Contain("filter is a list");

        static string Deep(int levels) =>
            "{\"payload\":" + string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "[1]" + new string('}', levels) + "}";
    }

    [Fact]
    public void So_many_matchers_and_no_more()
    {
        MessageFilter.Parse(Many(100, 100));
        Refusal(Many(100, 101)).Should().Be(
            "is invalid: filter.payload.b[0].anything-but[100] is one matcher too many; at most 200 are allowed in a filter, values of anything-but included");
        Refusal(Many(201, 1)).Should().StartWith("is invalid: filter.payload.a[200] is one matcher too many");

        static string Many(int exact, int excluded) =>
            $$$"""{"payload": {"a": [{{{Numbers(exact)}}}], "b": [{"anything-but": [{{{Numbers(excluded)}}}]}]}}""";

        static string Numbers(int count) => string.Join(", ", Enumerable.Range(1, count));
    }

    [Fact]
    public void A_long_name_is_shortened_in_an_error() =>
        Refusal($$$"""{"attributes": {"{{{new string('n', 300)}}}": 1}}""").Should().StartWith($"is invalid: filter.attributes[\"{new string('n', 40)}…\"] is a number");

    [Fact]
    public void A_text_can_be_parsed_too()
    {
        var parse = () => MessageFilter.Parse("{}");

        parse.Should().Throw<FormatException>().WithMessage("The filter is invalid: filter has no condition; give attributes, payload, any or all.");
    }

    // A store that reads JSON (PostgreSQL's jsonb) would write 1e400 with 401 digits, drop the spaces and refuse \u0000.
    [Fact]
    public void A_filter_comes_back_from_stored_settings_as_it_was_given()
    {
        const string Filter = """{ "attributes" : {"a":[ "\u0000", 1e400 ]} }""";
        var stored = new PublisherSettings { Filter = MessageFilter.Parse(Filter) }.ToJson();

        stored.Should().NotContain("\\u0000\"").And.Contain("\"filter\":\"{");
        PublisherSettings.FromJson(stored).Filter!.Json.Should().Be(Filter);
    }

    [Fact]
    public void Stored_settings_may_hold_a_filter_as_an_object()
    {
        var settings = PublisherSettings.FromJson("""{"filter": {"attributes": {"type": ["a"]}}}""");

        settings.Fault.Should().BeNull();
        settings.Filter!.Matches(Message([], ("type", "a"))).Should().BeTrue();
        settings.Filter!.Matches(Message([], ("type", "b"))).Should().BeFalse();
    }

    [Theory]
    [InlineData("""{"filter": {"attributes": {"type": "a"}}}""")]
    [InlineData("""{"filter": "{\"attributes\": {\"type\": \"a\"}}"}""")]
    public void Stored_settings_with_a_filter_that_is_none_have_a_fault(string stored) =>
        PublisherSettings.FromJson(stored).Fault.Should().Contain("The filter is invalid: filter.attributes.type is a text");

    [Fact]
    public void A_publisher_without_a_filter_stores_none()
    {
        var stored = new PublisherSettings().ToJson();

        stored.Should().NotContain("filter");
        PublisherSettings.FromJson(stored).Filter.Should().BeNull();
    }

    [Fact]
    public void A_filter_shows_itself_as_the_object_that_it_is()
    {
        using var buffer = new MemoryStream();
        using (var writer = new System.Text.Json.Utf8JsonWriter(buffer))
        {
            new MessageFilterJson().Write(writer, MessageFilter.Parse("""{"attributes":{"a":["x"]}}"""), System.Text.Json.JsonSerializerOptions.Default);
        }

        Encoding.UTF8.GetString(buffer.ToArray()).Should().Be("""{"attributes":{"a":["x"]}}""");
    }
}
