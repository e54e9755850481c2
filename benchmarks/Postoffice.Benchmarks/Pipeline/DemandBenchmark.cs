using BenchmarkDotNet.Attributes;
using Postoffice.Pipeline;
using Postoffice.Publishers;

namespace Postoffice.Benchmarks.Pipeline;

/// <summary>What does the counting of demand cost one delivery?</summary>
[MemoryDiagnoser]
public class DemandBenchmark
{
    private const int Deliveries = 10_000;

    private Demand _demand = new(50, 25);

    [Params(DemandMode.Completed, DemandMode.LowWatermark)]
    public DemandMode Mode { get; set; }

    [GlobalSetup]
    public void Start() => _demand = new Demand(50, 25, Mode);

    /// <summary>A producer answers all that is asked for, consumers finish it one by one.</summary>
    [Benchmark(OperationsPerInvoke = Deliveries)]
    public int TakeAndFinish()
    {
        var asked = 0;
        for (var delivery = 0; delivery < Deliveries; delivery++)
        {
            if (_demand.Pending > 0)
            {
                _demand.Take(_demand.Pending);
            }

            asked += _demand.Finish();
        }

        return asked;
    }
}
