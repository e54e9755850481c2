using System.Text.Json;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Api;

/// <summary>The facts reach the caller; which of them decides is <c>ExplanationPolicy</c>'s, tested beside it.</summary>
public sealed class ExplainApiTests(StillServer server) : IClassFixture<StillServer>
{
    private static readonly DateTimeOffset Later = DateTimeOffset.UtcNow.AddHours(1);

    [Fact]
    public async Task Each_publisher_gets_one_reason()
    {
        var waits = await server.NewPublisherAsync();
        var delivered = await server.NewPublisherAsync(waits.Topic);
        var message = await server.PublishAsync(waits.Topic);
        await server.SettleAsync(delivered, cursor: 1, delivered: [new DeliveredEntry(1, 2, 204, TimeSpan.Zero)]);
        var late = await server.NewPublisherAsync(waits.Topic, ""","from_now":true""");

        var answer = await server.Api.GetAsync($"/api/messages/{message}/explain");

        answer.Status.Should().Be(200, answer.Body);
        answer.Data.GetProperty("id").GetGuid().Should().Be(message);
        answer.Data.GetProperty("topic").GetString().Should().Be(waits.Topic);
        answer.Data.GetProperty("state").GetString().Should().Be("in_log");
        answer.Data.GetProperty("position").GetInt64().Should().Be(1);
        var publishers = answer.Data.GetProperty("publishers").EnumerateArray().ToArray();
        publishers.Select(publisher => (publisher.GetProperty("publisher_id").GetInt64(), publisher.GetProperty("reason").GetString()))
            .Should().Equal((waits.Id, "not_running"), (delivered.Id, "delivered"), (late.Id, "created_later"));
        publishers[1].GetProperty("target").GetString().Should().Be(delivered.Target);
        publishers[1].GetProperty("type").GetString().Should().Be("http");
        publishers[1].GetProperty("text").GetString().Should().StartWith("Delivered at ");
        publishers[1].GetProperty("facts").EnumerateObject().Select(fact => fact.Name).Should().Equal("at", "attempts", "status_code");
        publishers[2].GetProperty("facts").GetRawText().Should().Be("""{"start_position":1}""");
    }

    [Fact]
    public async Task A_dead_letter_a_filtered_and_a_discarded_message_say_so()
    {
        var publisher = await server.NewPublisherAsync();
        var messages = new[] { await server.PublishAsync(publisher.Topic), await server.PublishAsync(publisher.Topic), await server.PublishAsync(publisher.Topic) };
        await server.SettleAsync(publisher, cursor: 3,
            dead: [new DeadEntry(1, 3, 503, "max-attempts", "503"), new DeadEntry(2, 3, 503, "max-attempts", "503")],
            failed: [new FailedEntry(1, 3, 503, TimeSpan.Zero, "503: down")],
            skipped: [3]);
        await server.Api.PostAsync($"/api/dead_letters/{publisher.Id}-2/discard", "");

        var dead = await ExplainAsync(messages[0]);
        Reason(dead).Should().Be("dead");
        dead.GetProperty("facts").EnumerateObject().Select(fact => fact.Name).Should().BeEquivalentTo("since", "attempts", "status_code", "reason", "error");
        dead.GetProperty("facts").GetProperty("error").GetString().Should().Be("503: down");
        Reason(await ExplainAsync(messages[1])).Should().Be("discarded");
        Reason(await ExplainAsync(messages[2])).Should().Be("filtered");
    }

    [Fact]
    public async Task A_pause_is_the_reason_before_all_others()
    {
        var (publisher, message) = await WaitingAsync();
        await server.Api.PatchAsync($"/api/publishers/{publisher.Id}", """{"active":false}""");

        var explanation = await ExplainAsync(message);

        Reason(explanation).Should().Be("paused");
        explanation.GetProperty("facts").GetProperty("since").GetDateTimeOffset().Should().BeOnOrAfter(publisher.CreatedAt);
    }

    [Fact]
    public async Task What_is_parked_says_until_when()
    {
        var (publisher, message) = await WaitingAsync();
        await server.SettleAsync(publisher, cursor: 1, parked: [new ParkEntry(1, 2, TimeSpan.FromHours(1), "rejected (404)")]);

        var facts = (await ExplainAsync(message)).GetProperty("facts");

        facts.GetProperty("until").GetDateTimeOffset().Should().BeAfter(DateTimeOffset.UtcNow);
        facts.GetProperty("attempts").GetInt32().Should().Be(2);
        facts.GetProperty("reason").GetString().Should().Be("rejected (404)");
    }

    [Fact]
    public async Task What_waits_behind_its_key_names_the_head()
    {
        var publisher = await server.NewPublisherAsync(more: ""","ordering":"key" """);
        var head = await server.PublishAsync(publisher.Topic, "k");
        var parked = await server.PublishAsync(publisher.Topic, "k");
        var unread = await server.PublishAsync(publisher.Topic, "k");
        await server.SettleAsync(publisher, cursor: 2,
            parked: [new ParkEntry(1, 1, TimeSpan.FromHours(1), "rejected (404)", "k"), new ParkEntry(2, 0, null, ParkEntry.BehindKey, "k")]);
        server.Run(publisher, StillServer.Report);

        foreach (var message in new[] { parked, unread })
        {
            var explanation = await ExplainAsync(message);
            Reason(explanation).Should().Be("behind_key");
            var key = explanation.GetProperty("facts").GetProperty("blocked_key");
            key.GetProperty("key").GetString().Should().Be("k");
            key.GetProperty("head").GetProperty("message_id").GetGuid().Should().Be(head);
        }

        Reason(await ExplainAsync(head)).Should().Be("parked");
    }

