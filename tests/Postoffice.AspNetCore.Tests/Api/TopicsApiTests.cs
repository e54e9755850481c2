using System.Text.Json;
using Postoffice.AspNetCore.Tests.Server;

namespace Postoffice.AspNetCore.Tests.Api;

public sealed class TopicsApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_new_topic_is_answered_whole()
    {
        var answer = await server.PostAsync("/api/topics/", """{"name":"orders 1","origin_host":"sender.example:8080","recovery_enabled":true,"id":99}""");

        answer.Status.Should().Be(201);
        answer.ContentType.Should().Be("application/json");
        answer.Header("Location").Should().Be("/api/topics/orders%201");
        answer.Header("X-Content-Type-Options").Should().Be("nosniff");
        answer.Data.GetProperty("id").GetInt64().Should().BePositive().And.NotBe(99);
        answer.Data.GetProperty("name").GetString().Should().Be("orders 1");
        answer.Data.GetProperty("origin_host").GetString().Should().Be("sender.example:8080");
        answer.Data.GetProperty("recovery_enabled").GetBoolean().Should().BeTrue();
        answer.Data.GetProperty("created_at").GetDateTimeOffset().Offset.Should().Be(TimeSpan.Zero);

        (await server.GetAsync("/api/topics/orders%201")).Data.GetRawText().Should().Be(answer.Data.GetRawText());
    }

    [Fact]
    public async Task A_name_that_is_taken_is_a_conflict_in_the_words_of_the_original()
    {
        var name = await server.NewTopicAsync();

        var answer = await server.PostAsync("/api/topics", $$"""{"name":"{{name}}","origin_host":"sender.example"}""");

        answer.ShouldBeProblem(409, "already-exists");
        answer.ShouldHaveError("name", "has already been taken");
    }

    [Fact]
    public async Task All_that_is_wrong_comes_together()
    {
        var answer = await server.PostAsync("/api/topics", """{"name":"a/b","recovery_enabled":"maybe"}""");

        answer.ShouldBeProblem(400, "validation");
        answer.ShouldHaveError("name", "is invalid");
        answer.ShouldHaveError("origin_host", "can't be blank");
        answer.ShouldHaveError("recovery_enabled", "is invalid");
    }

    [Theory]
    [InlineData("50% off")]
    [InlineData("12345")]
    [InlineData("café:@x")]
    public async Task A_name_is_found_by_its_escaped_spelling(string name)
    {
        await server.PostAsync("/api/topics", JsonSerializer.Serialize(new { name, origin_host = "sender.example" }));

        var answer = await server.GetAsync("/api/topics/" + Uri.EscapeDataString(name));

        answer.Status.Should().Be(200);
        answer.Data.GetProperty("name").GetString().Should().Be(name);
    }

    [Fact]
    public async Task A_list_is_read_page_by_page()
    {
        for (var count = 0; count < 5; count++)
        {
            await server.NewTopicAsync();
        }

        var seen = new List<long>();
        for (var path = "/api/topics?limit=2"; path is not null;)
        {
            var page = (await server.GetAsync(path)).Json;
            page.GetProperty("data").GetArrayLength().Should().BeInRange(1, 2);
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(topic => topic.GetProperty("id").GetInt64()));
            path = page.GetProperty("next").GetString() is { } next ? $"/api/topics?limit=2&after={next}" : null;
        }

        seen.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems().And.HaveCountGreaterThanOrEqualTo(5);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=two", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("after=-1", "after")]
    [InlineData("after=99999999999999999999", "after")]
    public async Task A_page_that_makes_no_sense_is_refused(string query, string field)
    {
        var answer = await server.GetAsync("/api/topics?" + query);

        answer.ShouldBeProblem(400, "validation");
        answer.ShouldHaveError(field, "is invalid");
    }

    [Fact]
    public async Task Only_a_topic_without_messages_and_publishers_is_deleted()
    {
        var (empty, withMessage, withPublisher) = (await server.NewTopicAsync(), await server.NewTopicAsync(), await server.NewTopicAsync());
        await server.PostAsync("/api/messages", $$"""{"topic":"{{withMessage}}","payload":{} }""");
        await server.PostAsync("/api/publishers", $$"""{"active":false,"topic":"{{withPublisher}}","type":"http","target":"https://receiver.example/"}""");

        (await server.DeleteAsync("/api/topics/" + withMessage)).ShouldBeProblem(409, "in-use");
        (await server.DeleteAsync("/api/topics/" + withPublisher)).ShouldBeProblem(409, "in-use");

        var deleted = await server.DeleteAsync("/api/topics/" + empty);
        deleted.Status.Should().Be(204);
        deleted.Body.Should().BeEmpty();
        (await server.DeleteAsync("/api/topics/" + empty)).ShouldBeProblem(404, "not-found");
        (await server.GetAsync("/api/topics/" + empty)).ShouldBeProblem(404, "not-found");
    }

    [Fact]
    public async Task A_name_that_could_never_be_is_not_found()
    {
        (await server.GetAsync("/api/topics/a%0ab")).ShouldBeProblem(404, "not-found");
        (await server.DeleteAsync("/api/topics/%e2%80%ae")).ShouldBeProblem(404, "not-found");
    }
}
