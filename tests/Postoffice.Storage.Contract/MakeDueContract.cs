using Postoffice.Deliveries;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IDeliveryStore.MakeDueAsync"/> promises: an operator need not wait for the time of a parked delivery.</summary>
public abstract class MakeDueContract : LeasedPublisherSteps
{
    [Fact]
    public async Task A_parked_delivery_is_due_now_with_the_attempts_it_had_and_no_other_is()
    {
        await StartAsync(3);
        await SettleAsync(Settle().Park(1, 5 * Minute, attempts: 4, reason: "rejected (400)").Park(2, 5 * Minute, attempts: 2, reason: "unavailable (503)"));

        (await MakeDueAsync(2)).Should().Be(MakeDueStatus.Due);

        (await DueAsync()).Should().Equal(2);
        (await StateAsync(Messages[1])).Should().BeEquivalentTo(new { Status = DeliveryStatus.Parked, Attempts = 2, Reason = "unavailable (503)" });
        (await Store.Deliveries.NextDueAsync([Publisher.Id], Cancel))[Publisher.Id].Should().BeLessThanOrEqualTo(TimeSpan.Zero);
    }

    [Fact]
    public async Task One_that_is_due_already_keeps_its_place()
    {
        await StartAsync(2);
        await SettleAsync(Settle().Park(2, TimeSpan.Zero));
        await Store.AdvanceAsync(Minute);
        await SettleAsync(Settle().Park(1, TimeSpan.Zero));
        await Store.AdvanceAsync(Minute);

        (await MakeDueAsync(2)).Should().Be(MakeDueStatus.Due);

        (await DueAsync()).Should().Equal(2, 1);
    }

    [Fact]
    public async Task One_behind_its_key_waits_on_and_the_head_of_the_key_is_due()
    {
        await StartAsync("a", "a");
        await SettleAsync(Settle().Park(1, 5 * Minute, key: "a").ParkBehind("a", 2));

        (await MakeDueAsync(2)).Should().Be(MakeDueStatus.BehindKey);
        (await DueAsync()).Should().BeEmpty();
        (await StateAsync(Messages[1])).Should().BeEquivalentTo(new { Reason = "behind key", DueAt = (DateTimeOffset?)null });

        (await MakeDueAsync(1)).Should().Be(MakeDueStatus.Due);
        (await DueAsync()).Should().Equal(1);
    }

    [Fact]
    public async Task An_attempt_that_is_under_way_is_left_to_its_deadline()
    {
        await StartAsync(1);
        await SettleAsync(Settle().Park(1, 5 * Minute, reason: ParkEntry.InFlight));

        (await MakeDueAsync(1)).Should().Be(MakeDueStatus.Due);

        (await DueAsync()).Should().BeEmpty("another owner would send it a second time");
    }

    [Fact]
    public async Task What_is_not_parked_is_not_found()
    {
        await StartAsync(4);
        await SettleAsync(Settle().Deliver(1).Kill(2).Park(3, Minute));
        await SettleAsync(Settle().Deliver(3).Unpark(3));

        foreach (var position in new long[] { 1, 2, 3, 4, 5 })
        {
            (await MakeDueAsync(position)).Should().Be(MakeDueStatus.NotParked, "of position {0}", position);
        }

        (await DueAsync()).Should().BeEmpty();
        (await StatusAsync()).Should().BeEquivalentTo(new { Parked = 0L, Dead = 1L });
    }

    [Fact]
    public async Task Another_topic_or_publisher_is_another_delivery()
    {
        await StartAsync(1);
        await SettleAsync(Settle().Park(1, Minute));
        var other = await AddPublisherAsync(Topic, "http://other.example/");

        (await Store.Deliveries.MakeDueAsync(Topic.Id, other.Id, 1, Cancel)).Should().Be(MakeDueStatus.NotParked);
        (await Store.Deliveries.MakeDueAsync(Topic.Id + 1, Publisher.Id, 1, Cancel)).Should().Be(MakeDueStatus.NotParked);

        (await DueAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Of_a_deleted_publisher_nothing_is_made_due()
    {
        await StartAsync(1);
        await SettleAsync(Settle().Park(1, Minute));
        await Store.Publishers.DeleteAsync(Publisher.Id, Cancel);

        (await MakeDueAsync(1)).Should().Be(MakeDueStatus.NotParked);
    }

    [Fact]
    public async Task A_settle_that_comes_after_it_has_the_last_word()
    {
        await StartAsync(2);
        await SettleAsync(Settle().Park(1, 5 * Minute).Park(2, 5 * Minute));
        await MakeDueAsync(1);
        await MakeDueAsync(2);

        await SettleAsync(Settle().Park(1, 10 * Minute, attempts: 2).Deliver(2, attempts: 2, 200, default).Unpark(2));

        (await DueAsync()).Should().BeEmpty();
        (await StateAsync(Messages[0])).Should().BeEquivalentTo(new { Status = DeliveryStatus.Parked, Attempts = 2 });
        (await StateAsync(Messages[1])).Status.Should().Be(DeliveryStatus.Delivered);
    }

    [Fact]
    public async Task Settles_and_hands_that_meet_do_each_other_no_harm()
    {
        await StartAsync(20);
        var settlement = Settle();
        for (var position = 1; position <= 20; position++)
        {
            settlement.Park(position, 5 * Minute);
        }

        await SettleAsync(settlement);
        var done = Settle();
        for (var position = 1; position <= 20; position++)
        {
            done.Deliver(position, attempts: 2, 200, default).Unpark(position);
        }

        var hands = Enumerable.Range(1, 20).Reverse().Select(position => Task.Run(() => MakeDueAsync(position), Cancel)).ToList();
        await SettleAsync(done);
        await Task.WhenAll(hands);

        (await DueAsync()).Should().BeEmpty();
        (await StatusAsync()).Should().BeEquivalentTo(new { Parked = 0L, Delivered = 20L });
    }

    private Task<MakeDueStatus> MakeDueAsync(long position) => Store.Deliveries.MakeDueAsync(Topic.Id, Publisher.Id, position, Cancel);
}
