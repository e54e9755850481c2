using System.Text;
using Postoffice.Load.Client;
using Postoffice.Load.Reports;
using Postoffice.Testing.Hosting;

namespace Postoffice.Load.Steps;

/// <summary>One run: each thing that Postoffice does is measured right after the bare program that does the same.</summary>
internal sealed class LoadRun
{
    private const string PostTopic = "load-posts";

    private readonly LoadOptions _options;
    private readonly HostProcess _host;
    private readonly ILoadDatabase _database;
    private readonly LoadReport _report;
    private readonly byte[] _payload;
    private readonly byte[] _body;

    private LoadRun(LoadOptions options, HostProcess host, ILoadDatabase database)
    {
        _options = options;
        _host = host;
        _database = database;
        _report = new LoadReport(options, database.Description);

        _report.Check(database.IsDurable, "the database does not wait for its disk at a commit");

        var frame = """{"text":""}""";
        _payload = Encoding.UTF8.GetBytes(frame.Insert(frame.Length - 2, new string('x', Math.Max(0, options.PayloadBytes - frame.Length))));
        _body = [.. Encoding.UTF8.GetBytes($$"""{"topic":"{{PostTopic}}","attributes":{"source":"load"},"payload":"""), .. _payload, (byte)'}'];
    }

    public static async Task<LoadReport> RunAsync(LoadOptions options)
    {
        Say($"Starting {options.Storage}, host and receiver");
        await using var database = await OpenAsync(options);
        await using var host = await HostProcess.StartNewAsync(database.HostSettings, CancellationToken.None);
        var run = new LoadRun(options, host, database);

        await run.MeasurePostsAsync();
        await run.MeasureDrainsAsync();
        return run._report;
    }

    private async Task MeasurePostsAsync()
    {
        await using var bare = await ServerProcess.StartAsync("bare");
        await _host.Client.CreateTopicAsync(PostTopic, CancellationToken.None);
        await PostLoad.RunAsync(bare.Address, _body, _options.Warmup, _options.Connections);
        await _database.InsertAsync(_payload, _options.Warmup, _options.Connections);
        await PostLoad.RunAsync(_host.Address, _body, _options.Warmup, _options.Connections);

        for (var round = 1; round <= _options.Rounds; round++)
        {
            Say($"Posting {_options.Posts} messages to a bare endpoint, inserting as many rows, posting as many to the host: round {round}");
            _report.BarePosts.Add(await PostLoad.RunAsync(bare.Address, _body, _options.Posts, _options.Connections));
            _report.Inserts.Add(await _database.InsertAsync(_payload, _options.Posts, _options.Connections));
            _report.Posts.Add(await WithProcessorTimeAsync(() => PostLoad.RunAsync(_host.Address, _body, _options.Posts, _options.Connections)));
        }

        var posted = _options.Warmup + (_options.Rounds * _options.Posts);
        var onlooker = new NewPublisherView(PostTopic, new Uri("http://127.0.0.1:1/onlooker")) { Active = false };
        var head = (await _host.Client.CreatePublisherAsync(onlooker, CancellationToken.None)).Head;
        _report.Check(head == posted, $"{posted} posts were answered with 201, the log holds {head}");
    }

    private async Task MeasureDrainsAsync()
    {
        await using var receiver = await ServerProcess.StartAsync("receiver");

        Say($"Loading a backlog of {_options.Backlog} messages");
        await LoadBacklogAsync("load-warmup", _options.Warmup);
        await LoadBacklogAsync("load-backlog", _options.Backlog);

        foreach (var demand in _options.Demands)
        {
            await BareLoop.RunAsync(receiver.Target("/bare-warmup"), _payload, _options.Warmup, demand);
            await DrainAsync(receiver, "load-warmup", _options.Warmup, demand, round: 0);
            var result = new DrainResult(demand);
            _report.Drains.Add(result);
            for (var round = 1; round <= _options.Rounds; round++)
            {
                Say($"Posting {_options.Backlog} messages with a bare loop, {demand} at once, and draining as many with max_demand {demand}: round {round}");
                result.Bare.Add(await BareLoop.RunAsync(receiver.Target("/bare"), _payload, _options.Backlog, demand));
                result.Drain.Add(await WithProcessorTimeAsync(() => DrainAsync(receiver, "load-backlog", _options.Backlog, demand, round)));
            }
        }
    }

    private async Task<Measured> WithProcessorTimeAsync(Func<Task<Measured>> measure)
    {
        var before = _host.Process.ProcessorTime;
        var measured = await measure();
        return measured with { ProcessorTime = _host.Process.ProcessorTime - before };
    }

    private async Task LoadBacklogAsync(string topic, int messages)
    {
        const int bulk = 1_000;
        var payload = Encoding.UTF8.GetString(_payload);
        await _host.Client.CreateTopicAsync(topic, CancellationToken.None);
        for (var loaded = 0; loaded < messages; loaded += bulk)
        {
            await _host.Client.PostBulkAsync(topic, Enumerable.Repeat(payload, Math.Min(bulk, messages - loaded)), CancellationToken.None);
        }
    }

    private async Task<Measured> DrainAsync(ServerProcess receiver, string topic, int messages, int demand, int round)
    {
        var target = receiver.Target($"/{topic}-{demand}-{round}");
        var started = TimeProvider.System.GetTimestamp();
        var publisher = await _host.Client.CreatePublisherAsync(
            new NewPublisherView(topic, target) { FromNow = false, MaxDemand = demand, SecondsTimeout = 30, SecondsRetry = 1 }, CancellationToken.None);
        var (requests, arrived) = await receiver.WaitAsync(target, messages);
        var elapsed = TimeProvider.System.GetElapsedTime(started);

        _report.Check(arrived >= messages, $"max_demand {demand}: {arrived} of {messages} messages arrived");
        _report.Check(requests == arrived, $"max_demand {demand}: {requests - arrived} requests were repeats, though nothing failed");
        await _host.Client.DeletePublisherAsync(publisher.Id, CancellationToken.None);
        return new Measured(messages, elapsed);
    }

    private static async Task<ILoadDatabase> OpenAsync(LoadOptions options) =>
        options.Storage == "sqlite" ? new SqliteLoadDatabase() : await PostgresLoadDatabase.StartAsync(options.Prepares);

    private static void Say(string text) => Console.WriteLine($"… {text}");
}
