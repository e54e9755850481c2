using System.Text.Json;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Api;

public sealed class MessageSearchApiTests(StillServer server) : IClassFixture<StillServer>
{
    [Fact]
    public async Task A_found_message_is_shown_with_its_beginning_and_where_it_stands()
    {
        var publisher = await server.NewPublisherAsync();
        var id = await PublishAsync(publisher.Topic, """{ "a" : 1.10, "é" : "x" }""", """{"B_b":"ü","a":"1"}""", key: "k");
        await server.SettleAsync(publisher, cursor: 1, parked: [new ParkEntry(1, 1, TimeSpan.FromHours(1), "unavailable (503)")]);

        var answer = await server.Api.GetAsync($"/api/messages?topic={publisher.Topic}");

        answer.Status.Should().Be(200, answer.Body);
        var receivedAt = answer.Data[0].GetProperty("received_at").GetString();
        JsonElement.DeepEquals(answer.Json, JsonDocument.Parse($$"""
            {"data":[{"id":"{{id}}","topic":"{{publisher.Topic}}","position":1,"received_at":"{{receivedAt}}","ordering_key":"k","content_type":"application/json",
             "attributes":{"B_b":"ü","a":"1"},"size":26,"excerpt":"{ \"a\" : 1.10, \"é\" : \"x\" }",
             "deliveries":{"waiting":0,"parked":1,"dead_lettered":0,"settled":0} }],"next":null,"searched_to":null,"scanned":1}
            """).RootElement).Should().BeTrue("the answer was {0}", answer.Body);
        receivedAt.Should().EndWith("Z");
    }

    [Fact]
    public async Task Pages_follow_one_another_to_the_end()
    {
        var topic = await server.Api.NewTopicAsync();
        for (var count = 0; count < 5; count++)
        {
            await server.PublishAsync(topic);
        }

        var positions = new List<long>();
        string? next = null;
        do
        {
            var page = (await server.Api.GetAsync($"/api/messages?topic={topic}&limit=2" + (next is null ? "" : $"&after={next}"))).Json;
            positions.AddRange(Positions(page));
            next = page.GetProperty("next").GetString();
            page.GetProperty("searched_to").ValueKind.Should().Be(next is null ? JsonValueKind.Null : JsonValueKind.String);
        }
        while (next is not null);

        positions.Should().Equal(5, 4, 3, 2, 1);
    }

    [Fact]
    public async Task A_place_of_one_topic_goes_on_across_topics_but_not_in_another()
    {
        var (topic, other) = (await server.Api.NewTopicAsync(), await server.Api.NewTopicAsync());
        await server.PublishAsync(other);
        await server.PublishAsync(topic);
        await server.PublishAsync(topic);
        var next = (await server.Api.GetAsync($"/api/messages?topic={topic}&limit=1")).Json.GetProperty("next").GetString();

        var across = (await server.Api.GetAsync($"/api/messages?limit=1&after={next}")).Json;
        var elsewhere = await server.Api.GetAsync($"/api/messages?topic={other}&after={next}");

        across.GetProperty("data")[0].GetProperty("topic").GetString().Should().Be(topic);
        across.GetProperty("data")[0].GetProperty("position").GetInt64().Should().Be(1);
        elsewhere.ShouldBeProblem(400, "validation");
        elsewhere.ShouldHaveError("after", "is invalid");
    }

    [Fact]
    public async Task It_is_narrowed_by_attributes_text_and_time()
    {
        var topic = await server.Api.NewTopicAsync();
        await PublishAsync(topic, """{"n":"a+b"}""", """{"kind":"order","a b&c":"1=1"}""");
        await PublishAsync(topic, """{"n":"ä"}""", """{"kind":"order","Kind":"x"}""");
        await PublishAsync(topic, """{"n":"c"}""", """{"kind":"invoice"}""");

        (await FindAsync($"topic={topic}&attribute.kind=order")).Should().Equal(2, 1);
        (await FindAsync($"topic={topic}&attribute.kind=order&attribute.Kind=x")).Should().Equal(2);
        (await FindAsync($"topic={topic}&attribute.a+b%26c=1%3D1")).Should().Equal(1);
        (await FindAsync($"topic={topic}&attribute.kind=Order")).Should().BeEmpty();
        (await FindAsync($"topic={topic}&text=a%2Bb")).Should().Equal(1);
        (await FindAsync($"topic={topic}&text=%C3%A4")).Should().Equal(2);
        (await FindAsync($"topic={topic}&text=%22n%22&attribute.kind=invoice")).Should().Equal(3);
        (await FindAsync($"topic={topic}&from=2100-01-01T00:00:00Z")).Should().BeEmpty();
        (await FindAsync($"topic={topic}&from=1970-01-01T00:00:00Z&to=2100-01-01T00:00:00%2B02:00")).Should().Equal(3, 2, 1);
        (await FindAsync("from=2100-01-01T00:00:00Z")).Should().BeEmpty();
    }

