using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;
using Postoffice.Load.Reports;
using Postoffice.Load.Steps;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.PostgreSql;

namespace Postoffice.Load.Pages;

/// <summary>How long each page of the dashboard takes to read: all that it asks for, at once, as the browser does, until the last answer.</summary>
internal static class PageRun
{
    private const int Rounds = 31;
    private const string Api = "-/api";

    // The first reading of anything compiles it.
    private const int Warmup = 3;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var (messages, publishers, writesFile) = Parse(arguments);
        await using var server = await PostgresServer.StartAsync(fsync: false);
        // 200 publishers that start at once would take every connection that the server has.
        var connectionString = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()) { MaxPoolSize = 32 }.ConnectionString;
        var settings = new Dictionary<string, string> { ["Postoffice__Storage__Postgres__ConnectionString"] = connectionString };
        await using var host = new HostProcess(settings);
        await using var receiver = await ServerProcess.StartAsync("receiver");

        Say("Making the schema");
        await host.StartAsync(CancellationToken.None);
        await host.StopAsync(CancellationToken.None);
        Say($"Filling the database with {messages:N0} messages and {publishers:N0} publishers");
        await PageWorld.FillAsync(connectionString, messages, publishers, receiver.Target("/pages/"), new Uri("http://127.0.0.1:1/down/"));
        await host.StartAsync(CancellationToken.None);
        await SettleDownAsync(host, publishers);

        var scansBefore = await PageWorld.ScansAsync(connectionString);
        List<string[]> rows = [["page", "requests", "median ms", "p95 ms", "max ms", "asks for"]];
        var slowest = 0.0;
        using var rhythm = new PeriodicTimer(TimeSpan.FromSeconds(1.1));
        foreach (var (name, paths) in await PagesAsync(host))
        {
            Say(name);
            var times = new List<double>();
            for (var round = 0; round < Warmup; round++)
            {
                await ReadAsync(host, paths);
            }

            for (var round = 0; round < Rounds; round++)
            {
                // All who look within a second share one reading of the overview: each of these is a reading of its own.
                if (name == "Overview")
                {
                    await rhythm.WaitForNextTickAsync();
                }

                times.Add(await ReadAsync(host, paths));
            }

            times.Sort();
            slowest = Math.Max(slowest, times[Rounds / 2]);
            rows.Add([name, paths.Length.ToString(CultureInfo.InvariantCulture), Ms(times[Rounds / 2]), Ms(times[(int)(Rounds * 0.95)]), Ms(times[^1]), string.Join(' ', paths)]);
        }

        var (found, steps, seconds) = await SearchAllAsync(host, "/messages?attribute.customer=none&limit=50");
        var (_, textSteps, textSeconds) = await SearchAllAsync(host, "/messages?text=no-such-text&limit=50");
        var scans = (await PageWorld.ScansAsync(connectionString)).Where(table => table.Value > scansBefore.GetValueOrDefault(table.Key)).ToList();

        var text = new StringBuilder();
        text.AppendLine("# Pages of the dashboard").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{messages:N0} messages of 1 KB in 20 topics, {publishers:N0} publishers (5 of them far behind a receiver that is down), on PostgreSQL. Each line: all requests of a page at once, until the last is answered, {Rounds} times; client, host and database share the machine.").AppendLine();
        MarkdownTable.Append(text, rows);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Slowest median: {Ms(slowest)} ms.");
        text.AppendLine(CultureInfo.InvariantCulture, $"A search that finds nothing, through all {messages:N0} messages: by attribute {seconds:N1} s in {steps} steps ({found} found), by text {textSeconds:N1} s in {textSteps} steps; each step is an answer of its own.");
        text.AppendLine(scans.Count == 0 ? "No growing table was read without an index." : $"READ WITHOUT AN INDEX: {string.Join(", ", scans.Select(table => table.Key))}.");
        text.AppendLine().Append(Machine.Describe());
        Console.WriteLine(text);
        if (writesFile)
        {
            Console.WriteLine($"Written to {ReportFile.Write(text.ToString(), "pages")}");
        }

        return scans.Count == 0 ? 0 : 1;
    }

    private static async Task<List<(string Name, string[] Paths)>> PagesAsync(HostProcess host)
    {
        var message = (await host.Client.GetJsonAsync("/api/dead_letters?limit=1", CancellationToken.None))[0].GetProperty("message_id").GetString();
        return
        [
            ("Overview", ["/overview"]),
            ("Topics", ["/topics?limit=50"]),
            ("Topic", ["/topics/orders", "/activity?topic=orders", "/publishers?topic=orders&limit=100", "/messages?topic=orders&limit=10"]),
            ("Publishers", ["/publishers?limit=100", "/topics?limit=1000"]),
            ("Publisher", ["/publishers/12", "/activity?publisher_id=12"]),
            ("Messages, newest of all topics", ["/messages?limit=50", "/topics?limit=1000", "/publishers?limit=1000"]),
            ("Messages of a topic", ["/messages?topic=orders&limit=50"]),
            ("Messages of a time", [$"/messages?topic=orders&limit=50&from={Minutes(30)}&to={Minutes(20)}"]),
            ("Messages of a time, all topics", [$"/messages?limit=50&from={Minutes(30)}&to={Minutes(20)}"]),
            ("Messages by attribute", ["/messages?attribute.customer=1234&limit=50"]),
            ("Messages by attribute that none has: one step", ["/messages?attribute.customer=none&limit=50"]),
            ("Messages by text: one step", ["/messages?text=no-such-text&limit=50"]),
            ("Messages parked, of a topic", ["/messages?topic=orders&state=parked&limit=50"]),
            ("Messages dead, of a topic", ["/messages?topic=orders&state=dead_lettered&limit=50"]),
            ("Messages waiting, of a publisher", ["/messages?publisher_id=1&state=waiting&limit=50"]),
            ("Messages delivered, of a topic", ["/messages?topic=orders&state=delivered&limit=50"]),
            ("Message", [$"/messages/{message}", $"/messages/{message}/explain"]),
            ("Dead letters", ["/dead_letters/groups?limit=100", "/dead_letters?limit=50"]),
        ];
    }

    private static string Minutes(int ago) => TimeProvider.System.GetUtcNow().AddMinutes(-ago).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>Until the publishers run, so that reports are there, and no longer start.</summary>
    private static async Task SettleDownAsync(HostProcess host, int publishers)
    {
        Say("Waiting until all publishers run");
        using var rhythm = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        var running = 0;
        while (running < publishers && await rhythm.WaitForNextTickAsync())
        {
            var nodes = await host.Client.GetJsonAsync("/api/nodes", CancellationToken.None);
            running = nodes.EnumerateArray().Sum(node => node.GetProperty("publishers").GetInt32());
        }
    }

    private static async Task<double> ReadAsync(HostProcess host, string[] paths)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(paths.Select(path => ReadAsync(host, path)));
        return TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task<JsonElement> ReadAsync(HostProcess host, string path)
    {
        using var response = await host.Client.Http.GetAsync(new Uri(Api + path, UriKind.Relative));
        var body = await response.Content.ReadAsByteArrayAsync();
        return response.IsSuccessStatusCode
            ? JsonSerializer.Deserialize<JsonElement>(body)
            : throw new HttpRequestException($"{path} answered {(int)response.StatusCode}: {Encoding.UTF8.GetString(body)}");
    }

    private static async Task<(int Found, int Steps, double Seconds)> SearchAllAsync(HostProcess host, string path)
    {
        Say($"Searching everything: {path}");
        var started = TimeProvider.System.GetTimestamp();
        var (found, steps, after) = (0, 0, "");
        do
        {
            var page = await ReadAsync(host, path + after);
            found += page.GetProperty("data").GetArrayLength();
            steps++;
            after = page.GetProperty("next").GetString() is { } next ? "&after=" + Uri.EscapeDataString(next) : null;
        }
        while (after is not null);

        return (found, steps, TimeProvider.System.GetElapsedTime(started).TotalSeconds);
    }

    private static (int Messages, int Publishers, bool WritesFile) Parse(string[] arguments)
    {
        var (messages, publishers, writesFile) = (1_000_000, 200, true);
        for (var index = 0; index < arguments.Length; index++)
        {
            switch (arguments[index])
            {
                case "--messages":
                    messages = int.Parse(arguments[++index], CultureInfo.InvariantCulture);
                    break;
                case "--publishers":
                    publishers = int.Parse(arguments[++index], CultureInfo.InvariantCulture);
                    break;
                case "--no-file":
                    writesFile = false;
                    break;
                default:
                    throw new FormatException($"{arguments[index]} is not known.\n\n{LoadOptions.Usage}");
            }
        }

        return (messages, publishers, writesFile);
    }

    private static string Ms(double milliseconds) => milliseconds.ToString("N1", CultureInfo.InvariantCulture);

    private static void Say(string text) => Console.WriteLine($"… {text}");
}
