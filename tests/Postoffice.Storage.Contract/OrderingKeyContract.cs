namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IOrderingKeyStore"/> promises a pipeline: which keys are held up, and what is parked of them. For people see <see cref="BlockedKeyContract"/>.</summary>
public abstract class OrderingKeyContract : LeasedPublisherSteps
{
    [Fact]
    public async Task A_publisher_with_nothing_parked_has_no_lines()
    {
        await StartAsync("a", "b");
        await SettleAsync(Settle().Deliver(1).Skip(2));

        (await LinesAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task The_lowest_parked_position_of_a_key_is_its_head()
    {
        await StartAsync("a", "b", "a", "b", "a", null);
        await SettleAsync(Settle()
            .Park(1, 5 * Minute, key: "a").ParkBehind("a", 3, 5)
            .ParkBehind("b", 2).Park(4, 5 * Minute, key: "b"));

        (await LinesAsync()).Should().BeEquivalentTo([new KeyLine("a", 1, KeyHead.Parked, 3), new KeyLine("b", 2, KeyHead.Free, 2)]);
    }

    [Fact]
    public async Task What_has_no_key_stands_in_no_line()
    {
        await StartAsync("a", null, null);
        await SettleAsync(Settle().Park(1, 5 * Minute, key: "a").Park(2, 5 * Minute).Kill(3));

        (await LinesAsync()).Should().Equal(new KeyLine("a", 1, KeyHead.Parked, 1));
    }

    [Fact]
    public async Task When_the_head_is_delivered_the_next_may_go_on()
    {
        await StartAsync("a", "a", "a");
        await SettleAsync(Settle().Park(1, TimeSpan.Zero, key: "a").ParkBehind("a", 2, 3));
        await SettleAsync(Settle().Deliver(1).Unpark(1));
        (await LinesAsync()).Should().Equal(new KeyLine("a", 2, KeyHead.Free, 2));

        await SettleAsync(Settle().Deliver(2, 3).Unpark(2).Unpark(3));
        (await LinesAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_dead_letter_that_blocks_its_key_is_its_head()
    {
        await StartAsync("a", "a", "b", "a");
        await SettleAsync(Settle().Kill(1, key: "a", blocksKey: true).ParkBehind("a", 2, 4).Kill(3, key: "b", blocksKey: true));

        (await LinesAsync()).Should().BeEquivalentTo([new KeyLine("a", 1, KeyHead.Dead, 2), new KeyLine("b", 3, KeyHead.Dead, 0)]);
    }

    [Fact]
    public async Task A_dead_letter_that_blocks_nothing_holds_no_key_up()
    {
        await StartAsync("a", "a", "b");
        await SettleAsync(Settle().Kill(1, key: "a").ParkBehind("a", 2).Kill(3, key: "b"));

        (await LinesAsync()).Should().Equal(new KeyLine("a", 2, KeyHead.Free, 1));
    }

    [Fact]
    public async Task What_is_parked_before_a_dead_letter_goes_before_it()
    {
        await StartAsync("a", "a", "a", "b", "b");
        await SettleAsync(Settle()
            .Park(1, 5 * Minute, key: "a").Kill(2, key: "a", blocksKey: true).ParkBehind("a", 3)
            .ParkBehind("b", 4).Kill(5, key: "b", blocksKey: true));

        (await LinesAsync()).Should().BeEquivalentTo([new KeyLine("a", 1, KeyHead.Parked, 2), new KeyLine("b", 4, KeyHead.Free, 1)]);
    }

    [Fact]
    public async Task Of_several_dead_letters_the_lowest_that_blocks_is_the_head()
    {
        await StartAsync("a", "a", "a", "a");
        await SettleAsync(Settle().Kill(4, key: "a", blocksKey: true).Kill(1, key: "a").Kill(2, key: "a", blocksKey: true).ParkBehind("a", 3));

        (await LinesAsync()).Should().Equal(new KeyLine("a", 2, KeyHead.Dead, 1));
    }

    [Fact]
    public async Task Keys_are_compared_byte_for_byte()
    {
        string[] keys = ["a", "A", "a ", "\u00E4", "a\u0308", "ß", "ss", "\U0001F389", "%", "'"];
        await StartAsync(keys);
        var settlement = Settle();
        foreach (var (index, key) in keys.Index())
        {
            settlement.ParkBehind(key, index + 1);
        }

        await SettleAsync(settlement);

        (await LinesAsync()).Should().BeEquivalentTo(keys.Select((key, index) => new KeyLine(key, index + 1, KeyHead.Free, 1)));
        foreach (var (index, key) in keys.Index())
        {
            (await ReadAsync([key])).Should().Equal([index + 1], "only that has the key {0}", key);
            (await Store.OrderingKeys.FindAsync(Topic.Id, Publisher.Id, key, Cancel))!.HeadPosition.Should().Be(index + 1);
        }
    }

    [Fact]
    public async Task A_line_is_read_in_order_of_position_within_each_key()
    {
        await StartAsync("b", "a", "b", "a", "c", "a");
        await SettleAsync(Settle().Park(1, 5 * Minute, key: "b").ParkBehind("a", 2, 4, 6).ParkBehind("b", 3).ParkBehind("c", 5));

        (await ReadAsync(["b", "a"])).Should().Equal([2, 4, 6, 1, 3], "those with a due time too, and no other keys");
    }

    [Fact]
    public async Task At_most_so_many_of_each_key_are_read_and_what_is_in_hand_does_not_count()
    {
        await StartAsync("a", "b", "a", "b", "a", "b");
        await SettleAsync(Settle().ParkBehind("a", 1, 3, 5).ParkBehind("b", 2, 4, 6));

        (await ReadAsync(["a", "b"], maxPerKey: 2)).Should().Equal(1, 3, 2, 4);
        (await ReadAsync(["a", "b"], maxPerKey: 2, except: [1, 4, 4_711])).Should().Equal(3, 5, 2, 6);
        (await ReadAsync(["a"], maxPerKey: 1, except: [1, 3, 5])).Should().BeEmpty();
    }

    [Fact]
    public async Task No_keys_and_keys_that_nothing_is_parked_of_give_nothing()
    {
        await StartAsync("a", "b");
        await SettleAsync(Settle().ParkBehind("a", 1).Kill(2, key: "b", blocksKey: true));

        (await ReadAsync([])).Should().BeEmpty();
        (await ReadAsync(["b", "unknown"])).Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_read_bears_its_message_and_attempts()
    {
        await StartAsync("a", "a");
        await SettleAsync(Settle().Park(1, 5 * Minute, attempts: 4, key: "a").ParkBehind("a", 2));

        var line = await Store.OrderingKeys.ReadLineAsync(Topic.Id, Publisher.Id, ["a"], [], 10, Cancel);

        line.Select(due => due.Attempts).Should().Equal(4, 0);
        line.Select(due => due.Message).Should().BeEquivalentTo(
            Messages, options => options.Excluding(message => message.Payload).WithStrictOrdering());
        line.Select(due => Text(due.Message)).Should().Equal(Messages.Select(Text));
    }

    [Fact]
    public async Task A_publisher_reads_only_its_own()
    {
        await StartAsync("a", "b");
        await SettleAsync(Settle().ParkBehind("a", 1).Kill(2, key: "b", blocksKey: true));
        var other = await AddPublisherAsync(Topic, "http://other.example/");

        (await Store.OrderingKeys.ReadLinesAsync(Topic.Id, other.Id, Cancel)).Should().BeEmpty();
        (await Store.OrderingKeys.ReadLineAsync(Topic.Id, other.Id, ["a"], [], 10, Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_thousand_lines_of_three_are_read_whole()
    {
        string[] keys = [.. Enumerable.Range(0, 1_000).Select(number => $"key-{number:0000}")];
        await StartAsync([.. keys, .. keys, .. keys]);
        var settlement = Settle();
        foreach (var (index, key) in keys.Index())
        {
            settlement.Park(index + 1, 5 * Minute, key: key).ParkBehind(key, index + 1_001, index + 2_001);
        }

        await SettleAsync(settlement);

        (await LinesAsync()).Should().HaveCount(1_000).And.OnlyContain(line => line.Kind == KeyHead.Parked && line.Head <= 1_000 && line.Rows == 3);
        (await ReadAsync(keys, maxPerKey: 2)).Should().Equal(Enumerable.Range(1, 1_000).SelectMany(head => new long[] { head, head + 1_000 }));
    }

    private Task<IReadOnlyList<KeyLine>> LinesAsync() => Store.OrderingKeys.ReadLinesAsync(Topic.Id, Publisher.Id, Cancel);

    private async Task<IReadOnlyList<long>> ReadAsync(IReadOnlyCollection<string> keys, int maxPerKey = 10, params long[] except) =>
        [.. (await Store.OrderingKeys.ReadLineAsync(Topic.Id, Publisher.Id, keys, except, maxPerKey, Cancel)).Select(due => due.Message.Position)];
}
