using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Postoffice.AspNetCore.Tests.Api;

/// <summary>One delivery outside the log.</summary>
public sealed class PublisherTestApiTests : IAsyncLifetime
{
    private readonly AnsweringTransport _transport = new();
    private readonly ApiServer _server;

    public PublisherTestApiTests() => _server = new ApiServer(null, services => services.AddSingleton<ITransport>(_transport));

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("accepted", """{"outcome":"accepted","status_code":200,"error":null,"answer":"thanks"}""")]
    [InlineData("rejected", """{"outcome":"rejected","status_code":404,"error":"404 Not Found: nobody here","answer":"nobody here"}""")]
    [InlineData("throttled", """{"outcome":"throttled","status_code":429,"error":"429","answer":null}""")]
    [InlineData("gone", """{"outcome":"gone","status_code":410,"error":"410 Gone","answer":null}""")]
    [InlineData("blocked", """{"outcome":"blocked","status_code":null,"error":"10.0.0.1 may not be called","answer":null}""")]
    [InlineData("invalid", """{"outcome":"invalid","status_code":null,"error":"attributes is invalid: too many","answer":null}""")]
    [InlineData("silent", """{"outcome":"unavailable","status_code":null,"error":"timeout after 1 s","answer":null}""")]
    [InlineData("throws", """{"outcome":"unavailable","status_code":null,"error":"The transport \"test\" failed: InvalidOperationException","answer":null}""")]
    [InlineData("unusable", """{"outcome":"unavailable","status_code":null,"error":"The transport \"test\" can't send for this publisher: InvalidOperationException","answer":null}""")]
    public async Task It_says_how_the_target_answered(string target, string expected)
    {
        var id = await NewPublisherAsync(target);

        var answer = await _server.PostAsync($"/api/publishers/{id}/test", "{}");

        answer.Status.Should().Be(200, answer.Body);
        var data = answer.Data;
        data.GetProperty("duration_ms").GetInt32().Should().BeGreaterThanOrEqualTo(0);
        data.GetProperty("message_id").GetGuid().Should().NotBeEmpty();
        var rest = JsonNode.Parse(data.GetRawText())!.AsObject();
        rest.Remove("duration_ms");
        rest.Remove("message_id");
        JsonNode.DeepEquals(rest, JsonNode.Parse(expected)).Should().BeTrue("the answer was {0}", answer.Body);
        _transport.Senders.Should().Be(0, "the sender is the test's own");
    }

    [Fact]
    public async Task Nothing_of_it_is_written_and_a_paused_publisher_is_tested_too()
    {
        var id = await NewPublisherAsync("gone");

        await _server.PostAsync($"/api/publishers/{id}/test", "{}");

        var publisher = (await _server.GetAsync($"/api/publishers/{id}")).Data;
        publisher.GetProperty("head").GetInt64().Should().Be(0);
        publisher.GetProperty("active").GetBoolean().Should().BeFalse();
        publisher.GetProperty("paused_reason").GetString().Should().NotBe("gone");
        publisher.GetProperty("parked").GetInt64().Should().Be(0);
    }

    [Fact]
    public async Task Without_a_body_it_sends_its_own()
    {
        var id = await NewPublisherAsync("accepted");

        var answer = await _server.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/api/publishers/{id}/test"));

        answer.Status.Should().Be(200, answer.Body);
        var (publisher, delivery) = _transport.Sent.Should().ContainSingle().Subject;
        publisher.Id.Should().Be(id);
        Encoding.UTF8.GetString(delivery.Message.Payload.Span).Should().Be("""{"postoffice":"test"}""");
        delivery.Attempt.Should().Be(1);
        delivery.Message.Id.Should().Be(answer.Data.GetProperty("message_id").GetGuid());
    }

    [Fact]
    public async Task Payload_and_attributes_are_sent_as_they_are()
    {
        var id = await NewPublisherAsync("accepted");

        await _server.PostAsync($"/api/publishers/{id}/test", """{"payload": {"n":  1.50}, "attributes": {"country": "es"}}""");

        var message = _transport.Sent.Should().ContainSingle().Subject.Delivery.Message;
        Encoding.UTF8.GetString(message.Payload.Span).Should().Be("""{"n":  1.50}""");
        message.Attributes.Should().BeEquivalentTo([KeyValuePair.Create("country", "es")]);
    }

    [Theory]
    [InlineData("""{"payload":[1]}""", "payload")]
    [InlineData("""{"payload":"text"}""", "payload")]
    [InlineData("""{"attributes":{"a":1}}""", "attributes")]
    [InlineData("""{"attributes":[]}""", "attributes")]
    [InlineData("""{"target":"test://elsewhere"}""", "target")]
    public async Task What_is_wrong_is_named(string body, string field)
    {
        var id = await NewPublisherAsync("accepted");

        var answer = await _server.PostAsync($"/api/publishers/{id}/test", body);

        answer.ShouldBeProblem(400, "validation");
        answer.Json.GetProperty("errors").TryGetProperty(field, out _).Should().BeTrue(answer.Body);
        _transport.Sent.Should().BeEmpty();
    }

    [Fact]
    public async Task A_body_that_is_no_json_is_refused()
    {
        var id = await NewPublisherAsync("accepted");

        (await _server.PostAsync($"/api/publishers/{id}/test", "{")).ShouldBeProblem(400, "invalid-json");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("nope")]
    public async Task An_unknown_publisher_is_not_found(string id) =>
        (await _server.PostAsync($"/api/publishers/{id}/test", "{}")).ShouldBeProblem(404, "not-found");

    [Fact]
    public async Task A_type_that_this_node_has_no_transport_for_is_explained()
    {
        var topic = await _server.NewTopicAsync();
        var stored = await _server.Get<IPublisherStore>().TryAddAsync(
            new NewPublisher(topic, "pigeon", "coop", Active: false, FromNow: false, new PublisherSettings()), TestContext.Current.CancellationToken);

        var answer = await _server.PostAsync($"/api/publishers/{stored.Publisher!.Id}/test", "{}");

        answer.ShouldBeProblem(409, "no-transport");
        answer.Body.Should().Contain("pigeon");
    }

    /// <summary>Paused, so that only the test sends.</summary>
    private async Task<long> NewPublisherAsync(string target)
    {
        var topic = await _server.NewTopicAsync();
        var answer = await _server.PostAsync(
            "/api/publishers", $$"""{"active":false,"topic":"{{topic}}","type":"test","target":"test://{{target}}","seconds_timeout":1}""");
        answer.Status.Should().Be(201, answer.Body);
        return answer.Data.GetProperty("id").GetInt64();
    }
}
