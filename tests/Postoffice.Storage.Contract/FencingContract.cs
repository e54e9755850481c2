using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Publishers;
using Postoffice.Topics;

namespace Postoffice.Storage.Contract;

/// <summary>
/// What <see cref="IDeliveryStore.SettleAsync"/> promises of epoch and sequence: a late node changes nothing, a repeated flush changes nothing.
/// </summary>
public abstract class FencingContract : StorageContract
{
    private Topic _topic = null!;
    private IReadOnlyList<Message> _messages = [];

    [Fact]
    public async Task A_node_that_lost_its_lease_settles_nothing()
    {
        var first = await StartAsync();
        var second = await LeaseAgainAsync(NodeB);

        (await SettleAsync(Everything(first))).Should().Be(SettleStatus.LeaseLost);
        (await CursorAsync(first.PublisherId)).Should().Be(0);
        (await SettleAsync(Everything(second))).Should().Be(SettleStatus.Settled);
        (await CursorAsync(first.PublisherId)).Should().Be(3);
    }

    [Fact]
    public async Task A_flush_of_another_epoch_changes_nothing_at_all()
    {
        var first = await StartAsync();
        await SettleAsync(new Settlement(_topic.Id, first).Park(1, TimeSpan.Zero));
        var second = await LeaseAgainAsync(NodeB);
        var rows = await Store.CountRowsOutsideLogAsync();

        foreach (var epoch in new[] { first.Epoch, second.Epoch + 1, 0 })
        {
            // With the very sequence that the true owner would write next: nothing but the epoch is wrong.
            (await SettleAsync(new Settlement(_topic.Id, second with { Epoch = epoch }, sequence: 1)
                .Deliver(1).Unpark(1).Fail(2, 1).Park(2, TimeSpan.Zero).Kill(3))).Should().Be(SettleStatus.LeaseLost);
        }

        (await Store.CountRowsOutsideLogAsync()).Should().Be(rows);
        (await Store.Publishers.FindStatusAsync(first.PublisherId, Cancel)).Should().BeEquivalentTo(new { Cursor = 1L, Parked = 1L, Dead = 0L });
        (await StateAsync(_messages[0])).Status.Should().Be(DeliveryStatus.Parked);
        (await StateAsync(_messages[1])).Should().BeEquivalentTo(new { Status = DeliveryStatus.Waiting, FailedAttempts = Array.Empty<FailedAttempt>() });
        (await StateAsync(_messages[2])).Status.Should().Be(DeliveryStatus.Waiting);
        (await Store.Deliveries.ReadDueAsync(_topic.Id, first.PublisherId, [], 10, Cancel)).Should().ContainSingle();
    }

    [Fact]
    public async Task A_flush_for_an_unknown_publisher_is_lost()
    {
        var lease = await StartAsync();

        (await SettleAsync(Everything(lease with { PublisherId = 4711 }))).Should().Be(SettleStatus.LeaseLost);
    }

    [Fact]
    public async Task A_lease_that_ran_out_still_settles_while_nobody_has_taken_the_publisher()
    {
        var lease = await StartAsync();
        await Store.AdvanceAsync(LeaseDuration * 2);

        (await SettleAsync(Everything(lease))).Should().Be(SettleStatus.Settled);
    }

    [Fact]
    public async Task A_paused_publisher_settles_what_is_in_flight()
    {
        var lease = await StartAsync();
        await Store.Publishers.UpdateAsync(lease.PublisherId, new PublisherChange { Active = false }, Cancel);

        (await SettleAsync(Everything(lease))).Should().Be(SettleStatus.Settled);
    }

    [Fact]
    public async Task The_same_flush_again_is_settled_and_doubles_nothing()
    {
        var lease = await StartAsync();
        await SettleAsync(Everything(lease));
        var rows = await Store.CountRowsOutsideLogAsync();
        var parked = await StateAsync(_messages[1]);
        await Store.AdvanceAsync(TimeSpan.FromMinutes(1));

        (await SettleAsync(Everything(lease))).Should().Be(SettleStatus.Settled);

        (await Store.CountRowsOutsideLogAsync()).Should().Be(rows);
        (await StateAsync(_messages[1])).Should().BeEquivalentTo(parked);
        (await StateAsync(_messages[1])).FailedAttempts.Should().ContainSingle();
    }