    [Fact]
    public async Task It_is_narrowed_by_state_and_publisher()
    {
        var one = await WithMessagesAsync(7);
        var other = await server.NewPublisherAsync(one.Topic);
        await server.SettleAsync(one, cursor: 5,
            parked: [new ParkEntry(1, 1, TimeSpan.FromHours(1), "unavailable (503)")], dead: [new DeadEntry(2, 3, 503, "max-attempts", "503")],
            delivered: [new DeliveredEntry(3, 1, 200, default), new DeliveredEntry(4, 1, 200, default)], skipped: [5]);
        await server.SettleAsync(other, cursor: 7, parked: [new ParkEntry(4, 1, TimeSpan.FromHours(1), "unavailable (503)")]);

        (await FindAsync($"publisher_id={one.Id}&state=waiting")).Should().Equal(7, 6);
        (await FindAsync($"topic={one.Topic}&state=parked")).Should().Equal(4, 1);
        (await FindAsync($"topic={one.Topic}&publisher_id={one.Id}&state=parked")).Should().Equal(1);
        (await FindAsync($"publisher_id={other.Id}&state=dead_lettered")).Should().BeEmpty();
        (await FindAsync($"publisher_id={one.Id}&state=dead_lettered")).Should().Equal(2);
        (await FindAsync($"topic={one.Topic}&state=delivered")).Should().Equal(4, 3);
        (await FindAsync($"topic={one.Topic}&state=skipped")).Should().Equal(5);
        (await FindAsync($"topic={one.Topic}&state=discarded")).Should().BeEmpty();
        (await FindAsync($"publisher_id={other.Id}")).Should().Equal(7, 6, 5, 4, 3, 2, 1);

        await server.Api.PostAsync($"/api/dead_letters/{one.Id}-2/discard", "");

        (await FindAsync($"topic={one.Topic}&state=discarded")).Should().Equal(2);
    }

    [Fact]
    public async Task A_scheduled_message_is_found_when_it_is_in_the_log()
    {
        var topic = await server.Api.NewTopicAsync();
        (await server.Api.PostAsync("/api/schedule_messages", $$"""{"topic":"{{topic}}","payload":{},"schedule_at":"2100-01-01T00:00:00Z"}""")).Status.Should().Be(201);

        (await FindAsync($"topic={topic}")).Should().BeEmpty();
    }

    [Fact]
    public async Task Head_answers_as_get_does_but_for_the_body()
    {
        var answer = await server.Api.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/messages?limit=1"));

        answer.Status.Should().Be(200);
        answer.Body.Should().BeEmpty();
    }

    private static IEnumerable<long> Positions(JsonElement page) =>
        page.GetProperty("data").EnumerateArray().Select(message => message.GetProperty("position").GetInt64());

    private async Task<IEnumerable<long>> FindAsync(string query)
    {
        var answer = await server.Api.GetAsync("/api/messages?" + query);
        answer.Status.Should().Be(200, answer.Body);
        return Positions(answer.Json);
    }

    private async Task<Publisher> WithMessagesAsync(int count)
    {
        var publisher = await server.NewPublisherAsync();
        for (var position = 1; position <= count; position++)
        {
            await server.PublishAsync(publisher.Topic);
        }

        return publisher;
    }

    private async Task<Guid> PublishAsync(string topic, string payload, string attributes, string? key = null)
    {
        var ordering = key is null ? "" : $",\"ordering_key\":\"{key}\"";
        var answer = await server.Api.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{{payload}},"attributes":{{attributes}}{{ordering}}}""");
        answer.Status.Should().Be(201, answer.Body);
        return answer.Data.GetProperty("id").GetGuid();
    }
}
