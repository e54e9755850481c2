using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Topics;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IDeliveryStore"/> promises of parked deliveries: when they are due, and that they go away.</summary>
public abstract class ParkedDeliveryContract : StorageContract
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private Topic _topic = null!;
    private IReadOnlyList<Message> _messages = [];
    private Lease _lease = null!;

    [Fact]
    public async Task What_waits_for_an_unavailable_receiver_is_made_due_at_once_in_order_of_position_and_nothing_else_is()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 4);
        await AddPublisherAsync(topic);
        var lease = await LeaseAsync(NodeA);
        await Store.Deliveries.SettleAsync(
            new SettleBatch
            {
                TopicId = topic.Id,
                PublisherId = lease.PublisherId,
                Epoch = lease.Epoch,
                Sequence = 1,
                Cursor = 4,
                SettledAbove = [],
                Parked =
                [
                    new ParkEntry(1, 1, TimeSpan.FromHours(2), "unavailable (503)"), new ParkEntry(2, 1, TimeSpan.FromHours(1), "rejected (400)"),
                    new ParkEntry(3, 1, TimeSpan.Zero, "unavailable"), new ParkEntry(4, 1, TimeSpan.FromHours(1), "throttled (429)"),
                ],
            },
            Cancel);

        await Store.Deliveries.MakeUnavailableDueAsync(topic.Id, lease.PublisherId, lease.Epoch + 1, Cancel);
        (await Store.Deliveries.ReadDueAsync(topic.Id, lease.PublisherId, [], 10, Cancel)).Select(due => due.Message.Position).Should().Equal([3], "the epoch is another's");

        await Store.Deliveries.MakeUnavailableDueAsync(topic.Id, lease.PublisherId, lease.Epoch, Cancel);
        (await Store.Deliveries.ReadDueAsync(topic.Id, lease.PublisherId, [], 10, Cancel)).Select(due => due.Message.Position)
            .Should().Equal([1, 3], "what was due already goes by its position too");
    }

    [Fact]
    public async Task A_parked_delivery_tells_when_it_is_due_and_why_it_waits()
    {
        await StartAsync();
        var before = await Store.NowAsync();
        await SettleAsync(Settle().Park(1, 5 * Minute, attempts: 3, reason: "connection refused"));

        var state = await StateAsync(_messages[0]);

        state.Should().BeEquivalentTo(new
        {
            Status = DeliveryStatus.Parked,
            Attempts = 3,
            Reason = "connection refused",
            SettledAt = (DateTimeOffset?)null,
        });
        state.DueAt.Should().BeOnOrAfter(before + (5 * Minute)).And.BeOnOrBefore(await Store.NowAsync() + (5 * Minute));
    }

    [Fact]
    public async Task A_parked_delivery_takes_its_place_in_the_window()
    {
        await StartAsync();
        await SettleAsync(Settle().Park(1, 5 * Minute).Deliver(2).Park(4, 5 * Minute));

        (await CursorAsync(_lease.PublisherId)).Should().Be(2);
        var next = await LeaseAgainAsync(NodeB);
        SettledSet.Contains(next.Cursor, next.SettledAbove, 3).Should().BeFalse();
        SettledSet.Contains(next.Cursor, next.SettledAbove, 4).Should().BeTrue();
    }

    [Fact]
    public async Task Nothing_is_read_before_it_is_due()
    {
        await StartAsync();
        await SettleAsync(Settle().Park(1, 10 * Minute));

        await Store.AdvanceAsync(8 * Minute);
        (await DueAsync()).Should().BeEmpty();

        await Store.AdvanceAsync(3 * Minute);
        (await DueAsync()).Should().Equal(1);
    }

    [Fact]
    public async Task A_delay_of_nothing_is_due_at_once()
    {
        await StartAsync();
        await SettleAsync(Settle().Park(1, TimeSpan.Zero));

        (await DueAsync()).Should().Equal(1);
    }

    [Fact]
    public async Task The_earliest_due_is_read_first()
    {
        await StartAsync();
        await SettleAsync(Settle().Park(1, 3 * Minute).Park(2, 1 * Minute).Park(3, 2 * Minute).Park(4, 60 * Minute));
        await Store.AdvanceAsync(5 * Minute);

        (await DueAsync()).Should().Equal(2, 3, 1);
    }

    [Fact]
    public async Task At_most_so_many_are_read()
    {
        await StartAsync();
        await SettleAsync(Settle().Park(1, 3 * Minute).Park(2, 1 * Minute).Park(3, 2 * Minute));
        await Store.AdvanceAsync(5 * Minute);

        (await DueAsync(max: 2)).Should().Equal(2, 3);
    }

    [Fact]
    public async Task What_is_in_flight_is_left_out_and_does_not_count()
    {
        await StartAsync();
        await SettleAsync(Settle().Park(1, 3 * Minute).Park(2, 1 * Minute).Park(3, 2 * Minute));
        await Store.AdvanceAsync(5 * Minute);

        (await DueAsync(max: 2, except: [2, 4_711])).Should().Equal(3, 1);
        (await DueAsync(max: 2, except: [1, 2, 3])).Should().BeEmpty();
    }

    [Fact]
    public async Task Reading_what_is_due_changes_nothing()
    {
        await StartAsync();
        await SettleAsync(Settle().Park(1, TimeSpan.Zero));

        (await DueAsync()).Should().Equal(1);
        (await DueAsync()).Should().Equal(1);
    }

    [Fact]
    public async Task What_is_due_bears_its_message_and_attempts()
    {
        await StartAsync();
        await SettleAsync(Settle().Park(2, TimeSpan.Zero, attempts: 4));

        var due = (await Store.Deliveries.ReadDueAsync(_topic.Id, _lease.PublisherId, [], 10, Cancel)).Should().ContainSingle().Subject;

        due.Attempts.Should().Be(4);
        due.Message.Should().BeEquivalentTo(_messages[1], options => options.Excluding(message => message.Payload));
        Text(due.Message).Should().Be(Text(_messages[1]));
    }

    [Fact]
    public async Task A_publisher_reads_only_its_own()
    {
        await StartAsync();
        var other = await AddPublisherAsync(_topic, "http://other.example/");
        await SettleAsync(Settle().Park(1, TimeSpan.Zero));

        (await Store.Deliveries.ReadDueAsync(_topic.Id, other.Id, [], 10, Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task Parking_again_changes_due_time_attempts_and_reason()
    {
        await StartAsync();
        await SettleAsync(Settle().Park(1, TimeSpan.Zero, attempts: 1, reason: "503"));
        var rows = await Store.CountRowsOutsideLogAsync();

        await SettleAsync(Settle(2).Park(1, 10 * Minute, attempts: 2, reason: "timeout"));

        (await DueAsync()).Should().BeEmpty();
        (await StateAsync(_messages[0])).Should().BeEquivalentTo(new { Status = DeliveryStatus.Parked, Attempts = 2, Reason = "timeout" });
        (await Store.CountRowsOutsideLogAsync()).Should().Be(rows);
        await Store.AdvanceAsync(11 * Minute);
        (await DueAsync()).Should().Equal(1);
    }

    [Fact]
    public async Task A_delivery_that_succeeds_at_last_is_no_longer_parked()
    {
        await StartAsync();
        await SettleAsync(Settle().Park(1, TimeSpan.Zero).Park(2, TimeSpan.Zero));

        await SettleAsync(Settle(2).Deliver(1, attempts: 2, 200, default).Unpark(1));

        (await DueAsync()).Should().Equal(2);
        (await StateAsync(_messages[0])).Should().BeEquivalentTo(new { Status = DeliveryStatus.Delivered, Attempts = 2, DueAt = (DateTimeOffset?)null });
        (await Store.Publishers.FindStatusAsync(_lease.PublisherId, Cancel))!.Parked.Should().Be(1);
    }

    [Fact]
    public async Task A_delivery_that_is_given_up_is_not_due_any_more()
    {
        await StartAsync();
        await SettleAsync(Settle().Park(1, TimeSpan.Zero));

        await SettleAsync(Settle(2).Kill(1, attempts: 100).Unpark(1));

        (await DueAsync()).Should().BeEmpty();
        (await Store.Deliveries.NextDueAsync([_lease.PublisherId], Cancel)).Should().BeEmpty();
        (await StateAsync(_messages[0])).Should().BeEquivalentTo(new { Status = DeliveryStatus.DeadLettered, Attempts = 100 });
        (await Store.Publishers.FindStatusAsync(_lease.PublisherId, Cancel)).Should().BeEquivalentTo(new { Parked = 0L, Dead = 1L });
    }

    [Fact]
    public async Task Unparking_what_is_not_parked_is_harmless()
    {
        await StartAsync();

        await SettleAsync(Settle().Deliver(1).Unpark(1));

        (await StateAsync(_messages[0])).Status.Should().Be(DeliveryStatus.Delivered);
    }

    [Fact]
    public async Task The_next_due_is_that_of_the_earliest_of_each_publisher()
    {
        await StartAsync();
        var second = await AddPublisherAsync(_topic, "http://second.example/");
        var secondLease = await LeaseAsync(NodeA);
        var idle = await AddPublisherAsync(_topic, "http://idle.example/");
        long[] all = [_lease.PublisherId, second.Id, idle.Id, 4711];
        (await Store.Deliveries.NextDueAsync(all, Cancel)).Should().BeEmpty();

        await SettleAsync(Settle().Park(1, 30 * Minute).Park(2, 10 * Minute));
        await SettleAsync(new Settlement(_topic.Id, secondLease).Park(1, 20 * Minute));

        var next = await Store.Deliveries.NextDueAsync(all, Cancel);
        next.Should().HaveCount(2);
        next[_lease.PublisherId].Should().BeGreaterThan(8 * Minute).And.BeLessThanOrEqualTo(10 * Minute);
        next[second.Id].Should().BeGreaterThan(18 * Minute).And.BeLessThanOrEqualTo(20 * Minute);
        (await Store.Deliveries.NextDueAsync([second.Id], Cancel)).Should().ContainSingle();
        (await Store.Deliveries.NextDueAsync([], Cancel)).Should().BeEmpty();

        await Store.AdvanceAsync(12 * Minute);
        (await Store.Deliveries.NextDueAsync(all, Cancel))[_lease.PublisherId].Should().BeLessThanOrEqualTo(TimeSpan.Zero);
    }

    [Fact]
    public async Task Parked_deliveries_pass_to_the_next_owner()
    {
        await StartAsync();
        await SettleAsync(Settle().Park(1, TimeSpan.Zero));

        var next = await LeaseAgainAsync(NodeB);

        (await DueAsync()).Should().Equal(1);
        await SettleAsync(new Settlement(_topic.Id, next).Deliver(1, attempts: 2, 200, default).Unpark(1));
        (await DueAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_thousand_are_parked_and_unparked_in_a_flush_each()
    {
        await StartAsync(1_000);
        var park = Settle();
        var unpark = Settle(2);
        for (var position = 1; position <= 1_000; position++)
        {
            park.Park(position, TimeSpan.Zero).Fail(position, 1);
            unpark.Deliver(position, 2, 200, default).Unpark(position);
        }

        await SettleAsync(park);
        (await DueAsync(max: 2_000)).Should().HaveCount(1_000);

        await SettleAsync(unpark);
        (await DueAsync(max: 2_000)).Should().BeEmpty();
    }

    private async Task StartAsync(int messages = 5)
    {
        _topic = await AddTopicAsync();
        _messages = await FillAsync(_topic, messages);
        await AddPublisherAsync(_topic);
        _lease = await LeaseAsync(NodeA);
    }

    private Settlement Settle(long sequence = 1) => new(_topic.Id, _lease, sequence);

    private async Task SettleAsync(SettleBatch batch) => (await Store.Deliveries.SettleAsync(batch, Cancel)).Should().Be(SettleStatus.Settled);

    private async Task<IEnumerable<long>> DueAsync(int max = 10, params long[] except) =>
        (await Store.Deliveries.ReadDueAsync(_topic.Id, _lease.PublisherId, except, max, Cancel)).Select(due => due.Message.Position);
}
