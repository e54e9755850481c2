using Postoffice.Deliveries;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IDeliveryStore"/> promises of deliveries that are parked behind another of their ordering key: they are never due by themselves.</summary>
public abstract class ParkedBehindKeyContract : LeasedPublisherSteps
{
    [Fact]
    public async Task What_is_parked_behind_its_key_is_never_due()
    {
        await StartAsync("a", "a", "a");
        await SettleAsync(Settle().Park(1, 5 * Minute, key: "a").ParkBehind("a", 2, 3));

        await Store.AdvanceAsync(TimeSpan.FromDays(400));

        (await DueAsync()).Should().Equal(1);
    }

    [Fact]
    public async Task Its_state_has_no_due_time()
    {
        await StartAsync("a", "a");
        await SettleAsync(Settle().Park(1, 5 * Minute, key: "a").ParkBehind("a", 2));

        (await StateAsync(Messages[1])).Should().BeEquivalentTo(new
        {
            Status = DeliveryStatus.Parked,
            Attempts = 0,
            DueAt = (DateTimeOffset?)null,
            SettledAt = (DateTimeOffset?)null,
            Reason = "behind key",
            Ahead = 0L,
        });
        (await StatusAsync()).Should().BeEquivalentTo(new { Parked = 2L, Cursor = 2L });
    }

    [Fact]
    public async Task The_next_due_passes_over_what_waits_behind_its_key()
    {
        await StartAsync("a", "a", "b");
        await SettleAsync(Settle().ParkBehind("a", 2));
        (await Store.Deliveries.NextDueAsync([Publisher.Id], Cancel)).Should().BeEmpty("nothing has a due time");

        await SettleAsync(Settle().Park(1, 5 * Minute, key: "a").Park(3, 9 * Minute, key: "b"));

        (await Store.Deliveries.NextDueAsync([Publisher.Id], Cancel))[Publisher.Id].Should().BePositive().And.BeLessThanOrEqualTo(5 * Minute);
    }

    [Fact]
    public async Task A_receiver_that_is_back_makes_nothing_due_that_waits_behind_its_key()
    {
        await StartAsync("a", "a", "a");
        await SettleAsync(Settle().Park(1, 5 * Minute, reason: "unavailable (503)", key: "a").ParkBehind("a", 2, 3));

        await Store.Deliveries.MakeUnavailableDueAsync(Topic.Id, Publisher.Id, Lease.Epoch, Cancel);

        (await DueAsync()).Should().Equal(1);
        (await StateAsync(Messages[1])).DueAt.Should().BeNull();
    }

    [Fact]
    public async Task A_publisher_that_keeps_no_order_any_more_has_what_waited_behind_its_keys_due_at_once()
    {
        await StartAsync("a", "a", "a", "b");
        await SettleAsync(Settle().Park(1, 5 * Minute, key: "a").ParkBehind("a", 2, 3).ParkBehind("b", 4));

        await Store.OrderingKeys.DissolveAsync(Topic.Id, Publisher.Id, Lease.Epoch + 1, Cancel);
        (await DueAsync()).Should().BeEmpty("another epoch has no say");
        await Store.OrderingKeys.DissolveAsync(Topic.Id, Publisher.Id, Lease.Epoch, Cancel);

        (await DueAsync()).Should().Equal(2, 3, 4);
    }

    [Fact]
    public async Task Parking_again_gives_a_due_time_or_takes_it()
    {
        await StartAsync("a", "b");
        await SettleAsync(Settle().ParkBehind("a", 1).Park(2, TimeSpan.Zero, attempts: 3, key: "b"));
        var rows = await Store.CountRowsOutsideLogAsync();

        await SettleAsync(Settle().Park(1, TimeSpan.Zero, attempts: 1, reason: "503", key: "a").ParkBehind("b", 2));

        (await DueAsync()).Should().Equal(1);
        (await StateAsync(Messages[0])).Should().BeEquivalentTo(new { Status = DeliveryStatus.Parked, Attempts = 1, Reason = "503" });
        (await StateAsync(Messages[1])).Should().BeEquivalentTo(
            new { Status = DeliveryStatus.Parked, Attempts = 0, Reason = "behind key", DueAt = (DateTimeOffset?)null });
        (await Store.CountRowsOutsideLogAsync()).Should().Be(rows);
    }

    [Fact]
    public async Task Parking_again_changes_the_key()
    {
        await StartAsync("a", "a");
        await SettleAsync(Settle().Park(1, TimeSpan.Zero).ParkBehind("a", 2));

        await SettleAsync(Settle().Park(1, TimeSpan.Zero, key: "a").Park(2, TimeSpan.Zero, key: null));

        (await Store.OrderingKeys.ReadLinesAsync(Topic.Id, Publisher.Id, Cancel)).Should().Equal(new KeyLine("a", 1, KeyHead.Parked, 1));
    }

    [Fact]
    public async Task A_delivery_that_waited_behind_its_key_is_delivered_and_no_longer_parked()
    {
        await StartAsync("a", "a");
        await SettleAsync(Settle().Park(1, TimeSpan.Zero, key: "a").ParkBehind("a", 2));

        await SettleAsync(Settle().Deliver(1, attempts: 2, 200, default).Unpark(1).Deliver(2).Unpark(2));

        (await StatusAsync()).Should().BeEquivalentTo(new { Parked = 0L, Delivered = 2L });
        (await StateAsync(Messages[1])).Status.Should().Be(DeliveryStatus.Delivered);
    }

    [Fact]
    public async Task It_takes_its_place_in_the_window_and_passes_to_the_next_owner()
    {
        await StartAsync("a", null, "a", "a");
        await SettleAsync(Settle().Park(1, 5 * Minute, key: "a").ParkBehind("a", 3, 4));

        var next = await LeaseAgainAsync(NodeB);

        next.Cursor.Should().Be(1);
        SettledSet.Contains(next.Cursor, next.SettledAbove, 2).Should().BeFalse();
        SettledSet.Contains(next.Cursor, next.SettledAbove, 4).Should().BeTrue();
        (await Store.OrderingKeys.ReadLinesAsync(Topic.Id, Publisher.Id, Cancel)).Should().Equal(new KeyLine("a", 1, KeyHead.Parked, 3));
    }
}
