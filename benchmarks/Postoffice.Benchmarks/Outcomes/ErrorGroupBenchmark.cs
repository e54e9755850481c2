using BenchmarkDotNet.Attributes;
using Postoffice.Outcomes;

namespace Postoffice.Benchmarks.Outcomes;

/// <summary>What does it cost to name the group of a dead letter, with an error as long as it may be?</summary>
[MemoryDiagnoser]
public class ErrorGroupBenchmark
{
    private string _error = "";

    [Params("short", "json", "quotes", "longest")]
    public string Kind { get; set; } = "";

    [GlobalSetup]
    public void Choose() => _error = Kind switch
    {
        "short" => "connection refused",
        "json" => """500 Internal Server Error: {"error":"deadlock on order 4711","id":"0198c5a0-7b1e-7c3a-9f00-0123456789ab","at":"2026-01-01T00:00:00Z"}""",
        "quotes" => new string('\'', 4096),
        _ => string.Concat(Enumerable.Repeat("a1 ", 4096 / 3)),
    };

    [Benchmark]
    public string Of() => ErrorGroup.Of(500, _error);
}
