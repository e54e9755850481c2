using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Api;

public sealed class DeadLettersApiTests(StillServer server) : IClassFixture<StillServer>
{
    [Fact]
    public async Task A_dead_letter_is_shown_whole()
    {
        var publisher = await server.NewPublisherAsync();
        var message = await server.PublishAsync(publisher.Topic, "k", """{ "a" : 1.10 }""");
        await server.SettleAsync(publisher, cursor: 1,
            dead: [new DeadEntry(1, 2, 404, "max-attempts", "404: no such order 17", "4xx: no such order #", "k", BlocksKey: true)],
            failed: [new FailedEntry(1, 1, 500, TimeSpan.FromMilliseconds(5), "500"), new FailedEntry(1, 2, 404, TimeSpan.FromMilliseconds(7), "404: no such order 17")]);

        var answer = await server.Api.GetAsync($"/api/dead_letters/{publisher.Id}-1");

        answer.Status.Should().Be(200, answer.Body);
        var shown = answer.Data;
        shown.GetProperty("id").GetString().Should().Be($"{publisher.Id}-1");
        shown.GetProperty("publisher_id").GetInt64().Should().Be(publisher.Id);
        shown.GetProperty("target").GetString().Should().Be(publisher.Target);
        shown.GetProperty("topic").GetString().Should().Be(publisher.Topic);
        shown.GetProperty("position").GetInt64().Should().Be(1);
        shown.GetProperty("message_id").GetGuid().Should().Be(message);
        shown.GetProperty("ordering_key").GetString().Should().Be("k");
        shown.GetProperty("blocks_key").GetBoolean().Should().BeTrue();
        shown.GetProperty("attempts").GetInt32().Should().Be(2);
        shown.GetProperty("status_code").GetInt32().Should().Be(404);
        shown.GetProperty("reason").GetString().Should().Be("max-attempts");
        shown.GetProperty("error").GetString().Should().Be("404: no such order 17");
        shown.GetProperty("group").GetString().Should().Be("4xx: no such order #");
        shown.GetProperty("received_at").GetDateTimeOffset().Should().BeOnOrBefore(shown.GetProperty("died_at").GetDateTimeOffset());
        shown.GetProperty("payload").GetRawText().Should().Be("""{ "a" : 1.10 }""");
        shown.GetProperty("attributes").GetRawText().Should().Be("{}");
        shown.GetProperty("content_type").GetString().Should().Be("application/json");
        shown.GetProperty("failed_attempts").EnumerateArray().Select(failed => failed.GetProperty("error").GetString()).Should().Equal("500", "404: no such order 17");
        shown.EnumerateObject().Select(member => member.Name).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task A_list_shows_the_newest_first_page_by_page()
    {
        var publisher = await server.WithDeadAsync(5);
        foreach (var path in new[] { $"/api/dead_letters?publisher_id={publisher.Id}&limit=2", $"/api/publishers/{publisher.Id}/dead_letters?limit=2" })
        {
            var positions = new List<long>();
            string? next = null;
            do
            {
                var page = (await server.Api.GetAsync(path + (next is null ? "" : $"&after={next}"))).Json;
                positions.AddRange(page.GetProperty("data").EnumerateArray().Select(letter => letter.GetProperty("position").GetInt64()));
                next = page.GetProperty("next").GetString();
            }
            while (next is not null);

            positions.Should().Equal(5, 4, 3, 2, 1);
        }
    }

    [Fact]
    public async Task A_list_is_narrowed_by_publisher_topic_reason_group_and_time()
    {
        var one = await server.WithDeadAsync(2, "max-attempts", "5xx: down");
        var other = await server.WithDeadAsync(1, "max-age", "4xx: no & never");

        (await CountAsync($"topic={one.Topic}")).Should().Be(2);
        (await CountAsync($"topic={one.Topic}&publisher_id={other.Id}")).Should().Be(0);
        (await CountAsync($"topic={other.Topic}&reason=max-age")).Should().Be(1);
        (await CountAsync($"topic={other.Topic}&reason=max-attempts")).Should().Be(0);
        (await CountAsync($"topic={other.Topic}&group={Uri.EscapeDataString("4xx: no & never")}")).Should().Be(1);
        (await CountAsync($"topic={one.Topic}&from=2100-01-01T00:00:00Z")).Should().Be(0);
        (await CountAsync($"topic={one.Topic}&from=1970-01-01T00:00:00Z&to=2100-01-01T00:00:00%2B02:00")).Should().Be(2);
        (await CountAsync($"publisher_id={long.MaxValue}")).Should().Be(0);
        (await server.Api.GetAsync($"/api/publishers/{one.Id}/dead_letters?reason=max-age")).Data.GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task Groups_say_how_many_died_of_the_same_and_show_one()
    {
        var publisher = await server.NewPublisherAsync();
        for (var count = 0; count < 3; count++)
        {
            await server.PublishAsync(publisher.Topic);
        }

        await server.SettleAsync(publisher, cursor: 1, dead: [new DeadEntry(1, 3, 503, "max-attempts", "503: a", "5xx")]);
        await server.SettleAsync(publisher, cursor: 3, dead: [new DeadEntry(2, 3, 503, "max-attempts", "503: b", "5xx"), new DeadEntry(3, 1, null, "blocked-target", "x", "blocked")]);

        var groups = (await server.Api.GetAsync($"/api/dead_letters/groups?publisher_id={publisher.Id}")).Data.EnumerateArray().ToArray();

        groups.Select(group => $"{group.GetProperty("reason")} {group.GetProperty("group")} {group.GetProperty("count")}")
            .Should().Equal("max-attempts 5xx 2", "blocked-target blocked 1");
        groups[0].GetProperty("sample").GetProperty("id").GetString().Should().Be($"{publisher.Id}-2");
        groups[0].GetProperty("first_died_at").GetDateTimeOffset().Should().BeOnOrBefore(groups[0].GetProperty("last_died_at").GetDateTimeOffset());
        (await server.Api.GetAsync($"/api/dead_letters/groups?publisher_id={publisher.Id}&limit=1")).Data.GetArrayLength().Should().Be(1);
    }

    [Theory]
    [InlineData("publisher_id=abc", "publisher_id")]
    [InlineData("publisher_id=-1", "publisher_id")]
    [InlineData("publisher_id=", "publisher_id")]
    [InlineData("publisher_id=99999999999999999999", "publisher_id")]
    [InlineData("publisher_id=1&publisher_id=2", "publisher_id")]
    [InlineData("reason=%00", "reason")]
    [InlineData("group=a%00b", "group")]
    [InlineData("from=2030-01-31", "from")]
    [InlineData("from=2030-01-31T12:00:00", "from")]
    [InlineData("to=now", "to")]
    [InlineData("to=", "to")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    public async Task A_wrong_query_is_refused_by_every_list(string query, string field)
    {
        var publisher = await server.NewPublisherAsync();
        var paths = new List<string> { "/api/dead_letters", "/api/dead_letters/groups" };
        if (field != "publisher_id")
        {
            paths.Add($"/api/publishers/{publisher.Id}/dead_letters");
        }

        foreach (var path in paths)
        {
            var answer = await server.Api.GetAsync($"{path}?{query}");

            answer.ShouldBeProblem(400, "validation");
            answer.ShouldHaveError(field, "is invalid");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1-1")]
    [InlineData("1-1-1-1")]
    [InlineData("-1-1-1")]
    [InlineData("9223372036854775807-1-1")]
    [InlineData("99999999999999999999-1-1")]
    [InlineData("a-b-c")]
    public async Task A_place_that_is_none_is_refused(string after)
    {
        var answer = await server.Api.GetAsync($"/api/dead_letters?after={after}");

        answer.ShouldBeProblem(400, "validation");
        answer.ShouldHaveError("after", "is invalid");
    }

    [Theory]
    [InlineData("/api/dead_letters?topic=nope")]
    [InlineData("/api/dead_letters?topic=a%00b")]
    [InlineData("/api/dead_letters?topic=")]
    [InlineData("/api/dead_letters/groups?topic=nope")]
    public async Task An_unknown_topic_is_invalid(string path) => (await server.Api.GetAsync(path)).ShouldBeProblem(400, "unknown-topic");

    [Theory]
    [InlineData("/api/dead_letters/1")]
    [InlineData("/api/dead_letters/abc")]
    [InlineData("/api/dead_letters/1-")]
    [InlineData("/api/dead_letters/1-2-3")]
    [InlineData("/api/dead_letters/-1-2")]
    [InlineData("/api/dead_letters/1-999999999")]
    [InlineData("/api/dead_letters/9223372036854775807-9223372036854775807")]
    [InlineData("/api/dead_letters/99999999999999999999-1")]
    [InlineData("/api/publishers/999999999/dead_letters")]
    [InlineData("/api/publishers/abc/dead_letters")]
    public async Task What_is_not_there_is_not_found(string path) => (await server.Api.GetAsync(path)).ShouldBeProblem(404, "not-found");

    private async Task<int> CountAsync(string query)
    {
        var answer = await server.Api.GetAsync("/api/dead_letters?" + query);
        answer.Status.Should().Be(200, answer.Body);
        return answer.Data.GetArrayLength();
    }
}
