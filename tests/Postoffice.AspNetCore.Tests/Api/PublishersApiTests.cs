using System.Text.Json;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Api;

public sealed class PublishersApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Target = "https://receiver.example/hook";

    [Fact]
    public async Task A_new_publisher_is_answered_whole()
    {
        var topic = await server.NewTopicAsync();
        await server.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{} }""");

        var answer = await CreateAsync(topic, ""","seconds_timeout":"7","max_demand":10,"min_demand":2,"headers":{"X-A":"1"},"ordering":"none" """);

        answer.Status.Should().Be(201, answer.Body);
        answer.Data.GetProperty("topic").GetString().Should().Be(topic);
        answer.Data.GetProperty("type").GetString().Should().Be("http");
        answer.Data.GetProperty("target").GetString().Should().Be(Target);
        answer.Data.GetProperty("active").GetBoolean().Should().BeFalse();
        answer.Data.GetProperty("paused_reason").ValueKind.Should().Be(JsonValueKind.Null);
        answer.Data.GetProperty("seconds_timeout").GetInt32().Should().Be(7);
        answer.Data.GetProperty("seconds_retry").GetInt32().Should().Be(30);
        answer.Data.GetProperty("chunk_size").ValueKind.Should().Be(JsonValueKind.Null);
        answer.Data.GetProperty("max_demand").GetInt32().Should().Be(10);
        answer.Data.GetProperty("min_demand").GetInt32().Should().Be(2);
        answer.Data.GetProperty("max_attempts").GetInt32().Should().Be(100);
        answer.Data.GetProperty("headers").GetProperty("X-A").GetString().Should().Be("1");
        answer.Data.GetProperty("start_position").GetInt64().Should().Be(0);
        answer.Data.GetProperty("cursor").GetInt64().Should().Be(0);
        answer.Data.GetProperty("head").GetInt64().Should().Be(1);
        answer.Data.GetProperty("lag").GetInt64().Should().Be(1);
        answer.Data.GetProperty("parked").GetInt64().Should().Be(0);
        answer.Data.GetProperty("dead").GetInt64().Should().Be(0);
        (await server.GetAsync(answer.Header("Location")!)).Data.GetRawText().Should().Be(answer.Data.GetRawText());
    }

    [Theory]
    [InlineData("true", 1)]
    [InlineData("\"true\"", 1)]
    [InlineData("false", 0)]
    [InlineData("\"false\"", 0)]
    [InlineData("null", 0)]
    public async Task From_now_starts_at_the_head_also_when_it_is_a_text(string fromNow, int start)
    {
        var topic = await server.NewTopicAsync();
        await server.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{} }""");

        var answer = await CreateAsync(topic, $$""","from_now":{{fromNow}}""");

        answer.Data.GetProperty("start_position").GetInt64().Should().Be(start);
        answer.Data.GetProperty("cursor").GetInt64().Should().Be(start);
    }

    [Fact]
    public async Task The_same_target_in_another_spelling_is_taken()
    {
        var topic = await server.NewTopicAsync();
        await CreateAsync(topic);

        var answer = await CreateAsync(topic, target: "HTTPS://Receiver.Example:443/a/../hook");

        answer.ShouldBeProblem(409, "already-exists");
        answer.ShouldHaveError("target", "has already been taken");
    }

    [Fact]
    public async Task Of_changes_at_once_none_is_lost()
    {
        var path = "/api/publishers/" + (await CreateAsync(await server.NewTopicAsync())).Data.GetProperty("id").GetInt64();
        string[] changes = ["\"seconds_timeout\":7", "\"seconds_retry\":8", "\"max_attempts\":9", "\"max_demand\":10", "\"chunk_size\":11", "\"ordering\":\"key\""];

        foreach (var _ in Enumerable.Range(0, 20))
        {
            (await server.PatchAsync(path, """{"seconds_timeout":1,"seconds_retry":1,"max_attempts":1,"max_demand":1,"chunk_size":1,"ordering":"none"}""")).Status.Should().Be(200);

            var answers = await Task.WhenAll(changes.Select(change => server.PatchAsync(path, $"{{{change}}}")));

            answers.Should().OnlyContain(answer => answer.Status == 200);
            var publisher = (await server.GetAsync(path)).Data.GetRawText();
            changes.Should().OnlyContain(change => publisher.Contains(change, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("ordering")]
    [InlineData("on_key_failure")]
    [InlineData("demand_mode")]
    [InlineData("adaptive_demand")]
    [InlineData("active")]
    public async Task Half_of_a_surrogate_pair_is_none_of_the_values(string member)
    {
        var created = await CreateAsync(await server.NewTopicAsync());

        var answer = await server.PatchAsync("/api/publishers/" + created.Data.GetProperty("id").GetInt64(), $$"""{"{{member}}":"\ud800"}""");

        answer.ShouldBeProblem(400, "validation");
    }

    [Fact]
    public async Task Of_many_equal_requests_one_creates()
    {
        var topic = await server.NewTopicAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => CreateAsync(topic)));

        answers.Select(answer => answer.Status).Should().ContainSingle(status => status == 201).And.OnlyContain(status => status == 201 || status == 409);
    }

    [Fact]
    public async Task The_thousand_and_first_publisher_of_a_topic_is_refused()
    {
        var topic = await server.NewTopicAsync();
        for (var count = 0; count < IPublisherStore.MaxPublishersPerTopic; count++)
        {
            await server.Get<IPublisherStore>().TryAddAsync(
                new NewPublisher(topic, "http", $"https://receiver.example/{count}", Active: false, FromNow: false, PublisherSettings.Default), TestContext.Current.CancellationToken);
        }

        (await CreateAsync(topic)).ShouldBeProblem(400, "limit-exceeded");
    }

    [Fact]
    public async Task An_unknown_topic_is_invalid()
    {
        var answer = await CreateAsync("nope");

        answer.ShouldBeProblem(400, "unknown-topic");
        answer.ShouldHaveError("topic", "is invalid");
    }

    [Fact]
    public async Task A_list_shows_the_publishers_of_one_topic()
    {
        var (one, other) = (await server.NewTopicAsync(), await server.NewTopicAsync());
        await CreateAsync(other);
        var ids = new[] { Id(await CreateAsync(one)), Id(await CreateAsync(one, target: Target + "/2")), Id(await CreateAsync(one, target: Target + "/3")) };

        var first = (await server.GetAsync($"/api/publishers?topic={one}&limit=2")).Json;
        var second = (await server.GetAsync($"/api/publishers?topic={one}&limit=2&after={first.GetProperty("next").GetString()}")).Json;

        Ids(first).Concat(Ids(second)).Should().Equal(ids);
        second.GetProperty("next").ValueKind.Should().Be(JsonValueKind.Null);
        (await server.GetAsync("/api/publishers?topic=nope")).ShouldBeProblem(400, "unknown-topic");
        (await server.GetAsync("/api/publishers?limit=x")).ShouldBeProblem(400, "validation");
    }

    [Fact]
    public async Task A_change_touches_what_it_names_and_nothing_else()
    {
        var path = $"/api/publishers/{Id(await CreateAsync(await server.NewTopicAsync(), ""","seconds_retry":9,"headers":{"X-A":"1"} """))}";

        var answer = await server.PatchAsync(path, """{"active":true,"seconds_timeout":7,"max_demand":null}""");

        answer.Status.Should().Be(200, answer.Body);
        answer.Data.GetProperty("active").GetBoolean().Should().BeTrue();
        answer.Data.GetProperty("seconds_timeout").GetInt32().Should().Be(7);
        answer.Data.GetProperty("seconds_retry").GetInt32().Should().Be(9);
        answer.Data.GetProperty("headers").GetProperty("X-A").GetString().Should().Be("1");

        var paused = await server.PatchAsync(path, """{"active":"false"}""");
        paused.Data.GetProperty("active").GetBoolean().Should().BeFalse();
        paused.Data.GetProperty("seconds_timeout").GetInt32().Should().Be(7);
    }

    [Theory]
    [InlineData("""{"topic":"other"}""", "topic", "can't be changed")]
    [InlineData("""{"target":"https://other.example/"}""", "target", "can't be changed")]
    [InlineData("""{"type":"pubsub"}""", "type", "can't be changed")]
    [InlineData("""{"max_attempt":5}""", "max_attempt", "can't be changed")]
    [InlineData("""{"active":null}""", "active", "can't be blank")]
    [InlineData("""{"min_demand":10}""", "min_demand", "is invalid")]
    [InlineData("""{"max_demand":2}""", "min_demand", "is invalid")]
    [InlineData("""{"secret":"whsec_x"}""", "secret", "is not supported by this version")]
    [InlineData("""{"ordering":"random"}""", "ordering", "is invalid")]
    [InlineData("""{"on_key_failure":""}""", "on_key_failure", "is invalid")]
    [InlineData("""{"rate_limit":{"permits":1}}""", "rate_limit", "is invalid")]
    [InlineData("""{"filter":[]}""", "filter", "is invalid")]
    [InlineData("""{"demand_mode":1}""", "demand_mode", "is invalid")]
    [InlineData("""{"adaptive_demand":"perhaps"}""", "adaptive_demand", "is invalid")]
    [InlineData("""{"seconds_max_age":-1}""", "seconds_max_age", "is invalid")]
    [InlineData("""{"headers":{"Host":"x"}}""", "headers", "is invalid")]
    public async Task A_change_that_breaks_a_rule_changes_nothing(string body, string field, string message)
    {
        var created = await CreateAsync(await server.NewTopicAsync(), ""","max_demand":10,"min_demand":5""");

        var answer = await server.PatchAsync($"/api/publishers/{Id(created)}", body);

        answer.ShouldBeProblem(400, "validation");
        answer.ShouldHaveError(field, message);
        (await server.GetAsync($"/api/publishers/{Id(created)}")).Data.GetRawText().Should().Be(created.Data.GetRawText());
    }

    [Fact]
    public async Task What_decides_how_it_delivers_is_kept_and_shown()
    {
        const string Settings = """
            {"ordering":"key","on_key_failure":"block","rate_limit":{"permits":5,"per_seconds":60},"filter":{"attributes":{"kind":["order"]}},
            "demand_mode":"low_watermark","adaptive_demand":false,"seconds_max_age":3600}
            """;

        var answer = await CreateAsync(await server.NewTopicAsync(), "," + Inner(Settings));

        answer.Status.Should().Be(201, answer.Body);
        Shown(answer, Settings).Should().Equal(Members(Settings));
    }

    [Fact]
    public async Task Null_takes_back_what_may_be_unset_and_leaves_the_rest()
    {
        const string Optional = """
            {"rate_limit":{"permits":5,"per_seconds":60},"filter":{"attributes":{"kind":["order"]}},"demand_mode":"completed",
            "adaptive_demand":true,"seconds_max_age":3600,"chunk_size":7,"max_demand":10,"min_demand":3}
            """;
        const string Fixed = """{"ordering":"key","on_key_failure":"block","max_attempts":4,"seconds_retry":9}""";
        var path = $"/api/publishers/{Id(await CreateAsync(await server.NewTopicAsync(), $",{Inner(Optional)},{Inner(Fixed)}"))}";

        Shown(await server.PatchAsync(path, """{"seconds_timeout":7}"""), Optional).Should().Equal(Members(Optional), "what is missing stays");

        var nulls = Members(Optional).Keys.Concat(Members(Fixed).Keys).Select(name => $"\"{name}\":null");
        var answer = await server.PatchAsync(path, $"{{{string.Join(",", nulls)}}}");

        answer.Status.Should().Be(200, answer.Body);
        Shown(answer, Optional).Values.Should().OnlyContain(value => value == "null");
        Shown(answer, Fixed).Should().Equal(Members(Fixed));
    }

    [Fact]
    public async Task Deleting_again_succeeds_and_the_triple_is_free_again()
    {
        var topic = await server.NewTopicAsync();
        var path = $"/api/publishers/{Id(await CreateAsync(topic))}";

        (await server.DeleteAsync(path)).Status.Should().Be(204);
        (await server.DeleteAsync(path)).Status.Should().Be(204);
        (await server.GetAsync(path)).ShouldBeProblem(404, "not-found");
        (await server.PatchAsync(path, """{"active":true}""")).ShouldBeProblem(404, "not-found");
        (await CreateAsync(topic)).Status.Should().Be(201);
    }

    [Theory]
    [InlineData("999999999")]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    public async Task An_unknown_publisher_is_not_found(string id)
    {
        (await server.GetAsync("/api/publishers/" + id)).ShouldBeProblem(404, "not-found");
        (await server.DeleteAsync("/api/publishers/" + id)).ShouldBeProblem(404, "not-found");
        (await server.PatchAsync("/api/publishers/" + id, "{}")).ShouldBeProblem(404, "not-found");
    }

    private static string Inner(string settings) => settings.Trim()[1..^1];

    private static Dictionary<string, string> Members(string settings) =>
        JsonDocument.Parse(settings).RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetRawText());

    /// <returns>What the answer shows of the members of <paramref name="settings"/>.</returns>
    private static Dictionary<string, string> Shown(Answer answer, string settings) =>
        Members(settings).Keys.ToDictionary(name => name, name => answer.Data.GetProperty(name).GetRawText());

    private static long Id(Answer answer) => answer.Data.GetProperty("id").GetInt64();

    private static IEnumerable<long> Ids(JsonElement page) => page.GetProperty("data").EnumerateArray().Select(publisher => publisher.GetProperty("id").GetInt64());

    private Task<Answer> CreateAsync(string topic, string more = "", string target = Target) =>
        server.PostAsync("/api/publishers", $$"""{"active":false,"topic":"{{topic}}","type":"http","target":"{{target}}"{{more}}}""");
}
