using BenchmarkDotNet.Attributes;
using Postoffice.Storage;

namespace Postoffice.Benchmarks.Storage;

/// <summary>What does one settled delivery cost in memory, with results coming in order or far out of it?</summary>
[MemoryDiagnoser]
public class SettledSetBenchmark
{
    private const int Window = 4_096;
    private const int Flush = 200;

    private readonly int[] _order = new int[Window];
    private SettledSet _set = new(0, Window);

    /// <summary>How far apart neighbours in time may be in position: 1 is in order.</summary>
    [Params(1, 50, 1_000)]
    public int Spread { get; set; }

    [GlobalSetup]
    public void Shuffle()
    {
        var random = new Random(1);
        for (var index = 0; index < Window; index++)
        {
            _order[index] = index + 1;
        }

        for (var start = 0; start + Spread <= Window; start += Spread)
        {
            random.Shuffle(_order.AsSpan(start, Spread));
        }
    }

    /// <summary>A window of deliveries: each is added, and after a flush the cursor moves and the bitmap is written.</summary>
    [Benchmark(OperationsPerInvoke = Window)]
    public int AddAndAdvance()
    {
        _set = new SettledSet(0, Window);
        var written = 0;
        for (var index = 0; index < Window; index++)
        {
            _set.Add(_order[index]);
            if (index % Flush == Flush - 1)
            {
                _set.Advance();
                written += _set.ToArray().Length;
            }
        }

        return written;
    }
}
