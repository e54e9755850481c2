using System.Text.Json;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.Receivers;

namespace Postoffice.EndToEnd.Tests;

/// <summary>The order of each key holds through failures and restarts, peaceful and other.</summary>
public sealed class OrderingTests : EndToEndTest
{
    private const int Keys = 200;
    private const int PerKey = 50;
    private const int FailPercent = 10;

    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task Two_hundred_keys_arrive_in_order_through_failures_and_two_restarts(StorageKind kind)
    {
        var ledger = new Ledger(new Random(17));
        var receiver = await StartReceiverAsync(keepRequests: false);
        receiver.AnswerBy(ledger.Receive);
        var host = await StartHostAsync(await CreateStorageAsync(kind), ShortLeases);
        await host.Client.CreateTopicAsync("orders", Cancel);
        var publisher = await host.Client.CreatePublisherAsync(
            new NewPublisherView("orders", new Uri(receiver.Target)) { Ordering = "key", SecondsRetry = 1, MaxDemand = 50 }, Cancel);
        await Task.WhenAll(Enumerable.Range(0, Keys).Select(key => PostAsync(host, key)));

        // In peace, and then not.
        await receiver.WaitForAsync(_ => ledger.Accepted >= Keys * PerKey / 3, Cancel);
        await host.StopAsync(Cancel);
        ledger.Repeats.Should().Be(0, "a node that stops in peace repeats nothing");
        await host.StartAsync(Cancel);
        await receiver.WaitForAsync(_ => ledger.Accepted >= Keys * PerKey * 2 / 3, Cancel);
        await host.KillAsync();
        await host.StartAsync(Cancel);
        await receiver.WaitForAsync(_ => ledger.Accepted == Keys * PerKey, Cancel);
        await UntilAsync(async () => await host.Client.GetPublisherAsync(publisher.Id, Cancel) is { Lag: 0, Parked: 0, Dead: 0 });

        ledger.Faults.Should().BeEmpty();
        ledger.Repeats.Should().BeLessThan(1_000, "a kill repeats at most what was in flight or not yet written");
        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {ledger.Accepted} accepted in order, {ledger.Failed} refused on the way, {ledger.Repeats} repeated after the kill");
    }

    private async Task PostAsync(HostProcess host, int key)
    {
        for (var number = 1; number <= PerKey; number++)
        {
            await host.Client.PostKeyedAsync("orders", $"key-{key}", $$"""{"key":{{key}},"number":{{number}}}""", Cancel);
        }
    }

    /// <summary>The model: of each key the last number that was accepted. The next must be one higher; what was accepted before may come again.</summary>
    private sealed class Ledger(Random random)
    {
        private readonly Lock _lock = new();
        private readonly int[] _last = new int[Keys];

        public List<string> Faults { get; } = [];

        public int Accepted { get; private set; }

        public int Failed { get; private set; }

        public int Repeats { get; private set; }

        public ScriptedAnswer? Receive(ReceivedRequest request)
        {
            using var document = JsonDocument.Parse(request.Body);
            var (key, number) = (document.RootElement.GetProperty("key").GetInt32(), document.RootElement.GetProperty("number").GetInt32());
            lock (_lock)
            {
                if (number <= _last[key])
                {
                    Repeats++;
                    return null;
                }

                if (number > _last[key] + 1)
                {
                    Faults.Add($"{number} of key {key} came after {_last[key]}");
                }

                if (random.Next(100) < FailPercent)
                {
                    Failed++;
                    return new(random.Next(2) == 0 ? 503 : 422);
                }

                _last[key] = number;
                Accepted++;
                return null;
            }
        }
    }
}
