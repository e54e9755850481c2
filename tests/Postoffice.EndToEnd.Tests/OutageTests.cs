using System.Diagnostics;
using System.Net;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.PostgreSql;

namespace Postoffice.EndToEnd.Tests;

/// <summary>The database goes away under a running host, and comes back.</summary>
public sealed class OutageTests : EndToEndTest
{
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_host_says_that_its_storage_is_down_and_recovers_by_itself()
    {
        var server = await StartServerAsync();
        var receiver = await StartReceiverAsync();
        var host = await StartHostAsync(
            new Dictionary<string, string> { ["Postoffice__Storage__Postgres__ConnectionString"] = await server.CreateDatabaseAsync(Cancel) });
        await host.Client.CreateTopicAsync("orders", Cancel);
        await host.Client.CreatePublisherAsync(new NewPublisherView("orders", new Uri(receiver.Target)) { SecondsRetry = 1 }, Cancel);
        var before = await host.Client.PostMessageAsync("orders", """{"number":1}""", Cancel);
        await receiver.WaitForAsync(1, Cancel);

        // One message waits for its receiver when the database goes.
        await receiver.StopAsync();
        var waiting = await host.Client.PostMessageAsync("orders", """{"number":2}""", Cancel);
        await server.StopAsync(PostgresStopMode.Immediate, Cancel);
        var start = Stopwatch.GetTimestamp();
        using var refused = await host.Client.TryPostMessageAsync("orders", """{"number":3}""", "number-3", Cancel);
        var health = await host.Client.GetHealthAsync(Cancel);
        var time = Stopwatch.GetElapsedTime(start);

        refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter.Should().NotBeNull();
        refused.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        health.Should().Be(HttpStatusCode.ServiceUnavailable);
        time.Should().BeLessThan(Promptly);

        await receiver.StartAgainAsync();
        await server.StartAgainAsync(Cancel);
        await UntilAsync(async () =>
        {
            using var response = await host.Client.TryPostMessageAsync("orders", """{"number":3}""", "number-3", Cancel);
            return response.StatusCode == HttpStatusCode.Created;
        });
        await receiver.WaitForAsync(receiver => receiver.Ledger.Distinct == 3, Cancel);

        (await host.Client.GetHealthAsync(Cancel)).Should().Be(HttpStatusCode.OK);
        receiver.Ledger.Missing([before.Id, waiting.Id]).Should().BeEmpty();
    }

    // One of its own: the other tests' server must not go away.
    private async Task<PostgresServer> StartServerAsync()
    {
        var server = await PostgresServer.TryStartLocalAsync(fsync: false, Cancel);
        Assert.SkipWhen(
            server is null && Environment.GetEnvironmentVariable("CI") is null,
            "This test stops a PostgreSQL server, so it needs one of its own: install PostgreSQL (initdb and pg_ctl).");
        return Keep(server ?? throw new InvalidOperationException("PostgreSQL's server programs (initdb and pg_ctl) are not on this machine."));
    }
}
