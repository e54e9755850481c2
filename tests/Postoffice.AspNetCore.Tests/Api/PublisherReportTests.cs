using System.Text.Json;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Api;

/// <summary>How a publisher does, as far as no table tells it.</summary>
public sealed class PublisherReportTests(StillServer server) : IClassFixture<StillServer>
{
    private static readonly DateTimeOffset Later = new(2030, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Who_runs_it_and_how_it_does_is_shown()
    {
        var publisher = await server.NewPublisherAsync();
        server.Run(publisher, StillServer.Report with
        {
            Breaker = "open", ProbeAt = Later, LastError = "connection refused", RateLimitedUntil = Later.AddSeconds(1), OfflineUntil = Later.AddSeconds(2), Rate = 1.23456,
        });

        var shown = (await server.Api.GetAsync($"/api/publishers/{publisher.Id}")).Data;

        shown.GetProperty("node").GetProperty("host").GetString().Should().Be("host-a");
        shown.GetProperty("node").GetProperty("id").GetGuid().Should().Be(server.Leases.Owners[publisher.Id].NodeId);
        shown.GetProperty("breaker").GetRawText().Should().Be("""{"state":"open","probe_at":"2030-01-31T12:00:00Z","last_error":"connection refused"}""");
        shown.GetProperty("demand").GetRawText().Should().Be("""{"max":50,"effective":25,"in_flight":3}""");
        shown.GetProperty("rate").GetDouble().Should().Be(1.23);
        shown.GetProperty("rate_limited_until").GetDateTimeOffset().Should().Be(Later.AddSeconds(1));
        shown.GetProperty("offline_until").GetDateTimeOffset().Should().Be(Later.AddSeconds(2));
    }

    [Fact]
    public async Task What_nobody_runs_has_null_in_their_place()
    {
        var publisher = await server.NewPublisherAsync();

        var shown = (await server.Api.GetAsync($"/api/publishers/{publisher.Id}")).Data;

        foreach (var name in new[] { "node", "breaker", "demand", "rate", "rate_limited_until", "offline_until" })
        {
            shown.GetProperty(name).ValueKind.Should().Be(JsonValueKind.Null, name);
        }
    }

    [Fact]
    public async Task A_node_that_has_said_nothing_yet_is_named_all_the_same()
    {
        var publisher = await server.NewPublisherAsync();
        server.Run(publisher, report: null);

        var shown = (await server.Api.GetAsync($"/api/publishers/{publisher.Id}")).Data;

        shown.GetProperty("node").GetProperty("host").GetString().Should().Be("host-a");
        shown.GetProperty("breaker").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_page_asks_once_who_runs_its_publishers()
    {
        var topic = await server.Api.NewTopicAsync();
        var publishers = new[] { await server.NewPublisherAsync(topic), await server.NewPublisherAsync(topic), await server.NewPublisherAsync(topic) };
        server.Run(publishers[1], StillServer.Report);
        server.Leases.Asked.Clear();

        var page = (await server.Api.GetAsync($"/api/publishers?topic={topic}&limit=2")).Data;

        page.EnumerateArray().Select(shown => shown.GetProperty("node").ValueKind).Should().Equal(JsonValueKind.Null, JsonValueKind.Object);
        server.Leases.Asked.Should().ContainSingle().Which.Should().Equal(publishers[0].Id, publishers[1].Id);
    }

    [Fact]
    public async Task What_was_delivered_and_skipped_is_counted_and_a_pause_has_its_time()
    {
        var publisher = await server.NewPublisherAsync();
        for (var count = 0; count < 3; count++)
        {
            await server.PublishAsync(publisher.Topic);
        }

        await server.SettleAsync(publisher, cursor: 3, delivered: [new DeliveredEntry(1, 1, 200, TimeSpan.Zero), new DeliveredEntry(2, 1, 200, TimeSpan.Zero)], skipped: [3]);
        (await server.Api.GetAsync($"/api/publishers/{publisher.Id}")).Data.GetProperty("paused_at").ValueKind.Should().Be(JsonValueKind.Null);

        var paused = (await server.Api.PatchAsync($"/api/publishers/{publisher.Id}", """{"active":false}""")).Data;

        paused.GetProperty("delivered").GetInt64().Should().Be(2);
        paused.GetProperty("skipped").GetInt64().Should().Be(1);
        paused.GetProperty("paused_at").GetDateTimeOffset().Should().BeOnOrAfter(publisher.CreatedAt);
    }
}
