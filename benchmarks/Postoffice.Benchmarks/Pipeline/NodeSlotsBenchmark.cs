using BenchmarkDotNet.Attributes;
using Postoffice.Pipeline;

namespace Postoffice.Benchmarks.Pipeline;

/// <summary>What does a node's slot cost one delivery, alone and with several publishers at once?</summary>
[MemoryDiagnoser]
public class NodeSlotsBenchmark
{
    private const int Deliveries = 100_000;
    private const int Batch = 25;

    private NodeSlots _slots = new(1_000);
    private NodeSlots.Share[] _shares = [];

    /// <summary>Publishers that take and return at the same time.</summary>
    [Params(1, 4)]
    public int Threads { get; set; }

    /// <summary>Publishers that wait for a slot meanwhile, and are looked through at each return.</summary>
    [Params(0, 100)]
    public int Waiting { get; set; }

    [GlobalSetup]
    public void Join()
    {
        // Few enough that nobody gets more while the others work, and enough that these never wait.
        _slots = new NodeSlots(1_000);
        _shares = [.. Enumerable.Range(0, Threads).Select(_ => _slots.Join(() => { }))];
        for (var index = 0; index < Waiting; index++)
        {
            _slots.Join(() => { }).TryTake(1_000);
        }
    }

    /// <summary>A producer takes a batch at once; consumers return one by one. The time is that of one delivery on one thread.</summary>
    [Benchmark(OperationsPerInvoke = Deliveries)]
    public void TakeAndReturn() => Parallel.ForEach(_shares, new ParallelOptions { MaxDegreeOfParallelism = Threads }, static share =>
    {
        for (var left = Deliveries; left > 0;)
        {
            var granted = share.TryTake(Math.Min(Batch, left));
            for (var delivery = 0; delivery < granted; delivery++)
            {
                share.Return();
            }

            left -= Math.Max(1, granted);
        }
    });
}
