using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Postoffice.Activity;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Api;

/// <summary>Figures of a small world whose clock stands still; the test runs the publishers by hand.</summary>
public sealed class OverviewApiTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Minute = new(2030, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid NodeId = Guid.CreateVersion7();

    private readonly FakeTimeProvider _time = new(Minute);
    private readonly ApiServer _api;

    public OverviewApiTests() => _api = new ApiServer(null, services => services
        .Replace(ServiceDescriptor.Singleton<TimeProvider>(_time))
        // The test tells what was done; the server's own word, on a clock that is never moved, would come between.
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<ActivityWriter>(provider, new FakeTimeProvider()))
        .Configure<PostofficeOptions>(options => options.Pipeline.Enabled = false));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _api.InitializeAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task An_empty_world_has_all_its_members()
    {
        var overview = (await _api.GetAsync("/api/overview")).Data;

        overview.EnumerateObject().Select(member => member.Name).Should().Equal(
            "at", "received", "delivered", "received_rate", "delivered_rate", "waiting", "parked", "dead", "latency", "minutes", "topics", "publishers", "paused",
            "attention", "nodes");
        overview.GetProperty("latency").ValueKind.Should().Be(JsonValueKind.Null);
        overview.GetProperty("at").GetDateTimeOffset().Should().Be(Minute);
        var minutes = overview.GetProperty("minutes").EnumerateArray().ToList();
        minutes.Should().HaveCount(60);
        minutes[0].GetRawText().Should().Be("""{"at":"2030-01-31T11:01:00Z","received":0,"delivered":0,"failed":0}""");
        minutes[^1].GetProperty("at").GetDateTimeOffset().Should().Be(Minute);
        (await _api.GetAsync("/api/nodes")).Data.GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task A_small_world_is_told_whole()
    {
        var (orders, publishers) = await BuildAsync();
        _time.Advance(TimeSpan.FromSeconds(30));

        var overview = (await _api.GetAsync("/api/overview")).Data;

        Number("received").Should().Be(5);
        Number("delivered").Should().Be(2);
        Number("waiting").Should().Be(1 + 5);
        Number("parked").Should().Be(1);
        Number("dead").Should().Be(1);
        Number("topics").Should().Be(2);
        Number("publishers").Should().Be(2);
        Number("paused").Should().Be(1);
        Number("received_rate").Should().Be(10.5, "it is half of 600 of the minute before, and 330 of this one");
        Number("delivered_rate").Should().Be(1);
        overview.GetProperty("latency").GetProperty("p50_ms").GetDouble().Should().BeInRange(0.1, 1);
        overview.GetProperty("latency").GetProperty("p99_ms").GetDouble().Should().BeInRange(1, 1.61);
        var minutes = overview.GetProperty("minutes").EnumerateArray().Select(minute => minute.GetRawText()).ToList();
        minutes[^2].Should().Be("""{"at":"2030-01-31T11:59:00Z","received":600,"delivered":0,"failed":0}""");
        minutes[^1].Should().Be("""{"at":"2030-01-31T12:00:00Z","received":330,"delivered":60,"failed":20}""");
        overview.GetProperty("attention").EnumerateArray().Select(item => item.GetRawText()).Should().Equal(
            $$"""{"publisher_id":{{publishers[0].Id}},"topic":"{{orders}}","type":"http","target":"https://receiver.example/1","reason":"breaker_open","text":"The receiver fails, so only probes are sent to it; the next goes out at 2030-01-31T12:00:08Z; the last attempt met: refused.","since":null,"lag":1,"parked":1,"dead":1}""",
            $$"""{"publisher_id":{{publishers[1].Id}},"topic":"{{orders}}","type":"http","target":"https://receiver.example/2","reason":"paused","text":"Paused by hand. Nothing is sent until it is resumed.","since":"2030-01-31T12:00:00Z","lag":5,"parked":0,"dead":0}""");
        var nodes = $$"""[{"id":"{{NodeId}}","host":"host-a","started_at":"2030-01-31T12:00:00Z","heartbeat_at":"2030-01-31T12:00:00Z","publishers":1}]""";
        overview.GetProperty("nodes").GetRawText().Should().Be(nodes);
        (await _api.GetAsync("/api/nodes")).Data.GetRawText().Should().Be(nodes);

        double Number(string name) => overview.GetProperty(name).GetDouble();
    }

    [Fact]
    public async Task Activity_is_told_of_everything_of_a_topic_and_of_a_publisher()
    {
        var (orders, publishers) = await BuildAsync();

        (await LastAsync("")).Should().Be("""{"at":"2030-01-31T12:00:00Z","received":330,"delivered":60,"failed":20,"skipped":3,"dead":1}""");
        (await LastAsync($"?topic={orders}")).Should().Be("""{"at":"2030-01-31T12:00:00Z","received":300,"delivered":60,"failed":20,"skipped":3,"dead":1}""");
        (await LastAsync($"?publisher_id={publishers[0].Id}")).Should().Be("""{"at":"2030-01-31T12:00:00Z","received":300,"delivered":60,"failed":20,"skipped":3,"dead":1}""");
        (await LastAsync($"?publisher_id={publishers[1].Id}")).Should().Be("""{"at":"2030-01-31T12:00:00Z","received":300,"delivered":0,"failed":0,"skipped":0,"dead":0}""");

        var one = (await _api.GetAsync($"/api/activity?publisher_id={publishers[0].Id}")).Data;
        one.GetProperty("minutes").GetArrayLength().Should().Be(60);
        one.GetProperty("error_rate").GetDouble().Should().Be(0.25);
        one.GetProperty("latency").GetProperty("p99_ms").GetDouble().Should().BeInRange(1, 1.61);
        var other = (await _api.GetAsync($"/api/activity?publisher_id={publishers[1].Id}")).Data;
        other.GetProperty("error_rate").ValueKind.Should().Be(JsonValueKind.Null);
        other.GetProperty("latency").ValueKind.Should().Be(JsonValueKind.Null);

        async Task<string> LastAsync(string query) =>
            (await _api.GetAsync("/api/activity" + query)).Data.GetProperty("minutes").EnumerateArray().Last().GetRawText();
    }

    [Theory]
    [InlineData("topic=nope", "unknown-topic", "topic")]
    [InlineData("topic=a/b", "unknown-topic", "topic")]
    [InlineData("publisher_id=4711", "validation", "publisher_id")]
    [InlineData("publisher_id=x", "validation", "publisher_id")]
    [InlineData("publisher_id=", "validation", "publisher_id")]
    [InlineData("publisher_id=1&topic=nope", "validation", "publisher_id")]
    public async Task Activity_of_what_is_not_there_is_the_callers_mistake(string query, string slug, string field)
    {
        var answer = await _api.GetAsync("/api/activity?" + query);

        answer.ShouldBeProblem(400, slug);
        answer.ShouldHaveError(field, "is invalid");
    }

    [Fact]
    public async Task A_topic_shows_its_figures_alone_and_in_the_list()
    {
        var (orders, _) = await BuildAsync();
        _time.Advance(TimeSpan.FromSeconds(30));

        var topic = (await _api.GetAsync($"/api/topics/{orders}")).Data;

        topic.GetProperty("messages").GetInt64().Should().Be(5);
        topic.GetProperty("head").GetInt64().Should().Be(5);
        topic.GetProperty("publishers").GetInt64().Should().Be(2);
        topic.GetProperty("received_rate").GetDouble().Should().Be(10);
        topic.GetProperty("last_received_at").GetDateTimeOffset().Should().Be(Minute);
        var listed = (await _api.GetAsync("/api/topics")).Data.EnumerateArray().ToList();
        listed[0].GetRawText().Should().Be(topic.GetRawText());
        listed[1].GetProperty("messages").GetInt64().Should().Be(0);
        listed[1].GetProperty("last_received_at").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_publisher_shows_its_error_rate_alone_and_in_the_list()
    {
        var (_, publishers) = await BuildAsync();

        (await _api.GetAsync($"/api/publishers/{publishers[0].Id}")).Data.GetProperty("error_rate").GetDouble().Should().Be(0.25);
        (await _api.GetAsync($"/api/publishers/{publishers[1].Id}")).Data.GetProperty("error_rate").ValueKind.Should().Be(JsonValueKind.Null);
        (await _api.GetAsync("/api/publishers")).Data.EnumerateArray().Select(listed => listed.GetProperty("error_rate").ValueKind)
            .Should().Equal(JsonValueKind.Number, JsonValueKind.Null);
    }

    /// <summary>Two topics; one has five messages and two publishers, of which one has trouble and the other is paused.</summary>
    private async Task<(string Topic, IReadOnlyList<Publisher> Publishers)> BuildAsync()
    {
        var topic = await _api.NewTopicAsync();
        var other = await _api.NewTopicAsync();
        for (var count = 0; count < 5; count++)
        {
            (await _api.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{} }""")).Status.Should().Be(201);
        }

        var publishers = new[] { await AddAsync(1), await AddAsync(2) };
        await _api.PatchAsync($"/api/publishers/{publishers[1].Id}", """{"active":false}""");
        await RunAsync(publishers[0]);
        await TellAsync(publishers[0], (await _api.Get<ITopicStore>().FindAsync(other, Cancel))!.Id);
        return (topic, publishers);

        async Task<Publisher> AddAsync(int number) => (await _api.Get<IPublisherStore>().TryAddAsync(
            new NewPublisher(topic, "http", $"https://receiver.example/{number}", Active: true, FromNow: false, PublisherSettings.Default), Cancel)).Publisher!;
    }

    /// <summary>A node takes it, delivers two, parks one, gives one up, and says that the receiver fails.</summary>
    private async Task RunAsync(Publisher publisher)
    {
        var leases = _api.Get<ILeaseStore>();
        var lease = (await leases.AcquireAsync(NodeId, 1, [], TimeSpan.FromMinutes(10), Cancel)).Single();
        await _api.Get<IDeliveryStore>().SettleAsync(
            new SettleBatch
            {
                TopicId = publisher.TopicId, PublisherId = publisher.Id, Epoch = lease.Epoch, Sequence = 1, Cursor = 4, SettledAbove = [],
                Delivered = [new DeliveredEntry(1, 1, 200, default), new DeliveredEntry(2, 1, 200, default)],
                Parked = [new ParkEntry(3, 1, TimeSpan.FromHours(1), "unavailable (503)")],
                Dead = [new DeadEntry(4, 3, 404, "max-attempts", "404")],
            },
            Cancel);
        var report = StillServer.Report with { Breaker = "open", ProbeAt = Minute.AddSeconds(8), LastError = "refused" };
        await leases.RenewAsync(NodeId, "host-a", [new HeldLease(publisher.Id, lease.Epoch, report.ToJson())], TimeSpan.FromMinutes(10), Cancel);
    }

    private Task<DateTimeOffset> TellAsync(Publisher publisher, long otherTopicId) => _api.Get<IActivityStore>().WriteAsync(
        NodeId,
        [
            new ActivityRow(Minute, publisher.TopicId, 0) { Received = 300 },
            new ActivityRow(Minute, otherTopicId, 0) { Received = 30 },
            new ActivityRow(Minute.AddMinutes(-1), publisher.TopicId, 0) { Received = 600 },
            new ActivityRow(Minute, publisher.TopicId, publisher.Id) { Delivered = 60, Failed = 20, Skipped = 3, Dead = 1, Latencies = [50, 10] },
        ],
        Cancel);
}
