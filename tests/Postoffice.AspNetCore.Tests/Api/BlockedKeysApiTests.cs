using System.Text.Json;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Api;

public sealed class BlockedKeysApiTests(StillServer server) : IClassFixture<StillServer>
{
    [Fact]
    public async Task Keys_are_shown_with_what_holds_them_up()
    {
        var publisher = await WithKeysAsync();

        var keys = (await server.Api.GetAsync($"/api/publishers/{publisher.Id}/blocked_keys")).Json;

        var shown = keys.GetProperty("data").EnumerateArray().ToArray();
        shown.Select(key => $"{key.GetProperty("key")} {key.GetProperty("state")} {key.GetProperty("waiting")}").Should().Equal("a parked 1", "b dead 1", "c next 0");
        keys.GetProperty("next").ValueKind.Should().Be(JsonValueKind.Null);

        var head = shown[0].GetProperty("head");
        head.GetProperty("position").GetInt64().Should().Be(1);
        head.GetProperty("message_id").GetGuid().Version.Should().Be(7);
        head.GetProperty("attempts").GetInt32().Should().Be(2);
        head.GetProperty("due_at").GetDateTimeOffset().Should().BeAfter(publisher.CreatedAt);
        head.GetProperty("reason").GetString().Should().Be("unavailable (503)");
        shown[1].GetProperty("head").GetProperty("due_at").ValueKind.Should().Be(JsonValueKind.Null);
        shown[1].GetProperty("head").GetProperty("reason").GetString().Should().Be("max-attempts");
    }

    [Fact]
    public async Task Pages_go_on_after_the_last_key()
    {
        var path = $"/api/publishers/{(await WithKeysAsync()).Id}/blocked_keys?limit=2";

        var first = (await server.Api.GetAsync(path)).Json;
        var second = (await server.Api.GetAsync($"{path}&after={first.GetProperty("next").GetString()}")).Json;

        Keys(first).Should().Equal("a", "b");
        Keys(second).Should().Equal("c");
        second.GetProperty("next").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("after=", "after")]
    [InlineData("after=a%00b", "after")]
    public async Task A_wrong_query_is_refused(string query, string field)
    {
        var publisher = await server.NewPublisherAsync();

        var answer = await server.Api.GetAsync($"/api/publishers/{publisher.Id}/blocked_keys?{query}");

        answer.ShouldBeProblem(400, "validation");
        answer.ShouldHaveError(field, "is invalid");
    }

    [Theory]
    [InlineData("999999999")]
    [InlineData("abc")]
    [InlineData("-1")]
    public async Task An_unknown_publisher_is_not_found(string id) =>
        (await server.Api.GetAsync($"/api/publishers/{id}/blocked_keys")).ShouldBeProblem(404, "not-found");

    [Fact]
    public async Task A_delivery_behind_its_key_is_shown_as_such_by_its_message()
    {
        var publisher = await server.NewPublisherAsync(more: ""","ordering":"key" """);
        await server.PublishAsync(publisher.Topic, "k");
        var second = await server.PublishAsync(publisher.Topic, "k");
        await server.SettleAsync(publisher, cursor: 2,
            parked: [new ParkEntry(1, 1, TimeSpan.FromHours(1), "rejected (404)", "k"), new ParkEntry(2, 0, null, ParkEntry.BehindKey, "k")]);

        var delivery = (await server.Api.GetAsync($"/api/messages/{second}")).Data.GetProperty("deliveries")[0];

        delivery.GetProperty("state").GetString().Should().Be("parked");
        delivery.GetProperty("due_at").ValueKind.Should().Be(JsonValueKind.Null);
        delivery.GetProperty("reason").GetString().Should().Be("behind key");
    }

    private static IEnumerable<string?> Keys(JsonElement page) => page.GetProperty("data").EnumerateArray().Select(key => key.GetProperty("key").GetString());

    /// <summary>Key a waits for its head, b for an operator, and c may go on.</summary>
    private async Task<Publisher> WithKeysAsync()
    {
        var publisher = await server.NewPublisherAsync(more: ""","ordering":"key","on_key_failure":"block" """);
        foreach (var key in new[] { "a", "a", "b", "b", "c" })
        {
            await server.PublishAsync(publisher.Topic, key);
        }

        await server.SettleAsync(publisher, cursor: 5,
            parked:
            [
                new ParkEntry(1, 2, TimeSpan.FromHours(1), "unavailable (503)", "a"),
                new ParkEntry(2, 0, null, ParkEntry.BehindKey, "a"),
                new ParkEntry(4, 0, null, ParkEntry.BehindKey, "b"),
                new ParkEntry(5, 0, null, ParkEntry.BehindKey, "c"),
            ],
            dead: [new DeadEntry(3, 3, 404, "max-attempts", "404", "4xx", "b", BlocksKey: true)]);
        return publisher;
    }
}
