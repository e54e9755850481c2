using Postoffice.Pipeline;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>Publishers that work as a producer and its consumers do: take what is granted, do it, give it back from elsewhere, wait when there is none.</summary>
public class NodeSlotsStressTests
{
    private const int Deliveries = 3_000;

    private static readonly TimeSpan StandsStill = TimeSpan.FromMinutes(1);

    /// <summary>If one wake-up were lost, its publisher would wait for ever.</summary>
    [Theory]
    [InlineData(1, 8)]
    [InlineData(3, 16)]
    [InlineData(10, 4)]
    [InlineData(100, 16)]
    public async Task All_get_their_work_done_and_never_more_is_in_flight_than_there_are_slots(int max, int publishers)
    {
        var slots = new NodeSlots(max);
        var (inFlight, most) = (0, 0);

        await Task.WhenAll(Enumerable.Range(0, publishers).Select(_ => Task.Run(RunAsync))).WaitAsync(StandsStill, TestContext.Current.CancellationToken);

        slots.Free.Should().Be(max);
        most.Should().BeInRange(1, max);

        async Task RunAsync()
        {
            using var wake = new SemaphoreSlim(0);
            using var share = slots.Join(() => wake.Release());
            var open = Deliveries;
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            for (var left = Deliveries; left > 0;)
            {
                var granted = share.TryTake(Math.Min(left, 1 + (left % 50)));
                if (granted == 0)
                {
                    await wake.WaitAsync(TestContext.Current.CancellationToken);
                    continue;
                }

                left -= granted;
                var now = Interlocked.Add(ref inFlight, granted);
                InterlockedMax(ref most, now);
                for (var delivery = 0; delivery < granted; delivery++)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(_ =>
                    {
                        Interlocked.Decrement(ref inFlight);
                        share.Return();
                        if (Interlocked.Decrement(ref open) == 0)
                        {
                            done.SetResult();
                        }
                    }, null);
                }
            }

            // Whoever has nothing left to do says so, or a slot would be kept for it.
            share.TryTake(0);
            await done.Task;
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;)
        {
            var before = Interlocked.CompareExchange(ref most, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
