using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;

namespace Postoffice.EndToEnd.Tests;

/// <summary>A receiver that comes back, or has been put right, is not flattened by what has waited for it.</summary>
public sealed class ComebackTests : EndToEndTest
{
    private const int Bulk = 2_500;

    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task A_receiver_that_comes_back_to_twenty_thousand_messages_gets_them_within_its_demand_and_evenly(StorageKind kind)
    {
        const int messages = 20_000;
        const int demand = 16;
        var receiver = await StartReceiverAsync(keepRequests: false);
        var arrivals = new ConcurrentBag<long>();
        receiver.AnswerBy(_ =>
        {
            arrivals.Add(Stopwatch.GetTimestamp());
            return null;
        });
        await receiver.StopAsync();
        var host = await StartHostAsync(await CreateStorageAsync(kind));
        await host.Client.CreateTopicAsync("orders", Cancel);
        var publisher = await host.Client.CreatePublisherAsync(
            new NewPublisherView("orders", new Uri(receiver.Target)) { MaxDemand = demand, SecondsRetry = 1 }, Cancel);
        var ids = await LoadAsync(host, messages);
        await UntilAsync(async () => (await host.Client.GetPublisherAsync(publisher.Id, Cancel)).Parked > 0);

        await receiver.StartAgainAsync();
        await receiver.WaitForAsync(receiver => receiver.Ledger.Distinct == messages && receiver.Answered >= messages, Cancel);
        await UntilAsync(async () => await host.Client.GetPublisherAsync(publisher.Id, Cancel) is { Lag: 0, Parked: 0 });

        receiver.Ledger.Missing(ids).Should().BeEmpty();
        receiver.MaxConcurrent.Should().BeLessThanOrEqualTo(demand);
        var (highest, mean) = RatePerSecond([.. arrivals.Order()]);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{kind}: {messages} waiting, {demand} at once at most, {receiver.MaxConcurrent} seen; started a second: {mean:0} on average, {highest:0} at most, {highest / mean:0.00} ×"));
        (highest / mean).Should().BeLessThanOrEqualTo(3);
    }

    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task Ten_thousand_dead_letters_that_are_retried_at_once_start_within_the_demand(StorageKind kind)
    {
        const int messages = 12_500;
        const int demand = 20;
        var receiver = await StartReceiverAsync(keepRequests: false);

        // One after the other, and one in five is taken: the breaker never sees five failures in a row, and spares the receiver nothing.
        var isPutRight = false;
        receiver.AnswerBy(request => Volatile.Read(ref isPutRight) || request.Body[^2] is (byte)'0' or (byte)'5' ? null : new(422));
        var host = await StartHostAsync(await CreateStorageAsync(kind));
        await host.Client.CreateTopicAsync("orders", Cancel);
        var publisher = await host.Client.CreatePublisherAsync(
            new NewPublisherView("orders", new Uri(receiver.Target)) { MaxDemand = 1, MaxAttempts = 1 }, Cancel);
        var ids = await LoadAsync(host, messages);
        await UntilAsync(async () => await host.Client.GetPublisherAsync(publisher.Id, Cancel) is { Lag: 0, Parked: 0, Dead: 10_000 });

        Volatile.Write(ref isPutRight, true);
        await host.Client.PatchPublisherAsync(publisher.Id, $$"""{"max_demand":{{demand}}}""", Cancel);
        var answer = await host.Client.PostJsonAsync("/api/dead_letters/retry", $$"""{"publisher_id":{{publisher.Id}},"limit":10000}""", Cancel);
        answer.GetProperty("retried").GetInt32().Should().Be(10_000);
        await UntilAsync(async () => await host.Client.GetPublisherAsync(publisher.Id, Cancel) is { Parked: 0, Dead: 0, Delivered: messages });

        receiver.Ledger.Missing(ids).Should().BeEmpty();
        receiver.Count.Should().Be(messages + 10_000, "nothing is sent more often than it must be");
        receiver.MaxConcurrent.Should().BeLessThanOrEqualTo(demand);
    }

    private async Task<List<Guid>> LoadAsync(HostProcess host, int messages)
    {
        var ids = new List<Guid>(messages);
        for (var loaded = 0; loaded < messages; loaded += Bulk)
        {
            ids.AddRange(await host.Client.PostBulkAsync("orders", Enumerable.Range(loaded, Bulk).Select(number => $$"""{"number":{{number}}}"""), Cancel));
        }

        return ids;
    }

    /// <returns>The most that began within any one second, and the mean over the whole time.</returns>
    private static (double Highest, double Mean) RatePerSecond(List<long> times)
    {
        var (highest, first) = (0, 0);
        for (var last = 0; last < times.Count; last++)
        {
            while (times[last] - times[first] > Stopwatch.Frequency)
            {
                first++;
            }

            highest = Math.Max(highest, last - first + 1);
        }

        return (highest, times.Count / Math.Max(1, Stopwatch.GetElapsedTime(times[0], times[^1]).TotalSeconds));
    }
}