    [Fact]
    public async Task An_older_flush_that_arrives_late_changes_nothing()
    {
        var lease = await StartAsync();
        var first = new Settlement(_topic.Id, lease, sequence: 1).Park(1, TimeSpan.Zero).Fail(1, 1);
        await SettleAsync(first);
        await SettleAsync(new Settlement(_topic.Id, lease, sequence: 2).UpTo(1).Deliver(1, 2, 200, default).Deliver(2).Unpark(1));
        var rows = await Store.CountRowsOutsideLogAsync();

        (await SettleAsync(first)).Should().Be(SettleStatus.Settled);

        (await Store.CountRowsOutsideLogAsync()).Should().Be(rows);
        (await CursorAsync(lease.PublisherId)).Should().Be(2);
        (await StateAsync(_messages[0])).Status.Should().Be(DeliveryStatus.Delivered);
        (await Store.Deliveries.ReadDueAsync(_topic.Id, lease.PublisherId, [], 10, Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_flush_that_leaves_one_out_is_not_written()
    {
        var lease = await StartAsync();
        await SettleAsync(new Settlement(_topic.Id, lease, sequence: 1).Deliver(1));

        (await SettleAsync(new Settlement(_topic.Id, lease, sequence: 3).UpTo(2).Deliver(3))).Should().Be(SettleStatus.LeaseLost);

        (await CursorAsync(lease.PublisherId)).Should().Be(1);
        (await StateAsync(_messages[2])).Status.Should().Be(DeliveryStatus.Waiting);
        (await SettleAsync(new Settlement(_topic.Id, lease, sequence: 2).UpTo(1).Deliver(2))).Should().Be(SettleStatus.Settled);
    }

    [Fact]
    public async Task Of_many_concurrent_repeats_of_a_flush_one_is_written()
    {
        var lease = await StartAsync();
        var before = await Store.CountRowsOutsideLogAsync();
        await SettleAsync(Everything(lease));
        var added = await Store.CountRowsOutsideLogAsync() - before;

        var repeats = Enumerable.Range(0, 8).Select(_ => Task.Run(() => SettleAsync(new Settlement(_topic.Id, lease, sequence: 2)
            .UpTo(3).Deliver(4).Fail(5, 1).Park(5, TimeSpan.Zero).Kill(6)), Cancel));

        (await Task.WhenAll(repeats)).Should().OnlyContain(status => status == SettleStatus.Settled);
        (await Store.CountRowsOutsideLogAsync()).Should().BeInRange(before + added, before + (2 * added));
        (await StateAsync(_messages[4])).FailedAttempts.Should().ContainSingle();
    }

    [Fact]
    public async Task The_sequence_starts_anew_with_each_epoch()
    {
        var first = await StartAsync();
        await SettleAsync(new Settlement(_topic.Id, first, sequence: 1).Deliver(1));
        await SettleAsync(new Settlement(_topic.Id, first, sequence: 2).UpTo(1).Deliver(2));
        var second = await LeaseAgainAsync(NodeB);

        (await SettleAsync(new Settlement(_topic.Id, second, sequence: 1).Deliver(3))).Should().Be(SettleStatus.Settled);

        (await CursorAsync(first.PublisherId)).Should().Be(3);
        (await StateAsync(_messages[2])).Status.Should().Be(DeliveryStatus.Delivered);
    }

    [Fact]
    public async Task An_empty_flush_moves_the_cursor_alone()
    {
        var lease = await StartAsync();
        var rows = await Store.CountRowsOutsideLogAsync();

        (await SettleAsync(new Settlement(_topic.Id, lease).UpTo(5))).Should().Be(SettleStatus.Settled);

        (await CursorAsync(lease.PublisherId)).Should().Be(5);
        (await Store.CountRowsOutsideLogAsync()).Should().Be(rows);
    }

    private async Task<Lease> StartAsync()
    {
        _topic = await AddTopicAsync();
        _messages = await FillAsync(_topic, 10);
        await AddPublisherAsync(_topic);
        return await LeaseAsync(NodeA);
    }

    /// <summary>One of each outcome: 1 delivered, 2 failed and parked, 3 dead.</summary>
    private Settlement Everything(Lease lease) =>
        new Settlement(_topic.Id, lease).Deliver(1).Fail(2, 1).Park(2, TimeSpan.FromMinutes(5)).Fail(3, 1).Kill(3);

    private Task<SettleStatus> SettleAsync(SettleBatch batch) => Store.Deliveries.SettleAsync(batch, Cancel);
}