    [Fact]
    public async Task Behind_an_attempt_of_its_key_the_head_is_that_attempts_message()
    {
        var publisher = await server.NewPublisherAsync(more: ""","ordering":"key" """);
        var head = await server.PublishAsync(publisher.Topic, orderingKey: "k");
        var held = await server.PublishAsync(publisher.Topic, orderingKey: "k");
        server.Run(publisher, StillServer.Report with { Sending = [new SendingReport(1, 1, Later, "k", head)] });

        var explanation = await ExplainAsync(held);

        Reason(explanation).Should().Be("behind_key");
        explanation.GetProperty("facts").GetProperty("blocked_key").GetProperty("head").GetProperty("message_id").GetGuid().Should().Be(head);
    }

    [Fact]
    public async Task What_is_in_flight_names_the_node()
    {
        var explanation = await ReportedAsync(StillServer.Report with { Sending = [new SendingReport(1, 2, Later)] });

        Reason(explanation).Should().Be("in_flight");
        var facts = explanation.GetProperty("facts");
        facts.GetProperty("node").GetProperty("host").GetString().Should().Be("host-a");
        facts.GetProperty("attempt").GetInt32().Should().Be(2);
        facts.GetProperty("since").GetDateTimeOffset().Should().Be(Later);
    }

    [Fact]
    public async Task An_open_breaker_says_when_it_probes()
    {
        var explanation = await ReportedAsync(StillServer.Report with { Breaker = "open", ProbeAt = Later, LastError = "connection refused" });

        Reason(explanation).Should().Be("breaker_open");
        explanation.GetProperty("facts").GetProperty("probe_at").GetDateTimeOffset().Should().Be(Later);
        explanation.GetProperty("facts").GetProperty("error").GetString().Should().Be("connection refused");
    }

    [Fact]
    public async Task A_node_that_is_offline_and_a_rate_limit_say_until_when()
    {
        var offline = await ReportedAsync(StillServer.Report with { OfflineUntil = Later });
        var limited = await ReportedAsync(StillServer.Report with { RateLimitedUntil = Later });

        (Reason(offline), Reason(limited)).Should().Be(("offline", "rate_limited"));
        offline.GetProperty("facts").GetProperty("until").GetDateTimeOffset().Should().Be(Later);
        limited.GetProperty("facts").GetProperty("until").GetDateTimeOffset().Should().Be(Later);
    }

    [Fact]
    public async Task What_waits_for_its_turn_says_how_long()
    {
        var publisher = await server.NewPublisherAsync();
        for (var count = 0; count < 8; count++)
        {
            await server.PublishAsync(publisher.Topic);
        }

        var message = await server.PublishAsync(publisher.Topic);
        server.Run(publisher, StillServer.Report);

        var explanation = await ExplainAsync(message);

        Reason(explanation).Should().Be("waiting");
        explanation.GetProperty("facts").GetRawText().Should().Be("""{"ahead":8,"seconds":2}""");
    }

    [Fact]
    public async Task A_scheduled_message_has_no_publishers_yet()
    {
        var topic = await server.Api.NewTopicAsync();
        var scheduled = await server.Api.PostAsync("/api/schedule_messages", $$"""{"topic":"{{topic}}","payload":{},"schedule_at":"2100-01-01T00:00:00Z"}""");

        var answer = await server.Api.GetAsync($"/api/messages/{scheduled.Data.GetProperty("id").GetGuid()}/explain");

        answer.Status.Should().Be(200, answer.Body);
        answer.Data.GetProperty("state").GetString().Should().Be("scheduled");
        answer.Data.GetProperty("scheduled_at").GetString().Should().Be("2100-01-01T00:00:00Z");
        answer.Data.GetProperty("publishers").GetArrayLength().Should().Be(0);
    }

    [Theory]
    [InlineData("999999999999")]
    [InlineData("not-an-id")]
    [InlineData("018f0000-0000-7000-8000-000000000000")]
    [InlineData("{018f0000-0000-7000-8000-000000000000}")]
    public async Task An_unknown_message_is_not_found(string id) => (await server.Api.GetAsync($"/api/messages/{id}/explain")).ShouldBeProblem(404, "not-found");

    private static string? Reason(JsonElement explanation) => explanation.GetProperty("reason").GetString();

    private async Task<(Publisher Publisher, Guid Message)> WaitingAsync()
    {
        var publisher = await server.NewPublisherAsync();
        return (publisher, await server.PublishAsync(publisher.Topic));
    }

    private async Task<JsonElement> ReportedAsync(PublisherReport report)
    {
        var (publisher, message) = await WaitingAsync();
        server.Run(publisher, report);
        return await ExplainAsync(message);
    }

    /// <returns>What is said of the only publisher.</returns>
    private async Task<JsonElement> ExplainAsync(Guid message)
    {
        var answer = await server.Api.GetAsync($"/api/messages/{message}/explain");
        answer.Status.Should().Be(200, answer.Body);
        return answer.Data.GetProperty("publishers").EnumerateArray().Single();
    }
}
