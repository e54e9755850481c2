using Postoffice.Publishers;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IOverviewStore"/> promises of publishers, nodes and topics.</summary>
public abstract class OverviewContract : LeasedPublisherSteps
{
    private static readonly PublisherReport Report = new()
    {
        At = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero), Breaker = "open", LastError = "refused", MaxDemand = 50, EffectiveDemand = 25, InFlight = 1, Rate = 2,
    };

    [Fact]
    public async Task Where_there_is_nothing_nothing_is_told()
    {
        var reading = await Store.Overview.ReadAsync(Cancel);

        reading.Should().BeEquivalentTo(new
        {
            Topics = 0L, Received = 0L, Publishers = Array.Empty<object>(), Nodes = Array.Empty<object>(),
            Activity = new { Minutes = Array.Empty<object>(), Latencies = Array.Empty<long>() },
        });
        (await Store.Overview.TopicsAsync([4_711], Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_publisher_is_told_with_where_it_stands_and_how_it_does()
    {
        await StartAsync("a", "b", null, null, null);
        await Store.Leases.RenewAsync(NodeA, "one.example", [new HeldLease(Publisher.Id, Lease.Epoch, Report.ToJson())], LeaseDuration, Cancel);
        await SettleAsync(Settle().Deliver(3).Kill(1).Park(2, Minute, key: "b"));
        var died = await Store.NowAsync();
        await Store.AdvanceAsync(Minute / 2);
        await SettleAsync(Settle().Kill(4, key: "c", blocksKey: true));

        var reading = await Store.Overview.ReadAsync(Cancel);

        reading.Topics.Should().Be(1);
        reading.Received.Should().Be(5);
        var told = reading.Publishers.Should().ContainSingle().Subject;
        told.Should().BeEquivalentTo(new
        {
            Publisher.Id, Topic = "orders", Publisher.Type, Publisher.Target, Active = true, PausedReason = (string?)null, PausedAt = (DateTimeOffset?)null,
            Publisher.UpdatedAt, Cursor = 4L, Head = 5L, Delivered = 1L, Parked = 1L, Dead = 2L, HasBlockedKey = true, Fault = (string?)null,
            LeaseEnded = (DateTimeOffset?)null, Owner = new PublisherOwner(NodeA, "one.example", Report),
        });
        told.OldestDead.Should().BeOnOrBefore(died).And.BeAfter(died - Minute);
    }

    [Fact]
    public async Task A_publisher_that_is_well_has_nothing_of_what_goes_wrong()
    {
        await StartAsync(messages: 1);

        (await Store.Overview.ReadAsync(Cancel)).Publishers.Should().ContainSingle().Which.Should().BeEquivalentTo(new
        {
            Parked = 0L, Dead = 0L, OldestDead = (DateTimeOffset?)null, HasBlockedKey = false, Owner = new PublisherOwner(NodeA, "", Report: null),
        });
    }

    [Fact]
    public async Task A_dead_letter_that_holds_up_no_key_blocks_none()
    {
        await StartAsync("a");
        await SettleAsync(Settle().Kill(1, key: "a"));

        (await Store.Overview.ReadAsync(Cancel)).Publishers[0].HasBlockedKey.Should().BeFalse();
    }

    [Fact]
    public async Task A_lease_that_has_run_out_is_nobodys_and_its_end_is_told()
    {
        await StartAsync(messages: 1);
        var taken = await Store.NowAsync();
        await Store.AdvanceAsync(LeaseDuration * 1.5);

        var publisher = (await Store.Overview.ReadAsync(Cancel)).Publishers[0];

        publisher.Owner.Should().BeNull();
        publisher.LeaseEnded.Should().BeCloseTo(taken + LeaseDuration, precision: Minute);
    }

    [Fact]
    public async Task A_lease_that_was_given_back_has_no_end()
    {
        await StartAsync(messages: 1);
        await Store.Leases.ReleaseAsync(NodeA, Publisher.Id, Lease.Epoch, Cancel);

        (await Store.Overview.ReadAsync(Cancel)).Publishers[0].Should().BeEquivalentTo(new { Owner = (PublisherOwner?)null, LeaseEnded = (DateTimeOffset?)null });
    }

    [Fact]
    public async Task A_pause_is_told_and_a_deleted_publisher_is_gone()
    {
        var topic = await AddTopicAsync();
        var paused = await AddPublisherAsync(topic, "http://receiver.example/1");
        var deleted = await AddPublisherAsync(topic, "http://receiver.example/2");
        await Store.Publishers.UpdateAsync(paused.Id, new PublisherChange { Active = false, PausedReason = "gone" }, Cancel);
        await Store.Publishers.DeleteAsync(deleted.Id, Cancel);

        var told = (await Store.Overview.ReadAsync(Cancel)).Publishers.Should().ContainSingle().Subject;

        told.Should().BeEquivalentTo(new { paused.Id, Active = false, PausedReason = "gone" });
        told.PausedAt.Should().NotBeNull();
    }

    [Fact]
    public async Task What_came_in_and_was_got_done_in_the_last_full_minutes_stands_beside_it()
    {
        await StartAsync(messages: 1);
        var minute = await BeginMinuteAsync();
        ActivityRow Of(int ago, long publisherId, long received = 0, long advanced = 0) =>
            new(minute - (ago * Minute), Topic.Id, publisherId) { Received = received, Advanced = advanced };

        await Store.Activity.WriteAsync(
            NodeA,
            [
                Of(0, 0, received: 1_000), Of(1, 0, received: 1), Of(5, 0, received: 2), Of(6, 0, received: 1_000),
                Of(0, Publisher.Id, advanced: 1_000), Of(1, Publisher.Id, advanced: 10), Of(5, Publisher.Id, advanced: 20), Of(6, Publisher.Id, advanced: 1_000),
            ],
            Cancel);
        await Store.Activity.WriteAsync(NodeB, [Of(1, 0, received: 4)], Cancel);

        (await Store.Overview.ReadAsync(Cancel)).Publishers[0].Should().BeEquivalentTo(new { RecentlyReceived = 7L, RecentlyAdvanced = 30L });
    }

    [Fact]
    public async Task Nodes_are_told_while_they_say_that_they_live()
    {
        await StartAsync(messages: 1);
        var started = await Store.NowAsync();
        await Store.Leases.RenewAsync(NodeA, "one.example", [new HeldLease(Publisher.Id, Lease.Epoch)], LeaseDuration, Cancel);
        await Store.AdvanceAsync(Minute / 2);
        await Store.Leases.RenewAsync(NodeB, "two.example", [], LeaseDuration, Cancel);
        await Store.Leases.RenewAsync(NodeA, "one.example", [], LeaseDuration, Cancel);

        var nodes = await Store.Overview.NodesAsync(Cancel);

        nodes.Select(node => (node.Id, node.Host, node.Publishers)).Should().Equal((NodeA, "one.example", 1), (NodeB, "two.example", 0));
        nodes[0].StartedAt.Should().BeOnOrAfter(started).And.BeBefore(started + (Minute / 2));
        nodes[0].HeartbeatAt.Should().BeOnOrAfter(started + (Minute / 2));
        (await Store.Overview.ReadAsync(Cancel)).Nodes.Should().Equal(nodes);

        await Store.AdvanceAsync(Minute * 1.5);
        await Store.Leases.RenewAsync(NodeB, "two.example", [], LeaseDuration, Cancel);
        (await Store.Overview.NodesAsync(Cancel)).Should().ContainSingle().Which.Id.Should().Be(NodeB);
    }

    [Fact]
    public async Task A_topic_is_told_with_its_log_its_publishers_and_what_came_in_lately()
    {
        await StartAsync(messages: 3);
        var empty = await AddTopicAsync("empty");
        await Store.Publishers.DeleteAsync((await AddPublisherAsync(Topic, "http://receiver.example/2")).Id, Cancel);
        var minute = await BeginMinuteAsync();
        await Store.Activity.WriteAsync(
            NodeA,
            [
                new ActivityRow(minute, Topic.Id, 0) { Received = 1 }, new ActivityRow(minute - Minute, Topic.Id, 0) { Received = 2 },
                new ActivityRow(minute - (2 * Minute), Topic.Id, 0) { Received = 100 }, new ActivityRow(minute, Topic.Id, Publisher.Id) { Delivered = 100 },
            ],
            Cancel);
        await Store.Activity.WriteAsync(NodeB, [new ActivityRow(minute, Topic.Id, 0) { Received = 4 }], Cancel);

        var figures = await Store.Overview.TopicsAsync([Topic.Id, empty.Id, 4_711], Cancel);

        figures.Should().HaveCount(2);
        figures[Topic.Id].Should().BeEquivalentTo(new
        {
            Messages = 3L, Head = 3L, Publishers = 1L, LastReceivedAt = (DateTimeOffset?)Messages[2].ReceivedAt, ReceivedThisMinute = 5L, ReceivedMinuteBefore = 2L,
        });
        figures[Topic.Id].At.Should().BeOnOrAfter(minute);
        figures[empty.Id].Should().BeEquivalentTo(new
        {
            Messages = 0L, Head = 0L, Publishers = 0L, LastReceivedAt = (DateTimeOffset?)null, ReceivedThisMinute = 0L, ReceivedMinuteBefore = 0L,
        });
    }
}
