using BenchmarkDotNet.Attributes;
using Postoffice.Pipeline;
using Postoffice.Transports;

namespace Postoffice.Benchmarks.Pipeline;

/// <summary>What does it cost to judge one attempt?</summary>
[MemoryDiagnoser]
public class AdaptiveWindowBenchmark
{
    private const int Attempts = 10_000;

    private readonly AdaptiveWindow _window = new(50);
    private TimeSpan _now;

    /// <summary>One in so many is throttled; 0: none.</summary>
    [Params(0, 100)]
    public int Throttled { get; set; }

    [Benchmark(OperationsPerInvoke = Attempts)]
    public int Record()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            var outcome = Throttled > 0 && attempt % Throttled == 0 ? SendOutcome.Throttled : SendOutcome.Accepted;
            _window.Record(outcome, isTimeout: false, _now - TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20), _now);
        }

        return _window.Limit;
    }
}
