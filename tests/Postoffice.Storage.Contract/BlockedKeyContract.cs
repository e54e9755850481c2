using Postoffice.Deliveries;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IOrderingKeyStore"/> promises people who look for the keys that are held up.</summary>
public abstract class BlockedKeyContract : LeasedPublisherSteps
{
    [Fact]
    public async Task A_key_that_waits_for_its_head_tells_when_that_is_due()
    {
        await StartAsync("a", "a", "a");
        var before = await Store.NowAsync();
        await SettleAsync(Settle().Park(1, 5 * Minute, attempts: 3, reason: "rejected (404)", key: "a").ParkBehind("a", 2, 3));

        var key = await FindAsync("a");

        key.Should().BeEquivalentTo(new
        {
            Key = "a",
            HeadPosition = 1L,
            HeadMessageId = Messages[0].Id,
            IsDead = false,
            Attempts = 3,
            Reason = "rejected (404)",
            Waiting = 2L,
        });
        key!.DueAt.Should().BeOnOrAfter(before + (5 * Minute)).And.BeOnOrBefore(await Store.NowAsync() + (5 * Minute));
    }

    [Fact]
    public async Task A_key_whose_head_is_the_next_to_go_has_no_due_time()
    {
        await StartAsync("a", "a", "a");
        await SettleAsync(Settle().Deliver(1).ParkBehind("a", 2).Park(3, 5 * Minute, key: "a"));

        (await FindAsync("a")).Should().BeEquivalentTo(new
        {
            HeadPosition = 2L,
            HeadMessageId = Messages[1].Id,
            IsDead = false,
            Attempts = 0,
            DueAt = (DateTimeOffset?)null,
            Reason = "behind key",
            Waiting = 1L,
        });
    }

    [Fact]
    public async Task A_key_that_a_dead_letter_blocks_tells_why_it_died()
    {
        await StartAsync("a", "b", "a");
        await SettleAsync(Settle()
            .Kill(1, attempts: 7, reason: "max-attempts", key: "a", blocksKey: true).ParkBehind("a", 3)
            .Kill(2, attempts: 1, reason: "blocked-target", key: "b", blocksKey: true));

        (await FindAsync("a")).Should().BeEquivalentTo(new
        {
            Key = "a",
            HeadPosition = 1L,
            HeadMessageId = Messages[0].Id,
            IsDead = true,
            Attempts = 7,
            DueAt = (DateTimeOffset?)null,
            Reason = "max-attempts",
            Waiting = 1L,
        });
        (await FindAsync("b")).Should().BeEquivalentTo(new { IsDead = true, Reason = "blocked-target", Waiting = 0L });
    }

    [Fact]
    public async Task A_key_with_something_parked_before_its_dead_letter_waits_for_that()
    {
        await StartAsync("a", "a", "a");
        await SettleAsync(Settle().Park(1, 5 * Minute, key: "a").Kill(2, key: "a", blocksKey: true).ParkBehind("a", 3));

        (await FindAsync("a")).Should().BeEquivalentTo(new { HeadPosition = 1L, IsDead = false, Waiting = 1L });
    }

    [Fact]
    public async Task A_key_that_nothing_holds_up_is_not_found()
    {
        await StartAsync("a", "b", null);
        await SettleAsync(Settle().Deliver(1).Kill(2, key: "b").Park(3, 5 * Minute));

        (await FindAsync("a")).Should().BeNull();
        (await FindAsync("b")).Should().BeNull("its dead letter blocks nothing");
        (await FindAsync("unknown")).Should().BeNull();
        (await FindAsync("")).Should().BeNull();
        (await ListAsync(null, 10)).Should().BeEmpty();
    }

    [Fact]
    public async Task Keys_are_listed_in_order_page_by_page()
    {
        string[] keys = ["b", "\uFF21", "a", "Z", "\U0001F389", "\u00E4", "a-b"];
        string[] inOrder = ["Z", "a", "a-b", "b", "\u00E4", "\uFF21", "\U0001F389"];
        await StartAsync(keys);
        var settlement = Settle();
        foreach (var (index, key) in keys.Index())
        {
            settlement = index % 2 == 0 ? settlement.ParkBehind(key, index + 1) : settlement.Kill(index + 1, key: key, blocksKey: true);
        }

        await SettleAsync(settlement);

        (await ListAsync(null, 10)).Select(key => key.Key).Should().Equal(inOrder);
        (await ListAsync(null, 3)).Select(key => key.Key).Should().Equal(inOrder[..3]);
        (await ListAsync("a-b", 3)).Select(key => key.Key).Should().Equal(inOrder[3..6]);
        (await ListAsync("c", 10)).Select(key => key.Key).Should().Equal(inOrder[4..], "a page may start after a key that is free by now");
        (await ListAsync("\U0001F389", 3)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_key_is_listed_as_it_is_found()
    {
        await StartAsync("a", "b", "c", "a", "b", "c");
        await SettleAsync(Settle()
            .Park(1, 5 * Minute, key: "a").ParkBehind("a", 4)
            .Kill(2, key: "b", blocksKey: true).ParkBehind("b", 5)
            .Deliver(3).ParkBehind("c", 6));

        var listed = await ListAsync(null, 10);

        listed.Should().HaveCount(3);
        foreach (var key in listed)
        {
            (await FindAsync(key.Key)).Should().Be(key);
        }
    }

    [Fact]
    public async Task Another_publishers_keys_are_its_own()
    {
        await StartAsync("a");
        await SettleAsync(Settle().ParkBehind("a", 1));
        var other = await AddPublisherAsync(Topic, "http://other.example/");

        (await Store.OrderingKeys.ListAsync(Topic.Id, other.Id, null, 10, Cancel)).Should().BeEmpty();
        (await Store.OrderingKeys.FindAsync(Topic.Id, other.Id, "a", Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task Nothing_holds_up_a_deleted_publisher()
    {
        await StartAsync("a", "b");
        await SettleAsync(Settle().ParkBehind("a", 1).Kill(2, key: "b", blocksKey: true));

        await Store.Publishers.DeleteAsync(Publisher.Id, Cancel);

        (await ListAsync(null, 10)).Should().BeEmpty();
        (await FindAsync("b")).Should().BeNull();
    }

    private Task<IReadOnlyList<BlockedKey>> ListAsync(string? after, int limit) =>
        Store.OrderingKeys.ListAsync(Topic.Id, Publisher.Id, after, limit, Cancel);

    private Task<BlockedKey?> FindAsync(string key) => Store.OrderingKeys.FindAsync(Topic.Id, Publisher.Id, key, Cancel);
}
