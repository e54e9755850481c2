using System.Text.Json;
using Postoffice.AspNetCore.Tests.Server;

namespace Postoffice.AspNetCore.Tests.Api;

/// <summary>What a publisher that sends to Pub/Sub asks of the messages of its topic.</summary>
public sealed class PubSubPublishersTests : IAsyncLifetime
{
    private readonly ApiServer _server = new(null, PubSub.Install);

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_topics_id_is_known_by_its_full_name()
    {
        var topic = await _server.NewTopicAsync();

        var created = await CreateAsync(topic, "orders", ""","chunk_size":1000""");
        created.Status.Should().Be(201, created.Body);
        created.Data.GetProperty("target").GetString().Should().Be("projects/a-project/topics/orders");
        created.Data.GetProperty("chunk_size").GetInt32().Should().Be(1000);

        (await CreateAsync(topic, "projects/a-project/topics/orders")).ShouldBeProblem(409, "already-exists");
        (await CreateAsync(topic, "projects/another/topics/orders")).Status.Should().Be(201);
    }

    [Fact]
    public async Task Attributes_that_it_could_not_pass_on_are_refused_wherever_messages_are_taken()
    {
        var topic = await _server.NewTopicAsync();
        var id = (await CreateAsync(topic, "orders")).Data.GetProperty("id").GetInt64();
        var attributes = Attributes(100);

        Answer[] answers =
        [
            await _server.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{},"attributes":{{attributes}}}"""),
            await _server.PostAsync("/api/bulk_messages", $$"""{"topic":"{{topic}}","payload":[{}],"attributes":{{attributes}}}"""),
            await _server.PostAsync("/api/schedule_messages", $$"""{"topic":"{{topic}}","payload":{},"schedule_at":"2100-01-01T00:00:00Z","attributes":{{attributes}}}"""),
        ];

        foreach (var answer in answers)
        {
            answer.ShouldBeProblem(400, "validation");
            answer.ShouldHaveError("attributes", "is invalid: 100 attributes; at most 99 are allowed by Google Cloud Pub/Sub, as the message's id is one too "
                + $"(the topic's pubsub publisher {id} asks for that)");
        }

        (await _server.HeadAsync(topic)).Should().Be(0);
    }

    [Theory]
    [InlineData("""{"googclient_id":"1"}""", "begins with \"goog\"")]
    [InlineData("""{"a":"1","googles":"1"}""", "begins with \"goog\"")]
    public async Task A_name_that_Google_keeps_for_itself_is_refused(string attributes, string error)
    {
        var topic = await _server.NewTopicAsync();
        await CreateAsync(topic, "orders");

        var answer = await PublishAsync(topic, attributes);

        answer.ShouldBeProblem(400, "validation");
        answer.Json.GetProperty("errors").GetProperty("attributes").EnumerateArray().Select(message => message.GetString()).Should().Contain(message => message!.Contains(error));
    }

    [Fact]
    public async Task What_it_can_pass_on_is_taken_to_the_last_attribute_and_byte()
    {
        var topic = await _server.NewTopicAsync();
        await CreateAsync(topic, "orders");

        (await PublishAsync(topic, Attributes(99))).Status.Should().Be(201);
        (await PublishAsync(topic, JsonSerializer.Serialize(new Dictionary<string, string> { [new string('n', 256)] = new('v', 1_024) }))).Status.Should().Be(201);
    }

    [Fact]
    public async Task A_topic_without_such_a_publisher_takes_what_Postoffice_takes()
    {
        var topic = await _server.NewTopicAsync();
        (await PublishAsync(topic, Attributes(100))).Status.Should().Be(201);

        var id = (await CreateAsync(topic, "orders")).Data.GetProperty("id").GetInt64();
        (await PublishAsync(topic, Attributes(100))).Status.Should().Be(400);

        (await _server.DeleteAsync($"/api/publishers/{id}")).Status.Should().Be(204);
        (await PublishAsync(topic, Attributes(100))).Status.Should().Be(201);
    }

    [Fact]
    public async Task A_message_that_is_in_doubt_while_the_store_is_down_may_be_tried_again()
    {
        var topic = await _server.NewTopicAsync();
        await CreateAsync(topic, "orders");
        (await PublishAsync(topic, "{}")).Status.Should().Be(201);

        _server.Storage.State = StorageState.Down;
        var answer = await PublishAsync(topic, Attributes(100));

        answer.ShouldBeProblem(503, "storage-unavailable");
        answer.Header("Retry-After").Should().NotBeNull();
    }

    [Fact]
    public async Task A_test_delivery_of_what_breaks_a_limit_says_so_and_sends_nothing()
    {
        var id = (await CreateAsync(await _server.NewTopicAsync(), "orders")).Data.GetProperty("id").GetInt64();

        var answer = await _server.PostAsync($"/api/publishers/{id}/test", """{"attributes":{"goog":"1"}}""");

        answer.Status.Should().Be(200, answer.Body);
        answer.Data.GetProperty("outcome").GetString().Should().Be("invalid");
        answer.Data.GetProperty("status_code").ValueKind.Should().Be(JsonValueKind.Null);
        answer.Data.GetProperty("error").GetString().Should().StartWith("attributes is invalid: the name \"goog\"");
    }

    private static string Attributes(int count) => JsonSerializer.Serialize(Enumerable.Range(0, count).ToDictionary(number => $"a{number}", _ => "v"));

    private Task<Answer> PublishAsync(string topic, string attributes) =>
        _server.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{},"attributes":{{attributes}}}""");

    /// <summary>Paused: nothing is to be sent, and it asks the same.</summary>
    private Task<Answer> CreateAsync(string topic, string target, string more = "") =>
        _server.PostAsync("/api/publishers", $$"""{"active":false,"topic":"{{topic}}","type":"pubsub","target":"{{target}}"{{more}}}""");
}
