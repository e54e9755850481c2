using System.Globalization;
using System.Text;
using Google.Protobuf;
using Grpc.Net.Client;
using Postoffice.Load.Client;
using Postoffice.Load.Reports;
using Postoffice.Load.Steps;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.PubSub;
using Postoffice.Testing.PubSub.Protocol;

namespace Postoffice.Load.PubSub;

/// <summary>
/// How fast a backlog goes to Pub/Sub, beside a bare loop that publishes as many messages in as many calls, and how many calls that takes. To the emulator of Google's
/// SDK, and to a stand-in in this process, which counts.
/// </summary>
internal static class PubSubRun
{
    private const string Project = "projects/load";
    private const int BatchSize = 100;

    // As many calls as a publisher has in flight unless told otherwise.
    private const int CallsAtOnce = 4;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var (messages, rounds, writesFile) = Parse(arguments);
        var (emulator, reason) = await PubSubEmulator.TryStartAsync();
        if (emulator is null)
        {
            Console.Error.WriteLine(reason);
            return 2;
        }

        await using var real = emulator;
        await using var standIn = await FakePubSub.StartAsync();
        await using var database = await PostgresLoadDatabase.StartAsync(prepares: false);
        List<string[]> rows = [["receiver", "", "messages /s", "messages a call", "host CPU ms per 1,000", "compared"]];
        rows.AddRange(await MeasureAsync("emulator", real.Host, null, database, messages, rounds));
        rows.AddRange(await MeasureAsync("stand-in", standIn.Host, standIn, database, messages, rounds));

        var text = new StringBuilder();
        text.AppendLine("# Google Cloud Pub/Sub").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"A backlog of {messages:N0} messages of 1 KiB, delivered by a publisher with the default settings (chunk_size 100), beside a bare loop of {CallsAtOnce} calls at once with {BatchSize} messages each. Client, host, database and receiver share the machine. Each line is the median of {rounds} rounds, taken in turn.").AppendLine();
        MarkdownTable.Append(text, rows);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Emulator: {real.Description.Split('/')[^1].TrimEnd(')')}. Database: {database.Description}.");
        text.AppendLine().Append(Machine.Describe());
        Console.WriteLine(text);
        if (writesFile)
        {
            Console.WriteLine($"Written to {ReportFile.Write(text.ToString(), "pubsub")}");
        }

        return 0;
    }

    private static async Task<string[][]> MeasureAsync(string name, string receiver, FakePubSub? counting, PostgresLoadDatabase database, int messages, int rounds)
    {
        var topic = $"{name}-backlog";
        var settings = new Dictionary<string, string>(database.HostSettings) { ["Postoffice__PubSub__ProjectId"] = "load", ["Postoffice__PubSub__EmulatorHost"] = receiver };
        await using var host = await HostProcess.StartNewAsync(settings, CancellationToken.None);
        await host.Client.CreateTopicAsync(topic, CancellationToken.None);
        var payload = $$"""{"text":"{{new string('x', 1_024 - 11)}}"}""";
        for (var loaded = 0; loaded < messages; loaded += 1_000)
        {
            await host.Client.PostBulkAsync(topic, Enumerable.Repeat(payload, Math.Min(1_000, messages - loaded)), CancellationToken.None);
        }

        List<Measured> bare = [];
        List<Measured> drains = [];
        var (calls, sent) = (0, 0);

        // The first round of anything compiles it.
        for (var round = 0; round <= rounds; round++)
        {
            Console.WriteLine($"… {name}: round {round}");
            var bareRun = await PublishAsync(receiver, $"bare-{round}", payload, messages, counting is null);
            var before = counting?.Calls.Count ?? 0;
            var drain = await DrainAsync(host, receiver, topic, $"drain-{round}", messages, counting is null);
            if (round > 0)
            {
                bare.Add(bareRun);
                drains.Add(drain);
                calls += (counting?.Calls.Count ?? 0) - before;
                sent += messages;
            }
        }

        var (loop, delivery) = (Measured.Median(bare), Measured.Median(drains));
        return
        [
            [name, "bare loop", Rate(loop), $"{BatchSize}", "", ""],
            [name, "drain", Rate(delivery), counting is null ? "" : (sent / (double)calls).ToString("0.0", CultureInfo.InvariantCulture),
                (delivery.ProcessorTime!.Value.TotalMilliseconds * 1_000 / messages).ToString("0", CultureInfo.InvariantCulture),
                (delivery.PerSecond / loop.PerSecond).ToString("0.00 × bare loop", CultureInfo.InvariantCulture)],
        ];
    }

    private static async Task<Measured> PublishAsync(string receiver, string topic, string payload, int messages, bool mustExist)
    {
        await CreateTopicAsync(receiver, topic, mustExist);
        using var channel = GrpcChannel.ForAddress($"http://{receiver}");
        var client = new Publisher.PublisherClient(channel);
        var data = ByteString.CopyFromUtf8(payload);
        async ValueTask PublishOneAsync(int worker)
        {
            var request = new PublishRequest { Topic = $"{Project}/topics/{topic}" };
            for (var index = 0; index < BatchSize; index++)
            {
                request.Messages.Add(new PubsubMessage { Data = data, Attributes = { ["message-id"] = Guid.CreateVersion7().ToString() } });
            }

            await client.PublishAsync(request, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30));
        }

        var measured = await Workers.RunAsync(messages / BatchSize, CallsAtOnce, PublishOneAsync);
        return measured with { Calls = messages };
    }

    private static async Task<Measured> DrainAsync(HostProcess host, string receiver, string topic, string target, int messages, bool mustExist)
    {
        await CreateTopicAsync(receiver, target, mustExist);
        var (processor, started) = (host.Process.ProcessorTime, TimeProvider.System.GetTimestamp());
        var publisher = await host.Client.CreatePublisherAsync(new NewPublisherView(topic, new Uri(target, UriKind.Relative)) { Type = "pubsub" }, CancellationToken.None);
        using var rhythm = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while ((await host.Client.GetPublisherAsync(publisher.Id, CancellationToken.None)).Delivered < messages)
        {
            await rhythm.WaitForNextTickAsync();
        }

        var measured = new Measured(messages, TimeProvider.System.GetElapsedTime(started)) { ProcessorTime = host.Process.ProcessorTime - processor };
        await host.Client.DeletePublisherAsync(publisher.Id, CancellationToken.None);
        return measured;
    }

    private static async Task CreateTopicAsync(string receiver, string topic, bool mustExist)
    {
        if (mustExist)
        {
            using var application = new PubSubClient(receiver);
            await application.CreateTopicAsync($"{Project}/topics/{topic}", CancellationToken.None);
        }
    }

    private static string Rate(Measured measured) => measured.PerSecond.ToString("N0", CultureInfo.InvariantCulture);

    private static (int Messages, int Rounds, bool WritesFile) Parse(string[] arguments)
    {
        var (messages, rounds, writesFile) = (100_000, 3, true);
        for (var index = 0; index < arguments.Length; index++)
        {
            switch (arguments[index])
            {
                case "--messages":
                    messages = int.Parse(arguments[++index], CultureInfo.InvariantCulture);
                    break;
                case "--rounds":
                    rounds = int.Parse(arguments[++index], CultureInfo.InvariantCulture);
                    break;
                case "--no-file":
                    writesFile = false;
                    break;
                default:
                    throw new ArgumentException($"{arguments[index]} is not known.", nameof(arguments));
            }
        }

        return (messages, rounds, writesFile);
    }
}
