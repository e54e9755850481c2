using BenchmarkDotNet.Attributes;
using Postoffice.Pipeline;

namespace Postoffice.Benchmarks.Pipeline;

/// <summary>What does a node's slot cost one delivery, alone and with several publishers at once?</summary>
[MemoryDiagnoser]
public class NodeSlotsBenchmark
{
    private const int Deliveries = 100_000;
    private const int Batch = 25;

    private const int Free = 200;
    private const int HeldByWaiting = NodeSlots.Alpha * Free;

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
        // Those that wait hold so many that what the others take and return never makes room for them.
        var slots = new NodeSlots(Free + (Waiting * HeldByWaiting));
        var waiting = Enumerable.Range(0, Waiting).Select(_ => slots.Join(() => throw new InvalidOperationException("There was room after all."))).ToList();
        waiting.ForEach(share => share.TryTake(HeldByWaiting));
        waiting.ForEach(share => share.TryTake(1));
        _shares = [.. Enumerable.Range(0, Threads).Select(_ => slots.Join(() => { }))];
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

            left -= granted;
        }
    });
}
