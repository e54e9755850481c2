using System.Text;
using Postoffice.Messages;
using Postoffice.Topics;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IMessageSearchStore"/> promises of attributes and payloads.</summary>
public abstract class SearchByContentContract : SearchSteps
{
    [Fact]
    public async Task Attributes_have_exactly_the_values_that_are_asked_for()
    {
        var topic = await AddTopicAsync();
        await AppendAsync(
            topic,
            With(("kind", "order"), ("region", "eu")), With(("kind", "order"), ("region", "us")), With(("kind", "Order")), With(("Kind", "order")), With(),
            With(("kind", "")), With(("kind", "1")), With(("kind", "order "), ("other", "order")), With(("kind", "or%er")));

        await ShouldFindAsync(topic, Attributes(("kind", "order")), 2, 1);
        await ShouldFindAsync(topic, Attributes(("kind", "order"), ("region", "us")), 2);
        await ShouldFindAsync(topic, Attributes(("kind", "Order"), ("region", "us")));
        await ShouldFindAsync(topic, Attributes(("Kind", "order")), 4);
        await ShouldFindAsync(topic, Attributes(("kind", "")), 6);
        await ShouldFindAsync(topic, Attributes(("kind", "1")), 7);
        await ShouldFindAsync(topic, Attributes(("kind", "or%er")), 9);
        await ShouldFindAsync(topic, Attributes(("other", "order")), 8);
        await ShouldFindAsync(topic, Attributes(("none", "order")));
    }

    [Theory]
    [InlineData("a.b[0]")]
    [InlineData("$")]
    [InlineData("\"")]
    [InlineData("'; --")]
    [InlineData("a\\b")]
    [InlineData("größe")]
    [InlineData("🎉")]
    [InlineData("<&>+")]
    [InlineData(" ")]
    public async Task Names_and_values_may_be_any_text(string text)
    {
        var topic = await AddTopicAsync();
        await AppendAsync(topic, With((text, "v")), With(("n", text)), With((text + "x", "v")), With(("n", text + "x")));

        await ShouldFindAsync(topic, Attributes((text, "v")), 1);
        await ShouldFindAsync(topic, Attributes(("n", text)), 2);
    }

    [Fact]
    public async Task A_text_is_found_byte_for_byte_wherever_it_stands()
    {
        var topic = await AddTopicAsync();
        await AppendAsync(
            topic,
            NewMessage("needle"), NewMessage("a needle in the hay"), NewMessage("Needle"), NewMessage("nee dle"), NewMessage(""),
            NewMessage(new string('x', 300_000) + "needle"), NewMessage("100%_é🎉"), NewMessage(new byte[] { 0xFF, (byte)'a', 0, (byte)'b', 0xFE }));

        await ShouldFindAsync(topic, Text("needle"), 6, 2, 1);
        await ShouldFindAsync(topic, Text("Needle"), 3);
        await ShouldFindAsync(topic, Text("needles"));
        await ShouldFindAsync(topic, Text("%_"), 7);
        await ShouldFindAsync(topic, Text("é🎉"), 7);
        await ShouldFindAsync(topic, Text("a\0b"), 8);
        await ShouldFindAsync(topic, Text("e"), 7 - 1, 4, 3, 2, 1);
    }

    [Fact]
    public async Task All_that_is_asked_for_must_hold()
    {
        var topic = await AddTopicAsync();
        var other = await AddTopicAsync("invoices");
        foreach (var each in new[] { topic, other })
        {
            await AppendAsync(each, With("one", ("a", "1")), With("two", ("a", "1")), With("one", ("a", "2")));
        }

        var both = Attributes(("a", "1")) with { Text = "one"u8.ToArray() };

        await ShouldFindAsync(topic, both, 1);
        Places(await WalkAsync(both)).Should().BeEquivalentTo([(topic.Id, 1L), (other.Id, 1L)]);
    }

    [Fact]
    public async Task Large_payloads_are_looked_through_in_smaller_steps()
    {
        var topic = await AddTopicAsync();
        for (var append = 0; append < 5; append++)
        {
            await AppendAsync(topic, [.. Enumerable.Range(0, 10).Select(_ => NewMessage(new byte[1024 * 1024]))]);
        }

        await AppendAsync(topic, NewMessage("small"));
        foreach (var query in new[] { All with { Text = "none"u8.ToArray() }, All with { TopicId = topic.Id, Text = "none"u8.ToArray() } })
        {
            (await WalkAsync(query)).Should().BeEmpty();
        }

        Positions(await WalkAsync(All with { Text = "\0\0"u8.ToArray() }, chunk: 60, limit: 59)).Should().Equal(Down(50));
    }

    private static NewMessage With(params (string Name, string Value)[] attributes) => With("{}", attributes);

    private static NewMessage With(string payload, params (string Name, string Value)[] attributes) =>
        new() { Payload = Encoding.UTF8.GetBytes(payload), Attributes = Set(attributes) };

    private static MessageAttributes Set((string Name, string Value)[] attributes) =>
        MessageAttributes.Create(attributes.Select(attribute => KeyValuePair.Create(attribute.Name, attribute.Value)));

    private static MessageQuery Attributes(params (string Name, string Value)[] attributes) => All with { Attributes = Set(attributes) };

    private static MessageQuery Text(string text) => All with { Text = Encoding.UTF8.GetBytes(text) };

    /// <summary>In the topic, across topics, and in small steps.</summary>
    private async Task ShouldFindAsync(Topic topic, MessageQuery query, params long[] positions)
    {
        Positions(await WalkAsync(query with { TopicId = topic.Id })).Should().Equal(positions);
        Positions(await WalkAsync(query with { TopicId = topic.Id }, chunk: 2, limit: 1)).Should().Equal(positions);
        (await WalkAsync(query)).Where(message => message.TopicId == topic.Id).Select(message => message.Position).Should().Equal(positions);
    }
}
