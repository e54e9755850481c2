using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Pipeline;

public sealed class RetryStormTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_parked_deliveries_that_are_due_at_the_same_moment_start_within_the_demand_and_leave_half_of_it_to_new_mail()
    {
        const int parked = 10_000;
        const int demand = 20;

        // Another node parked them all, and is gone.
        await using var first = await PostofficeInMemory.StartAsync(options => options.Pipeline.Enabled = false);
        var topic = await first.AddTopicAsync();
        var publisher = await first.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = demand });
        for (var batch = 0; batch < parked / 2_500; batch++)
        {
            await first.PublishAsync(2_500);
        }

        var (leases, node) = (first.Get<ILeaseStore>(), Guid.NewGuid());
        var lease = (await leases.AcquireAsync(node, 1, [], TimeSpan.FromMinutes(1), Token)).Single();
        await first.Get<IDeliveryStore>().SettleAsync(
            new SettleBatch
            {
                TopicId = topic.Id,
                PublisherId = publisher.Id,
                Epoch = lease.Epoch,
                Sequence = 1,
                Cursor = parked,
                SettledAbove = [],
                Parked = [.. Enumerable.Range(1, parked).Select(position => new ParkEntry(position, 1, TimeSpan.Zero, "rejected (500)"))],
            },
            Token);
        await leases.ReleaseAsync(node, publisher.Id, lease.Epoch, Token);
        var fresh = await first.PublishAsync(100);

        // What is new, and how many of the storm went before its last one.
        var (isFresh, before) = (0, -1);
        first.Transport.Answer = async (_, delivery, _) =>
        {
            if (delivery.Message.Position > parked && Interlocked.Increment(ref isFresh) == fresh.Count)
            {
                Volatile.Write(ref before, first.Transport.Sent.Count(sent => sent.Position <= parked));
            }

            await Task.Yield();
            return new SendResult(SendOutcome.Accepted, 200);
        };
        await using var second = await PostofficeInMemory.StartAsync(sharing: first);
        await second.UntilAsync(async () => await second.Publishers.FindStatusAsync(publisher.Id, Token) is { Parked: 0, Cursor: parked + 100 });

        first.Transport.Sent.Should().HaveCount(parked + 100, "each once");
        first.Transport.MaxInFlight.Should().BeLessThanOrEqualTo(demand);
        before.Should().BeInRange(0, parked / 2, "a hundred new ones do not wait for a storm of ten thousand to pass");
    }
}
