using System.Diagnostics;
using System.Text;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Ingestion;
using Postoffice.Messages;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Api;

public sealed class MessagesApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_published_message_is_answered_whole()
    {
        var topic = await server.NewTopicAsync();

        var answer = await server.PostAsync("/api/messages",
            $$"""{"payload": { "a" : 1.10 }, "ordering_key":"k","attributes":{"b":"2","a":"1"},"topic":"{{topic}}","target":"http://evil.example"}""");

        answer.Status.Should().Be(201, answer.Body);
        answer.ContentType.Should().Be("application/json");
        answer.Header("Idempotency-Replayed").Should().BeNull();
        answer.Data.GetProperty("id").GetGuid().Version.Should().Be(7);
        answer.Data.GetProperty("topic").GetString().Should().Be(topic);
        answer.Data.GetProperty("position").GetInt64().Should().Be(1);
        answer.Data.GetProperty("payload").GetRawText().Should().Be("""{ "a" : 1.10 }""");
        answer.Data.GetProperty("attributes").GetRawText().Should().Be("""{"a":"1","b":"2"}""");
        answer.Data.GetProperty("ordering_key").GetString().Should().Be("k");
        answer.Data.GetProperty("content_type").GetString().Should().Be("application/json");
        answer.Data.GetProperty("received_at").GetDateTimeOffset().Offset.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_message_shows_where_it_stands_for_each_publisher()
    {
        var topic = await server.NewTopicAsync();
        await server.PostAsync("/api/publishers", $$"""{"active":false,"topic":"{{topic}}","type":"http","target":"https://receiver.example/hook"}""");
        var id = (await server.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{"a":1},"attributes":{"x":"y"} }""")).Data.GetProperty("id").GetGuid();
        await server.PostAsync("/api/publishers", $$"""{"active":false,"topic":"{{topic}}","type":"http","target":"https://receiver.example/late","from_now":true}""");

        var answer = await server.GetAsync($"/api/messages/{id}");

        answer.Status.Should().Be(200);
        answer.Data.GetProperty("state").GetString().Should().Be("in_log");
        answer.Data.GetProperty("topic").GetString().Should().Be(topic);
        answer.Data.GetProperty("payload").GetRawText().Should().Be("""{"a":1}""");
        var deliveries = answer.Data.GetProperty("deliveries").EnumerateArray().ToArray();
        deliveries.Select(delivery => delivery.GetProperty("state").GetString()).Should().Equal("waiting", "not_subscribed");
        deliveries[0].EnumerateObject().Select(member => member.Name).Should().BeEquivalentTo(
            "publisher_id", "target", "type", "state", "attempts", "settled_at", "due_at", "status_code", "duration_ms", "reason", "failed_attempts");
    }

    [Fact]
    public async Task A_payload_that_is_no_json_is_shown_in_base64()
    {
        var topic = await server.NewTopicAsync();
        var published = await server.Get<IPostoffice>().PublishAsync(
            topic, new NewMessage { Payload = new byte[] { 0xff, 0x00 }, ContentType = "application/octet-stream" }, TestContext.Current.CancellationToken);

        var answer = await server.GetAsync($"/api/messages/{published.Id}");

        answer.Data.TryGetProperty("payload", out _).Should().BeFalse();
        answer.Data.GetProperty("payload_base64").GetString().Should().Be("/wA=");
    }

    [Theory]
    [InlineData("999999999999")]
    [InlineData("not-an-id")]
    [InlineData("018f0000-0000-7000-8000-000000000000")]
    [InlineData("{018f0000-0000-7000-8000-000000000000}")]
    public async Task An_unknown_message_is_not_found(string id) => (await server.GetAsync("/api/messages/" + id)).ShouldBeProblem(404, "not-found");

    [Fact]
    public async Task A_trace_is_handed_on_under_the_callers()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        var topic = await server.NewTopicAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/messages")
        {
            Content = new StringContent($$"""{"topic":"{{topic}}","payload":{} }""", Encoding.UTF8, "application/json"),
            Headers = { { "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } },
        };

        var answer = await server.SendAsync(request);

        var message = await server.Get<IMessageLog>().FindAsync(answer.Data.GetProperty("id").GetGuid(), TestContext.Current.CancellationToken);
        message!.TraceParent.Should().StartWith("00-0af7651916cd43dd8448eb211c80319c-").And.NotContain("b7ad6b7169203331");
    }

    [Fact]
    public async Task A_repeat_answers_with_the_first_message()
    {
        var topic = await server.NewTopicAsync();
        var body = $$"""{"topic":"{{topic}}","payload":{"a":1} }""";

        var first = await server.PostAsync("/api/messages", body, "key-1");
        var second = await server.PostAsync("/api/messages", body, "key-1");

        second.Status.Should().Be(201);
        second.Data.GetRawText().Should().Be(first.Data.GetRawText());
        first.Header("Idempotency-Replayed").Should().BeNull();
        second.Header("Idempotency-Replayed").Should().Be("true");
        (await server.HeadAsync(topic)).Should().Be(1);
    }

    [Fact]
    public async Task A_key_that_was_used_for_something_else_is_a_conflict()
    {
        var topic = await server.NewTopicAsync();
        await server.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{"a":1} }""", "key-1");

        (await server.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{"a":2} }""", "key-1")).ShouldBeProblem(409, "idempotency-conflict");
        (await server.HeadAsync(topic)).Should().Be(1);
    }

    [Fact]
    public async Task Of_many_equal_requests_with_one_key_one_is_stored()
    {
        var topic = await server.NewTopicAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => server.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{} }""", "key-1")));

        answers.Should().OnlyContain(answer => answer.Status == 201);
        answers.Select(answer => answer.Data.GetProperty("id").GetGuid()).Distinct().Should().ContainSingle();
        (await server.HeadAsync(topic)).Should().Be(1);
    }

    [Fact]
    public async Task A_key_counts_within_its_topic()
    {
        foreach (var topic in new[] { await server.NewTopicAsync(), await server.NewTopicAsync() })
        {
            (await server.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{} }""", "key-1")).Header("Idempotency-Replayed").Should().BeNull();
        }
    }

    [Fact]
    public async Task Many_small_members_are_one_payload()
    {
        var topic = await server.NewTopicAsync();
        var payload = "{" + string.Join(",", Enumerable.Range(0, 50_000).Select(number => $"\"k{number}\":0")) + "}";

        (await server.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{{payload}}}""")).Status.Should().Be(201);
    }
}
