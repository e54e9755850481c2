using System.Text.Json;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Api;

public sealed class ReplaysApiTests(StillServer server) : IClassFixture<StillServer>
{
    [Fact]
    public async Task A_dry_run_counts_and_changes_nothing()
    {
        var publisher = await server.WithDeadAsync(5);

        var answer = await StartAsync(publisher, """{"position":3,"dry_run":true}""");

        answer.Status.Should().Be(200, answer.Body);
        answer.Data.GetRawText().Should().Be("""{"messages":3,"position":3,"until":5,"only_failed":false,"dry_run":true}""");
        (await ShowAsync(publisher)).TryGetProperty("replay", out _).Should().BeFalse();
    }

    [Fact]
    public async Task A_replay_is_shown_until_it_is_cancelled()
    {
        var publisher = await server.WithDeadAsync(5);

        var started = await StartAsync(publisher, """{"position":"2"}""");
        var shown = (await ShowAsync(publisher)).GetProperty("replay");
        var second = await StartAsync(publisher, """{"position":1}""");
        var cancelled = await server.Api.DeleteAsync($"/api/publishers/{publisher.Id}/replay");
        var again = await server.Api.DeleteAsync($"/api/publishers/{publisher.Id}/replay");

        started.Status.Should().Be(202, started.Body);
        started.Data.GetRawText().Should().Be("""{"messages":4,"position":2,"until":5,"only_failed":false,"dry_run":false}""");
        shown.GetProperty("position").GetInt64().Should().Be(2);
        shown.GetProperty("until").GetInt64().Should().Be(5);
        shown.GetProperty("only_failed").GetBoolean().Should().BeFalse();
        shown.GetProperty("requested_at").GetDateTimeOffset().Should().BeOnOrAfter(publisher.CreatedAt);
        second.ShouldBeProblem(409, "replay-running");
        second.Json.GetProperty("detail").GetString().Should().Contain("DELETE");
        cancelled.Status.Should().Be(204);
        again.ShouldBeProblem(404, "not-found");
        (await ShowAsync(publisher)).TryGetProperty("replay", out _).Should().BeFalse();
    }

    [Fact]
    public async Task Only_failed_means_the_dead_letters()
    {
        var publisher = await server.NewPublisherAsync();
        await server.PublishAsync(publisher.Topic);
        await server.PublishAsync(publisher.Topic);
        await server.SettleAsync(publisher, cursor: 2,
            delivered: [new DeliveredEntry(1, 1, 200, TimeSpan.Zero)], dead: [new DeadEntry(2, 3, 404, "max-attempts", "404")]);

        (await StartAsync(publisher, """{"only_failed":true,"dry_run":true}""")).Data.GetProperty("messages").GetInt64().Should().Be(1);
        (await StartAsync(publisher, """{"from":"1970-01-01T00:00:00Z","dry_run":true}""")).Data.GetProperty("messages").GetInt64().Should().Be(2);
        (await StartAsync(publisher, """{"from":"2100-01-01T00:00:00+02:00","dry_run":true}""")).Data.GetProperty("messages").GetInt64().Should().Be(0);
    }

    [Theory]
    [InlineData("999999999")]
    [InlineData("abc")]
    [InlineData("-1")]
    public async Task An_unknown_publisher_is_not_found(string id)
    {
        (await server.Api.PostAsync($"/api/publishers/{id}/replay", """{"position":1}""")).ShouldBeProblem(404, "not-found");
        (await server.Api.DeleteAsync($"/api/publishers/{id}/replay")).ShouldBeProblem(404, "not-found");
    }

    private Task<Answer> StartAsync(Publisher publisher, string body) => server.Api.PostAsync($"/api/publishers/{publisher.Id}/replay", body);

    private async Task<JsonElement> ShowAsync(Publisher publisher) => (await server.Api.GetAsync($"/api/publishers/{publisher.Id}")).Data;
}
