using Postoffice.Filters;
using static Postoffice.Core.Tests.Filters.FilterCase;

namespace Postoffice.Core.Tests.Filters;

public sealed class AttributeFilterTests
{
    [Theory]
    [InlineData("""["order.placed"]""", "order.placed", true)]
    [InlineData("""["order.placed"]""", "order.Placed", false)]
    [InlineData("""["a", "b"]""", "b", true)]
    [InlineData("""["a", "b"]""", "c", false)]
    [InlineData("""[""]""", "", true)]
    [InlineData("""[""]""", " ", false)]
    [InlineData("""["gr\u00fc\u00dfe"]""", "grüße", true)]
    [InlineData("""["\ud83d\ude00"]""", "😀", true)]
    // The same letter in two normalization forms: two texts.
    [InlineData("""["é"]""", "e\u0301", false)]
    [InlineData("""[{"prefix": "order."}]""", "order.placed", true)]
    [InlineData("""[{"prefix": "order."}]""", "border.placed", false)]
    [InlineData("""[{"prefix": ""}]""", "anything", true)]
    [InlineData("""[{"suffix": ".jpg"}]""", "a.jpg", true)]
    [InlineData("""[{"suffix": ".jpg"}]""", "a.jpg.png", false)]
    [InlineData("""[{"equals-ignore-case": "EUR"}]""", "eur", true)]
    [InlineData("""[{"equals-ignore-case": "EUR"}]""", "eu", false)]
    [InlineData("""[{"equals-ignore-case": "EUR"}]""", "euro", false)]
    [InlineData("""[{"equals-ignore-case": "Grüße 😀"}]""", "GRÜßE 😀", true)]
    [InlineData("""[{"equals-ignore-case": "straße"}]""", "STRASSE", false)]
    // Two bytes and three of the same letter.
    [InlineData("""[{"equals-ignore-case": "ɐ"}]""", "Ɐ", true)]
    [InlineData("""[{"equals-ignore-case": "𐐨"}]""", "𐐀", true)]
    [InlineData("""[{"anything-but": "a"}]""", "b", true)]
    [InlineData("""[{"anything-but": "a"}]""", "a", false)]
    [InlineData("""[{"anything-but": ["a", "b"]}]""", "b", false)]
    [InlineData("""[{"anything-but": ["a", 5]}]""", "5.0", false)]
    [InlineData("""[{"anything-but": ["a", 5]}]""", "c", true)]
    [InlineData("""[{"anything-but": {"prefix": "x-"}}]""", "x-1", false)]
    [InlineData("""[{"anything-but": {"prefix": "x-"}}]""", "y", true)]
    [InlineData("""[{"anything-but": {"suffix": ".png"}}]""", "a.png", false)]
    [InlineData("""[{"anything-but": {"equals-ignore-case": "eur"}}]""", "EUR", false)]
    [InlineData("""[{"exists": true}]""", "", true)]
    [InlineData("""[{"exists": false}]""", "", false)]
    [InlineData("""[{"exists": false}, "a"]""", "a", true)]
    public void An_attribute_holds_when_one_of_its_matchers_does(string matchers, string value, bool holds) =>
        Delivers($$$"""{"attributes": {"type": {{{matchers}}}}}""", "{}", ("type", value)).Should().Be(holds);

    [Theory]
    [InlineData("""["a"]""", false)]
    [InlineData("""[""]""", false)]
    [InlineData("""[{"prefix": ""}]""", false)]
    [InlineData("""[{"anything-but": "a"}]""", false)]
    [InlineData("""[{"numeric": ["=", 0]}]""", false)]
    [InlineData("""[{"exists": true}]""", false)]
    [InlineData("""[{"exists": false}]""", true)]
    [InlineData("""["a", {"exists": false}]""", true)]
    public void Of_a_missing_attribute_only_exists_false_holds(string matchers, bool holds)
    {
        Delivers($$$"""{"attributes": {"type": {{{matchers}}}}}""").Should().Be(holds);
        Delivers($$$"""{"attributes": {"type": {{{matchers}}}}}""", "{}", ("Type", "a")).Should().Be(holds, "names are compared byte for byte");
    }

