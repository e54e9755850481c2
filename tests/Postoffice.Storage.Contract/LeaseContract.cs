using Postoffice.Cluster;
using Postoffice.Publishers;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="ILeaseStore"/> promises.</summary>
public abstract class LeaseContract : StorageContract
{
    [Fact]
    public async Task A_free_publisher_is_taken_where_it_stands()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 3);
        var publisher = await AddPublisherAsync(topic, fromNow: true);

        var lease = await LeaseAsync(NodeA);

        lease.Should().BeEquivalentTo(new { PublisherId = publisher.Id, Cursor = 3L, SettledAbove = Array.Empty<byte>() });
        lease.Epoch.Should().BePositive();
    }

    [Fact]
    public async Task A_publisher_that_is_held_is_not_taken_by_anyone()
    {
        await AddPublishersAsync(1);
        await LeaseAsync(NodeA);

        (await AcquireAsync(NodeB)).Should().BeEmpty();
        (await AcquireAsync(NodeA)).Should().BeEmpty();
    }

    [Fact]
    public async Task Paused_publishers_are_not_taken()
    {
        var publishers = await AddPublishersAsync(2);
        await PauseAsync(publishers[0]);

        (await AcquireAsync(NodeA)).Should().Equal(publishers[1].Id);
    }

    [Fact]
    public async Task A_resumed_publisher_is_taken_again()
    {
        var publisher = (await AddPublishersAsync(1))[0];
        await PauseAsync(publisher);
        await Store.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Active = true }, Cancel);

        (await AcquireAsync(NodeA)).Should().Equal(publisher.Id);
    }

    [Fact]
    public async Task At_most_so_many_are_taken()
    {
        var publishers = await AddPublishersAsync(5);

        var first = await AcquireAsync(NodeA, 2);
        var second = await AcquireAsync(NodeB, 2);
        var third = await AcquireAsync(NodeA, 2);

        first.Should().HaveCount(2);
        second.Should().HaveCount(2);
        third.Should().ContainSingle();
        first.Concat(second).Concat(third).Should().BeEquivalentTo(publishers.Select(publisher => publisher.Id));
    }

    [Fact]
    public async Task Of_many_nodes_that_ask_at_once_each_publisher_goes_to_one()
    {
        var publishers = await AddPublishersAsync(40);

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var node = Guid.CreateVersion7();
            var leases = new List<long>();
            for (var round = 0; round < 10; round++)
            {
                var batch = await AcquireAsync(node, 5);
                batch.Should().HaveCountLessThanOrEqualTo(5);
                leases.AddRange(batch);
            }

            return leases;
        }, Cancel)));

        taken.SelectMany(leases => leases).Should().OnlyHaveUniqueItems();

        // A store may pass over what another node is just taking; in the end nothing is left behind.
        taken.SelectMany(leases => leases).Concat(await AcquireAsync(NodeA)).Should().BeEquivalentTo(publishers.Select(publisher => publisher.Id));
    }

    [Fact]
    public async Task A_lease_runs_out_and_the_next_owner_has_a_higher_epoch()
    {
        await AddPublishersAsync(1);
        var first = await LeaseAsync(NodeA);

        await Store.AdvanceAsync(LeaseDuration * 0.9);
        (await AcquireAsync(NodeB)).Should().BeEmpty();

        await Store.AdvanceAsync(LeaseDuration * 0.2);
        (await LeaseAsync(NodeB)).Epoch.Should().BeGreaterThan(first.Epoch);
    }

    [Fact]
    public async Task A_node_that_takes_its_own_publisher_back_has_a_higher_epoch_too()
    {
        await AddPublishersAsync(1);
        var first = await LeaseAsync(NodeA);

        (await LeaseAgainAsync(NodeA)).Epoch.Should().BeGreaterThan(first.Epoch);
    }

    [Fact]
    public async Task Renewing_prolongs_all_leases_that_are_named_and_no_others()
    {
        var publishers = await AddPublishersAsync(4);
        var held = await TakeAsync(NodeA, 2);
        var unknown = await TakeAsync(NodeA, 1);
        var others = (await AcquireAsync(NodeB, 1)).Concat(unknown.Select(lease => lease.PublisherId)).ToList();
        await Store.AdvanceAsync(LeaseDuration * 0.6);

        (await RenewAsync(NodeA, held)).Should().BeEquivalentTo(publishers.Select(publisher => publisher.Id).Except(others));

        await Store.AdvanceAsync(LeaseDuration * 0.6);
        (await AcquireAsync(Guid.CreateVersion7())).Should().BeEquivalentTo(others, "a lease that nobody knows of runs out");
    }

    [Fact]
    public async Task A_node_does_not_take_from_itself_what_it_has_in_hand()
    {
        var publishers = await AddPublishersAsync(2);
        await AcquireAsync(NodeA);
        await Store.AdvanceAsync(LeaseDuration * 1.1);

        (await TakeAsync(NodeA, 10, publishers[0].Id)).Should().ContainSingle().Which.PublisherId.Should().Be(publishers[1].Id);
    }

    [Fact]
    public async Task Renewing_keeps_the_epoch()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 1);
        await AddPublisherAsync(topic);
        var lease = await LeaseAsync(NodeA);
        await RenewAsync(NodeA, lease);

        (await Store.Deliveries.SettleAsync(new Settlement(topic.Id, lease).Deliver(1), Cancel)).Should().Be(SettleStatus.Settled);
    }

    [Fact]
    public async Task What_another_node_has_taken_is_not_renewed()
    {
        await AddPublishersAsync(2);
        var held = await TakeAsync(NodeA, 2);
        await Store.AdvanceAsync(LeaseDuration * 1.1);
        var lost = await TakeAsync(NodeB, 1);

        (await RenewAsync(NodeA, held)).Should().NotContain(lost[0].PublisherId);
        (await RenewAsync(NodeB, lost)).Should().Equal(lost[0].PublisherId);
    }

    [Fact]
    public async Task A_lease_that_ran_out_is_renewed_while_nobody_has_taken_it()
    {
        await AddPublishersAsync(1);
        var lease = await LeaseAsync(NodeA);
        await Store.AdvanceAsync(LeaseDuration * 1.1);

        (await RenewAsync(NodeA, lease)).Should().Equal(lease.PublisherId);
        (await AcquireAsync(NodeB)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_lease_of_an_earlier_epoch_is_not_renewed()
    {
        await AddPublishersAsync(1);
        var first = await LeaseAsync(NodeA);
        await LeaseAgainAsync(NodeA);

        (await RenewAsync(NodeA, first)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_paused_publisher_is_renewed_and_said_to_be_paused_and_a_deleted_one_is_lost()
    {
        var publishers = await AddPublishersAsync(3);
        var held = await TakeAsync(NodeA, 3);
        await PauseAsync(publishers[0]);
        await Store.Publishers.DeleteAsync(publishers[1].Id, Cancel);

        (await Store.Leases.RenewAsync(NodeA, "node.example", Held(held), LeaseDuration, Cancel)).Should().BeEquivalentTo(
            [new RenewedLease(publishers[0].Id, IsActive: false), new RenewedLease(publishers[2].Id, IsActive: true)]);
    }

    [Fact]
    public async Task A_node_that_holds_nothing_renews_nothing()
    {
        await AddPublishersAsync(1);

        (await RenewAsync(NodeA)).Should().BeEmpty();
        (await RenewAsync(NodeA)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_lease_given_back_is_free_at_once()
    {
        await AddPublishersAsync(1);
        var first = await LeaseAsync(NodeA);

        await Store.Leases.ReleaseAsync(NodeA, first.PublisherId, first.Epoch, Cancel);

        (await RenewAsync(NodeA, first)).Should().BeEmpty();
        (await LeaseAsync(NodeB)).Epoch.Should().BeGreaterThan(first.Epoch);
    }

    [Fact]
    public async Task Giving_one_lease_back_keeps_the_others()
    {
        await AddPublishersAsync(2);
        var leases = await TakeAsync(NodeA, 2);

        await Store.Leases.ReleaseAsync(NodeA, leases[0].PublisherId, leases[0].Epoch, Cancel);

        (await AcquireAsync(NodeB)).Should().Equal(leases[0].PublisherId);
        (await RenewAsync(NodeA, leases)).Should().Equal(leases[1].PublisherId);
    }

    [Fact]
    public async Task Giving_back_with_an_old_epoch_changes_nothing()
    {
        await AddPublishersAsync(1);
        var first = await LeaseAsync(NodeA);
        var second = await LeaseAgainAsync(NodeB);

        await Store.Leases.ReleaseAsync(NodeA, first.PublisherId, first.Epoch, Cancel);

        (await RenewAsync(NodeB, second)).Should().Equal(second.PublisherId);
        (await AcquireAsync(NodeA)).Should().BeEmpty();
    }

    [Fact]
    public async Task Giving_back_what_a_later_life_of_the_node_holds_changes_nothing()
    {
        await AddPublishersAsync(1);
        var first = await LeaseAsync(NodeA);
        await LeaseAgainAsync(NodeA);

        await Store.Leases.ReleaseAsync(NodeA, first.PublisherId, first.Epoch, Cancel);

        (await AcquireAsync(NodeB)).Should().BeEmpty();
    }

    [Fact]
    public async Task Giving_back_what_is_not_there_is_harmless() => await Store.Leases.ReleaseAsync(NodeA, 4711, 1, Cancel);

    [Fact]
    public async Task The_next_owner_finds_what_the_last_one_settled()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 5);
        await AddPublisherAsync(topic);
        var first = await LeaseAsync(NodeA);
        await Store.Deliveries.SettleAsync(new Settlement(topic.Id, first).Deliver(1, 3), Cancel);
        await Store.Leases.ReleaseAsync(NodeA, first.PublisherId, first.Epoch, Cancel);

        var second = await LeaseAsync(NodeB);

        second.Cursor.Should().Be(1);
        SettledSet.Contains(second.Cursor, second.SettledAbove, 3).Should().BeTrue();
    }

    private async Task<IReadOnlyList<Publisher>> AddPublishersAsync(int count)
    {
        var topic = await AddTopicAsync();
        var publishers = new List<Publisher>();
        for (var number = 0; number < count; number++)
        {
            publishers.Add(await AddPublisherAsync(topic, $"http://receiver.example/{number}"));
        }

        return publishers;
    }

    private async Task<IReadOnlyList<long>> AcquireAsync(Guid node, int max = 100) => [.. (await TakeAsync(node, max)).Select(lease => lease.PublisherId)];

    /// <returns>The publishers that are still held.</returns>
    private async Task<IReadOnlyList<long>> RenewAsync(Guid node, params IReadOnlyCollection<Lease> held) =>
        [.. (await Store.Leases.RenewAsync(node, "node.example", Held(held), LeaseDuration, Cancel)).Select(lease => lease.PublisherId)];

    private Task<Publisher?> PauseAsync(Publisher publisher) => Store.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Active = false }, Cancel);
}
