using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.Receivers;

namespace Postoffice.EndToEnd.Tests;

/// <summary>A bad publisher is its own affair.</summary>
public sealed class IsolationTests : EndToEndTest
{
    private const int Messages = 5_000;
    private const int Healthy = 7;
    private const int PerRequest = 10;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(4);

    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task Receivers_that_hang_refuse_or_are_slow_do_not_slow_the_others(StorageKind kind)
    {
        // What is compiled while it runs is slower, and would flatter the run that comes later: the host compiles once, and all is warm before it counts.
        var host = await StartHostAsync(await CreateStorageAsync(kind), new Dictionary<string, string> { ["DOTNET_TieredCompilation"] = "0" });
        await RunAsync(host, "warm", 4 * Messages, Quick, withBad: false);
        var before = await RunAsync(host, "before", Messages, Pace, withBad: false);
        var beside = await RunAsync(host, "beside", Messages, Pace, withBad: true);
        var after = await RunAsync(host, "after", Messages, Pace, withBad: false);
        var alone = Math.Max(before, after);

        var report = string.Create(CultureInfo.InvariantCulture,
            $"{kind}: p99 of {Healthy} healthy receivers, {Messages} messages: {before:0.0} and {after:0.0} ms alone, {beside:0.0} ms beside one that hangs, one that refuses and one that is slow: {beside / alone:0.00} ×");
        TestContext.Current.TestOutputHelper?.WriteLine(report);
        TestContext.Current.AddAttachment("isolation", report);

        // The promise is 1.2; twice leaves room for a machine that does other things, and far less than what a shared queue would cost.
        beside.Should().BeLessThan(2 * alone, report);
    }

    /// <returns>The p99 of the healthy receivers' latency, from the request that publishes to the request that delivers, in milliseconds.</returns>
    private async Task<double> RunAsync(HostProcess host, string topic, int messages, TimeSpan pace, bool withBad)
    {
        await host.Client.CreateTopicAsync(topic, Cancel);
        var latencies = new ConcurrentBag<double>();
        var healthy = new List<ScriptedReceiver>();
        for (var index = 0; index < Healthy; index++)
        {
            var receiver = await StartReceiverAsync(keepRequests: false);
            receiver.AnswerBy(request => Note(request, latencies));
            await host.Client.CreatePublisherAsync(new NewPublisherView(topic, new Uri(receiver.Target)), Cancel);
            healthy.Add(receiver);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var (bad, badPublishers) = withBad ? await AddBadAsync(host, topic, stop.Token) : (Task.CompletedTask, []);
        using (var rhythm = new PeriodicTimer(pace))
        {
            for (var posted = 0; posted < messages; posted += PerRequest)
            {
                var payload = $$"""{"at":{{Stopwatch.GetTimestamp()}}}""";
                await host.Client.PostBulkAsync(topic, Enumerable.Repeat(payload, PerRequest), Cancel);
                await rhythm.WaitForNextTickAsync(Cancel);
            }
        }

        foreach (var receiver in healthy)
        {
            // Answered, so that the last latency is noted too.
            await receiver.WaitForAsync(receiver => receiver.Answered == messages, Cancel);
            receiver.Ledger.Distinct.Should().Be(messages);
            receiver.Ledger.Repeats.Should().Be(0);
        }

        // Whoever runs next is alone.
        foreach (var publisher in badPublishers)
        {
            await host.Client.DeletePublisherAsync(publisher, Cancel);
        }

        await stop.CancelAsync();
        await bad;
        var sorted = latencies.Order().ToList();
        sorted.Should().HaveCount(messages * Healthy);
        return sorted[(int)(sorted.Count * 0.99)];
    }

    private async Task<(Task Answering, List<long> Publishers)> AddBadAsync(HostProcess host, string topic, CancellationToken stop)
    {
        var hanging = await StartReceiverAsync(keepRequests: false);
        hanging.Hold();
        var slow = await StartReceiverAsync(keepRequests: false);
        slow.Hold();
        var refusing = new Uri($"http://127.0.0.1:{FreePort.Take()}/");
        var publishers = new List<long>();
        foreach (var target in new[] { new Uri(hanging.Target), new Uri(slow.Target), refusing })
        {
            publishers.Add((await host.Client.CreatePublisherAsync(new NewPublisherView(topic, target), Cancel)).Id);
        }

        return (AnswerSlowlyAsync(slow, hanging, stop), publishers);
    }

    /// <summary>Whatever has come is answered every four seconds; in the end what hangs is let go too.</summary>
    private static async Task AnswerSlowlyAsync(ScriptedReceiver receiver, ScriptedReceiver hanging, CancellationToken stop)
    {
        using var rhythm = new PeriodicTimer(TimeSpan.FromSeconds(4));
        try
        {
            while (await rhythm.WaitForNextTickAsync(stop))
            {
                receiver.Release(receiver.Held);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            receiver.ReleaseAll();
            hanging.ReleaseAll();
        }
    }

    private static ScriptedAnswer? Note(ReceivedRequest request, ConcurrentBag<double> latencies)
    {
        using var document = JsonDocument.Parse(request.Body);
        latencies.Add(Stopwatch.GetElapsedTime(document.RootElement.GetProperty("at").GetInt64()).TotalMilliseconds);
        return null;
    }
}
