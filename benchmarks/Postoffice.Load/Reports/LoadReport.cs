using System.Globalization;
using System.Text;
using Postoffice.Load.Client;

namespace Postoffice.Load.Reports;

/// <summary>What a run found.</summary>
internal sealed class LoadReport(LoadOptions options, string database)
{
    public List<Measured> BarePosts { get; } = [];

    public List<Measured> Inserts { get; } = [];

    public List<Measured> Posts { get; } = [];

    public List<DrainResult> Drains { get; } = [];

    /// <summary>What was lost or repeated; empty in a good run.</summary>
    public List<string> Losses { get; } = [];

    public void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            Losses.Add(otherwise);
        }
    }

    /// <summary>A Markdown document, aligned to be read on a terminal too.</summary>
    public string ToText()
    {
        var (bare, inserts, posts) = (Measured.Median(BarePosts), Measured.Median(Inserts), Measured.Median(Posts));
        List<string[]> rows =
        [
            ["", "rate /s", "p50 ms", "p99 ms", "host CPU ms per 1,000", "compared"],
            Row("bare Kestrel endpoint, POST", bare),
            Row("one INSERT per request", inserts),
            Row("POST /api/messages", posts, $"{Ratio(posts, bare)} × bare endpoint, {Ratio(posts, inserts)} × INSERT"),
        ];
        foreach (var result in Drains)
        {
            var (loop, drain) = (Measured.Median(result.Bare), Measured.Median(result.Drain));
            rows.Add(Row($"bare HttpClient loop, {result.Demand} at once", loop));
            rows.Add(Row($"drain, max_demand {result.Demand}", drain, $"{Ratio(drain, loop)} × bare loop"));
        }

        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Load: {options.Name}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{options.Posts:N0} single posts of {options.PayloadBytes:N0} bytes over {options.Connections} connections; a backlog of {options.Backlog:N0} messages drained to a receiver that answers at once. Client, host, database and receiver share the machine. Each line is the median of {options.Rounds} rounds, taken in turn with the others.").AppendLine();
        MarkdownTable.Append(text, rows);
        text.AppendLine().AppendLine(Losses.Count == 0 ? "Nothing was lost, nothing came twice." : "FAILED: " + string.Join("; ", Losses) + ".");
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Database: {database}").AppendLine().Append(Machine.Describe());
        return text.ToString();
    }

    private static string[] Row(string name, Measured measured, string compared = "") =>
    [
        name,
        measured.PerSecond.ToString("N0", CultureInfo.InvariantCulture),
        Milliseconds(measured.P50),
        Milliseconds(measured.P99),
        measured.ProcessorTime is { } time ? (time.TotalMilliseconds * 1_000 / measured.Calls).ToString("N0", CultureInfo.InvariantCulture) : "",
        compared,
    ];

    private static string Milliseconds(TimeSpan? time) => time?.TotalMilliseconds.ToString("N2", CultureInfo.InvariantCulture) ?? "";

    private static string Ratio(Measured one, Measured other) => (one.PerSecond / other.PerSecond).ToString("N2", CultureInfo.InvariantCulture);
}

/// <summary>Drains beside the bare loop of the same concurrency.</summary>
internal sealed record DrainResult(int Demand)
{
    public List<Measured> Bare { get; } = [];

    public List<Measured> Drain { get; } = [];
}
