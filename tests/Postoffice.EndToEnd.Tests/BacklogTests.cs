using System.Diagnostics;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;

namespace Postoffice.EndToEnd.Tests;

/// <summary>Many messages that wait cost their place in the log and nothing else.</summary>
public sealed class BacklogTests : EndToEndTest
{
    private const int Backlog = 100_000;
    private const int Bulk = 2_500;

    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task A_new_publisher_delivers_the_complete_log_or_only_what_comes_later(StorageKind kind)
    {
        var complete = await StartReceiverAsync(keepRequests: false);
        var later = await StartReceiverAsync();
        var storage = await CreateStorageAsync(kind);
        var host = await StartHostAsync(storage);
        await host.Client.CreateTopicAsync("orders", Cancel);
        var ids = await LoadAsync(host, "orders", Backlog);

        // Held, so that no outcome is written while the rows are counted.
        complete.Hold();
        var rowsBefore = await storage.CountRowsOutsideLogAsync(host, Cancel);
        await host.Client.CreatePublisherAsync(
            new NewPublisherView("orders", new Uri(complete.Target)) { FromNow = false, MaxDemand = 200, SecondsTimeout = 60 }, Cancel);
        await host.Client.CreatePublisherAsync(new NewPublisherView("orders", new Uri(later.Target)) { FromNow = true }, Cancel);
        await complete.WaitForAsync(1, Cancel);
        var rowsAfter = await storage.CountRowsOutsideLogAsync(host, Cancel);
        var last = await host.Client.PostMessageAsync("orders", """{"later":true}""", Cancel);
        complete.ReleaseAll();
        await complete.WaitForAsync(receiver => receiver.Ledger.Distinct == Backlog + 1, Cancel);
        await later.WaitForAsync(1, Cancel);

        (rowsAfter - rowsBefore).Should().BeLessThan(10, "a publisher is a cursor on the log, not a row for each message");
        complete.Ledger.Missing(ids).Should().BeEmpty();
        complete.Ledger.Repeats.Should().Be(0);
        later.Requests.Select(request => request.MessageId).Should().Equal(last.Id.ToString());
    }

    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task A_closed_port_costs_neither_rows_nor_memory_nor_the_others_time(StorageKind kind)
    {
        const int probes = 100;
        var receiver = await StartReceiverAsync(keepRequests: false);
        var closedPort = new Uri($"http://127.0.0.1:{FreePort.Take()}/");
        var storage = await CreateStorageAsync(kind);
        var host = await StartHostAsync(storage);
        await host.Client.CreateTopicAsync("dead", Cancel);
        await host.Client.CreateTopicAsync("alive", Cancel);
        var dead = await host.Client.CreatePublisherAsync(new NewPublisherView("dead", closedPort) { SecondsRetry = 1 }, Cancel);
        await host.Client.CreatePublisherAsync(new NewPublisherView("alive", new Uri(receiver.Target)), Cancel);

        // Warm: the same requests as below have been made, and answered, and their memory is part of what is compared with.
        await LoadAsync(host, "alive", 4 * Bulk);
        await receiver.WaitForAsync(receiver => receiver.Ledger.Distinct == 4 * Bulk, Cancel);
        var residentBefore = host.Process.ResidentBytes;

        await LoadAsync(host, "dead", Backlog);
        await UntilAsync(async () => (await host.Client.GetPublisherAsync(dead.Id, Cancel)).Parked > 0);
        var slowest = TimeSpan.Zero;
        for (var probe = 1; probe <= probes; probe++)
        {
            var start = Stopwatch.GetTimestamp();
            await host.Client.PostMessageAsync("alive", """{"probe":true}""", Cancel);
            await receiver.WaitForAsync((4 * Bulk) + probe, Cancel);
            var time = Stopwatch.GetElapsedTime(start);
            slowest = time > slowest ? time : slowest;
        }

        // Bounds far above what is usual (a few hundred rows, some ten MiB, some ms), and far below what a row or an object for each message would take.
        (await storage.CountRowsOutsideLogAsync(host, Cancel)).Should().BeLessThan(1_000);
        (host.Process.ResidentBytes - residentBefore).Should().BeLessThan(150 * 1024 * 1024);
        slowest.Should().BeLessThan(TimeSpan.FromSeconds(3));
        (await host.Client.GetPublisherAsync(dead.Id, Cancel)).Should().Match<PublisherView>(publisher =>
            publisher.Head == Backlog && publisher.Lag + publisher.Parked >= Backlog);
    }

    private async Task<List<Guid>> LoadAsync(HostProcess host, string topic, int messages)
    {
        var ids = new List<Guid>(messages);
        for (var loaded = 0; loaded < messages; loaded += Bulk)
        {
            ids.AddRange(await host.Client.PostBulkAsync(topic, Enumerable.Range(loaded, Bulk).Select(number => $$"""{"number":{{number}}}"""), Cancel));
        }

        return ids;
    }
}
