using Postoffice.Publishers;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IPublisherStore.DeleteAsync"/> promises.</summary>
public abstract class PublisherDeletionContract : StorageContract
{
    [Fact]
    public async Task A_deleted_publisher_is_gone_for_every_method()
    {
        var topic = await AddTopicAsync();
        var publisher = await AddPublisherAsync(topic);

        (await Store.Publishers.DeleteAsync(publisher.Id, Cancel)).Should().BeTrue();

        (await Store.Publishers.FindAsync(publisher.Id, Cancel)).Should().BeNull();
        (await Store.Publishers.FindManyAsync([publisher.Id], Cancel)).Should().BeEmpty();
        (await Store.Publishers.FindStatusAsync(publisher.Id, Cancel)).Should().BeNull();
        (await Store.Publishers.ListAsync(topic.Id, 0, 10, Cancel)).Should().BeEmpty();
        (await Store.Publishers.ListAsync(null, 0, 10, Cancel)).Should().BeEmpty();
        (await Store.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Active = true }, Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task Deleting_again_succeeds()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        await Store.Publishers.DeleteAsync(publisher.Id, Cancel);

        (await Store.Publishers.DeleteAsync(publisher.Id, Cancel)).Should().BeTrue();
    }

    [Fact]
    public async Task Deleting_what_never_was_fails() => (await Store.Publishers.DeleteAsync(4711, Cancel)).Should().BeFalse();

    [Fact]
    public async Task A_pipeline_still_running_settles_nothing_more()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 3);
        var publisher = await AddPublisherAsync(topic);
        var lease = await LeaseAsync(NodeA);
        await Store.Publishers.DeleteAsync(publisher.Id, Cancel);
        var rows = await Store.CountRowsOutsideLogAsync();

        (await Store.Deliveries.SettleAsync(new Settlement(topic.Id, lease).Deliver(1).Kill(2).Park(3, TimeSpan.Zero), Cancel))
            .Should().Be(SettleStatus.LeaseLost);

        (await Store.CountRowsOutsideLogAsync()).Should().Be(rows);
    }

    [Fact]
    public async Task Its_parked_deliveries_are_removed()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 50);
        var publisher = await AddPublisherAsync(topic);
        var settlement = new Settlement(topic.Id, await LeaseAsync(NodeA));
        for (var position = 1; position <= 50; position++)
        {
            settlement.Park(position, TimeSpan.Zero);
        }

        await Store.Deliveries.SettleAsync(settlement, Cancel);
        var rows = await Store.CountRowsOutsideLogAsync();

        await Store.Publishers.DeleteAsync(publisher.Id, Cancel);

        // A store may keep the publisher's own rows, and note that the rest is discarded.
        (await Store.CountRowsOutsideLogAsync()).Should().BeLessThan(rows - 45);
        (await Store.Deliveries.ReadDueAsync(topic.Id, publisher.Id, [], 10, Cancel)).Should().BeEmpty();
        (await Store.Deliveries.NextDueAsync([publisher.Id], Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task No_node_takes_it_or_keeps_it()
    {
        var topic = await AddTopicAsync();
        var held = await AddPublisherAsync(topic, "http://receiver.example/1");
        var lease = await LeaseAsync(NodeA);
        var free = await AddPublisherAsync(topic, "http://receiver.example/2");

        await Store.Publishers.DeleteAsync(held.Id, Cancel);
        await Store.Publishers.DeleteAsync(free.Id, Cancel);

        (await Store.Leases.RenewAsync(NodeA, "a.example", Held([lease]), LeaseDuration, Cancel)).Should().BeEmpty();
        (await TakeAsync(NodeB, 10)).Should().BeEmpty();
    }

    [Fact]
    public async Task The_messages_no_longer_tell_of_it()
    {
        var topic = await AddTopicAsync();
        var messages = await FillAsync(topic, 1);
        var publisher = await AddPublisherAsync(topic);

        await Store.Publishers.DeleteAsync(publisher.Id, Cancel);

        (await Store.Deliveries.StatesAsync(messages[0], Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task The_same_target_may_be_created_again_and_starts_afresh()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 3);
        var first = await AddPublisherAsync(topic);
        await Store.Deliveries.SettleAsync(new Settlement(topic.Id, await LeaseAsync(NodeA)).Deliver(1, 2), Cancel);
        await Store.Publishers.DeleteAsync(first.Id, Cancel);

        var second = await AddPublisherAsync(topic);

        second.Id.Should().NotBe(first.Id);
        (await CursorAsync(second.Id)).Should().Be(0);
        (await LeaseAsync(NodeB)).Should().BeEquivalentTo(new { PublisherId = second.Id, Cursor = 0L });
    }

    [Fact]
    public async Task The_others_are_left_alone()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 3);
        var kept = await AddPublisherAsync(topic, "http://receiver.example/1");
        var lease = await LeaseAsync(NodeA);
        var deleted = await AddPublisherAsync(topic, "http://receiver.example/2");
        await Store.Deliveries.SettleAsync(new Settlement(topic.Id, lease).Park(1, TimeSpan.FromMinutes(5)), Cancel);

        await Store.Publishers.DeleteAsync(deleted.Id, Cancel);

        (await Store.Publishers.FindStatusAsync(kept.Id, Cancel)).Should().BeEquivalentTo(new { Cursor = 1L, Parked = 1L });
        (await Store.Deliveries.SettleAsync(new Settlement(topic.Id, lease, sequence: 2).UpTo(1).Deliver(2), Cancel)).Should().Be(SettleStatus.Settled);
    }
}
