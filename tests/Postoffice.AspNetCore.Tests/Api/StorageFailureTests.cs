using Postoffice.AspNetCore.Tests.Server;

namespace Postoffice.AspNetCore.Tests.Api;

public sealed class StorageFailureTests : IAsyncLifetime
{
    private readonly ApiServer _server = new();

    public static TheoryData<string, string, string?> Requests { get; } = new()
    {
        { "POST", "/api/topics", """{"name":"another","origin_host":"b"}""" },
        { "GET", "/api/topics", null },
        { "GET", "/api/topics/t", null },
        { "DELETE", "/api/topics/t", null },
        { "POST", "/api/publishers", """{"active":true,"topic":"t","type":"http","target":"https://receiver.example/"}""" },
        { "GET", "/api/publishers", null },
        { "GET", "/api/publishers?topic=t", null },
        { "GET", "/api/publishers/1", null },
        { "PATCH", "/api/publishers/1", """{"active":true}""" },
        { "DELETE", "/api/publishers/1", null },
        { "POST", "/api/messages", """{"topic":"t","payload":{}}""" },
        { "POST", "/api/bulk_messages", """{"topic":"t","payload":[{}],"attributes":{}}""" },
        { "POST", "/api/bulk_messages", """{"topic":"t","payload":[],"attributes":{}}""" },
        { "POST", "/api/schedule_messages", """{"topic":"t","payload":{},"schedule_at":"2100-01-01T00:00:00Z"}""" },
        { "GET", "/api/messages/018f0000-0000-7000-8000-000000000000", null },
        { "GET", "/api/messages/018f0000-0000-7000-8000-000000000000/explain", null },
        { "GET", "/api/messages", null },
        { "GET", "/api/messages?topic=t&from=2000-01-01T00:00:00Z", null },
        { "GET", "/api/messages?publisher_id=1&state=parked", null },
        { "GET", "/api/publishers/1/blocked_keys", null },
        { "GET", "/api/publishers/1/dead_letters", null },
        { "POST", "/api/publishers/1/replay", """{"position":1}""" },
        { "DELETE", "/api/publishers/1/replay", null },
        { "GET", "/api/overview", null },
        { "GET", "/api/activity", null },
        { "GET", "/api/activity?topic=t", null },
        { "GET", "/api/activity?publisher_id=1", null },
        { "GET", "/api/nodes", null },
        { "GET", "/api/dead_letters", null },
        { "GET", "/api/dead_letters/groups", null },
        { "GET", "/api/dead_letters/1-1", null },
        { "POST", "/api/dead_letters/1-1/retry", null },
        { "POST", "/api/dead_letters/1-1/discard", null },
        { "POST", "/api/dead_letters/retry", """{"all":true}""" },
        { "POST", "/api/dead_letters/discard", """{"all":true}""" },
    };

    public async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        await _server.PostAsync("/api/topics", """{"name":"t","origin_host":"b"}""");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_storage_that_is_down_is_a_503_that_gives_nothing_away(string method, string path, string? body)
    {
        _server.Storage.State = StorageState.Down;

        var answer = await SendAsync(method, path, body);

        answer.ShouldBeProblem(503, "storage-unavailable");
        answer.Header("Retry-After").Should().Be("1");
        ShouldGiveNothingAway(answer);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_failure_that_nobody_foresaw_is_a_500_that_gives_nothing_away(string method, string path, string? body)
    {
        _server.Storage.State = StorageState.Broken;

        var answer = await SendAsync(method, path, body);

        answer.ShouldBeProblem(500, "internal");
        ShouldGiveNothingAway(answer);
    }

    [Theory]
    [InlineData(StorageState.Down, "/api/health")]
    [InlineData(StorageState.Down, "/api/health/ready")]
    [InlineData(StorageState.Hanging, "/api/health")]
    [InlineData(StorageState.Broken, "/api/health")]
    internal async Task Health_is_unavailable_within_a_second(StorageState state, string path)
    {
        _server.Storage.State = state;

        var answer = await _server.GetAsync(path).WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);

        answer.Status.Should().Be(503);
        answer.Body.Should().Be("""{"status":"unavailable"}""");
        answer.Header("Retry-After").Should().Be("1");
        answer.Header("Cache-Control").Should().Be("no-store");
        (await _server.GetAsync("/api/health/live")).Status.Should().Be(200);
        (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Head, path))).Status.Should().Be(503);
    }

    [Fact]
    public async Task It_serves_again_when_the_storage_is_back()
    {
        _server.Storage.State = StorageState.Down;
        (await _server.PostAsync("/api/messages", """{"topic":"t","payload":{}}""")).Status.Should().Be(503);

        _server.Storage.State = StorageState.Up;
        (await _server.PostAsync("/api/messages", """{"topic":"t","payload":{}}""")).Status.Should().Be(201);
        (await _server.GetAsync("/api/health/ready")).Status.Should().Be(200);
    }

    private static void ShouldGiveNothingAway(Answer answer) =>
        answer.Body.Should().NotContainAny("Host=", "Password", "hunter2", "5432", "Npgsql", "Exception", " at Postoffice");

    private Task<Answer> SendAsync(string method, string path, string? body) => _server.SendAsync(new HttpRequestMessage(new HttpMethod(method), path)
    {
        Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
    });
}
