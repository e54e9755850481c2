using System.Text;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Messages;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Api;

public sealed class BulkMessagesApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Messages_stand_side_by_side_in_the_order_of_the_request()
    {
        var topic = await server.NewTopicAsync();

        var answer = await PublishAsync(topic, """[ {"a" : 1} ,{"a":2},{}]""");

        answer.Status.Should().Be(201, answer.Body);
        var log = server.Get<IMessageLog>();
        var messages = new List<Message>();
        foreach (var id in Ids(answer))
        {
            messages.Add((await log.FindAsync(id, TestContext.Current.CancellationToken))!);
        }

        messages.Select(message => message.Position).Should().Equal(1, 2, 3);
        messages.Select(message => Encoding.UTF8.GetString(message.Payload.Span)).Should().Equal("""{"a" : 1}""", """{"a":2}""", "{}");
        messages.Should().OnlyContain(message => message.Attributes["x"] == "y");
    }

    [Fact]
    public async Task Three_thousand_are_taken_and_one_more_is_refused()
    {
        var topic = await server.NewTopicAsync();

        var refused = await PublishAsync(topic, List(MessageRules.MaxBulkMessages + 1));
        refused.ShouldBeProblem(400, "validation");
        refused.ShouldHaveError("payload", "is invalid");
        (await server.HeadAsync(topic)).Should().Be(0);

        Ids(await PublishAsync(topic, List(MessageRules.MaxBulkMessages))).Should().HaveCount(MessageRules.MaxBulkMessages).And.OnlyHaveUniqueItems();
        (await server.HeadAsync(topic)).Should().Be(MessageRules.MaxBulkMessages);
    }

    [Fact]
    public async Task One_wrong_element_and_nothing_is_stored()
    {
        var topic = await server.NewTopicAsync();

        var answer = await PublishAsync(topic, """[{"a":1},{"a":2},null]""");

        answer.ShouldBeProblem(400, "validation");
        answer.ShouldHaveError("payload", "is invalid");
        answer.Json.GetProperty("detail").GetString().Should().Contain("element 2");
        (await server.HeadAsync(topic)).Should().Be(0);
    }

    [Fact]
    public async Task One_payload_that_is_too_large_and_nothing_is_stored()
    {
        var topic = await server.NewTopicAsync();

        (await PublishAsync(topic, $$"""[{},{"a":"{{new string('x', MessageRules.MaxPayloadBytes)}}"}]""")).ShouldBeProblem(413, "payload-too-large");
        (await server.HeadAsync(topic)).Should().Be(0);
    }

    [Fact]
    public async Task An_empty_list_stores_nothing() => (await PublishAsync(await server.NewTopicAsync(), "[]")).Body.Should().Be("""{"result":[]}""");

    [Fact]
    public async Task A_key_stands_for_the_whole_request()
    {
        var topic = await server.NewTopicAsync();

        var first = await PublishAsync(topic, """[{"a":1},{"a":2}]""", "key-1");
        var second = await PublishAsync(topic, """[{"a":1},{"a":2}]""", "key-1");
        var other = await PublishAsync(topic, """[{"a":1},{"a":3}]""", "key-1");

        second.Status.Should().Be(201);
        second.Body.Should().Be(first.Body);
        second.Header("Idempotency-Replayed").Should().Be("true");
        other.ShouldBeProblem(409, "idempotency-conflict");
        (await server.HeadAsync(topic)).Should().Be(2);
    }

    [Fact]
    public async Task A_body_of_thirty_mebibytes_is_taken()
    {
        var topic = await server.NewTopicAsync();
        var element = $$"""{"a":"{{new string('x', 1_000_000)}}"}""";

        Ids(await PublishAsync(topic, $"[{string.Join(",", Enumerable.Repeat(element, 31))}]")).Should().HaveCount(31);
    }

    private static string List(int count) => $"[{string.Join(",", Enumerable.Range(0, count).Select(number => $"{{\"n\":{number}}}"))}]";

    private static IEnumerable<Guid> Ids(Answer answer) => answer.Json.GetProperty("result").EnumerateArray().Select(id => id.GetGuid());

    private Task<Answer> PublishAsync(string topic, string payload, string? key = null) =>
        server.PostAsync("/api/bulk_messages", $$"""{"topic":"{{topic}}","payload":{{payload}},"attributes":{"x":"y"} }""", key);
}