    // An attribute is a text; where a number is asked for, it is also the number that its text spells.
    [Theory]
    [InlineData("""[5]""", "5", true)]
    [InlineData("""[5]""", "5.0", true)]
    [InlineData("""[5]""", "50e-1", true)]
    [InlineData("""[5]""", "6", false)]
    [InlineData("""["5"]""", "5", true)]
    [InlineData("""["5"]""", "5.0", false)]
    [InlineData("""[5]""", "05", false)]
    [InlineData("""[5]""", "+5", false)]
    [InlineData("""[5]""", " 5", false)]
    [InlineData("""[5]""", "5 ", false)]
    [InlineData("""[0]""", "-0", true)]
    [InlineData("""[{"numeric": [">", 0, "<=", 100]}]""", "100", true)]
    [InlineData("""[{"numeric": [">", 0, "<=", 100]}]""", "100.000000000000000000000000001", false)]
    [InlineData("""[{"numeric": [">", 0, "<=", 100]}]""", "0", false)]
    [InlineData("""[{"numeric": [">", 0]}]""", "1e400", true)]
    [InlineData("""[{"numeric": [">", 0]}]""", "NaN", false)]
    [InlineData("""[{"numeric": [">", 0]}]""", "Infinity", false)]
    [InlineData("""[{"numeric": [">", 0]}]""", "0x10", false)]
    [InlineData("""[{"numeric": [">", 0]}]""", "1,000", false)]
    [InlineData("""[{"numeric": [">", 0]}]""", "1.", false)]
    [InlineData("""[{"numeric": [">", 0]}]""", ".5", false)]
    [InlineData("""[{"numeric": [">", 0]}]""", "1e", false)]
    [InlineData("""[{"numeric": [">", 0]}]""", "٣", false)]
    [InlineData("""[{"numeric": [">", 0]}]""", "", false)]
    public void A_number_is_compared_with_the_number_that_an_attribute_spells(string matchers, string value, bool holds) =>
        Delivers($$$"""{"attributes": {"count": {{{matchers}}}}}""", "{}", ("count", value)).Should().Be(holds);

    [Fact]
    public void All_attributes_must_hold()
    {
        const string Filter = """{"attributes": {"type": ["a"], "region": ["eu"]}}""";

        Delivers(Filter, "{}", ("type", "a"), ("region", "eu")).Should().BeTrue();
        Delivers(Filter, "{}", ("type", "a"), ("region", "us")).Should().BeFalse();
        Delivers(Filter, "{}", ("type", "a")).Should().BeFalse();
    }

    [Theory]
    [InlineData("x", "eu", true)]
    [InlineData("a", "us", true)]
    [InlineData("a", "eu", true)]
    [InlineData("x", "us", false)]
    public void Of_any_one_must_hold(string type, string region, bool holds) =>
        Delivers("""{"any": [{"attributes": {"type": ["a"]}}, {"attributes": {"region": ["eu"]}}]}""", "{}", ("type", type), ("region", region)).Should().Be(holds);

    [Theory]
    [InlineData("a", "eu", true)]
    [InlineData("a", "us", false)]
    [InlineData("x", "eu", false)]
    public void Of_all_each_must_hold(string type, string region, bool holds) =>
        Delivers("""{"all": [{"attributes": {"type": ["a"]}}, {"attributes": {"region": ["eu"]}}]}""", "{}", ("type", type), ("region", region)).Should().Be(holds);

    [Fact]
    public void Members_of_one_condition_must_all_hold()
    {
        const string Filter = """{"attributes": {"type": ["a"]}, "any": [{"attributes": {"n": [1]}}, {"attributes": {"n": [2]}}], "payload": {"ok": [true]}}""";

        Delivers(Filter, """{"ok": true}""", ("type", "a"), ("n", "2")).Should().BeTrue();
        Delivers(Filter, """{"ok": true}""", ("type", "a"), ("n", "3")).Should().BeFalse();
        Delivers(Filter, """{"ok": true}""", ("type", "b"), ("n", "2")).Should().BeFalse();
        Delivers(Filter, """{"ok": false}""", ("type", "a"), ("n", "2")).Should().BeFalse();
    }

    [Fact]
    public void A_long_attribute_is_read_whole()
    {
        var value = new string('ü', 512);

        Delivers($$$"""{"attributes": {"a": [{"suffix": "üü"}]}}""", "{}", ("a", value)).Should().BeTrue();
        Delivers($$$"""{"attributes": {"a": ["{{{value}}}"]}}""", "{}", ("a", value)).Should().BeTrue();
        Delivers($$$"""{"attributes": {"a": ["{{{value}}}"]}}""", "{}", ("a", value + "x")).Should().BeFalse();
    }

    [Fact]
    public void A_filter_on_attributes_allocates_nothing()
    {
        var filter = MessageFilter.Parse(
            """{"attributes": {"type": [{"prefix": "order."}], "total": [{"numeric": [">", 10]}], "x": [{"exists": false}], "c": [{"equals-ignore-case": "eur"}]}}""");
        var message = Message([], ("type", "order.placed"), ("total", "11.5"), ("c", "EUR"));
        filter.Matches(message).Should().BeTrue();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var matches = 0;
        for (var turn = 0; turn < 1_000; turn++)
        {
            matches += filter.Matches(message) ? 1 : 0;
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        matches.Should().Be(1_000);
    }
}
