using Postoffice.Deliveries;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IDeadLetterStore"/> promises of retrying and discarding dead letters.</summary>
public abstract class DeadLetterChangeContract : LeasedPublisherSteps
{
    private static readonly DeadLetterFilter s_all = new();

    [Fact]
    public async Task A_retried_dead_letter_is_parked_due_now_with_all_its_attempts_before_it()
    {
        await StartAsync("a", null);
        await SettleAsync(Settle().Fail(1, 100).Kill(1, attempts: 100, key: "a").Kill(2));
        await Store.AdvanceAsync(Minute);

        (await RetryAsync(Only(1))).Should().Be(1);

        var due = (await Store.Deliveries.ReadDueAsync(Topic.Id, Publisher.Id, [], 10, Cancel)).Should().ContainSingle().Subject;
        due.Should().BeEquivalentTo(new { Attempts = 0, Message = new { Messages[0].Id } });
        var state = await StateAsync(Messages[0]);
        state.Should().BeEquivalentTo(
            new { Status = DeliveryStatus.Parked, Attempts = 0, Reason = "retried", SettledAt = (DateTimeOffset?)null, StatusCode = (int?)null });
        state.DueAt.Should().BeOnOrBefore(await Store.NowAsync());
        state.FailedAttempts.Should().ContainSingle("what was tried before it died is still told");
        (await Store.OrderingKeys.ReadLinesAsync(Topic.Id, Publisher.Id, Cancel)).Should().Equal(new KeyLine("a", 1, KeyHead.Parked, 1));
        (await StatusAsync()).Should().BeEquivalentTo(new { Parked = 1L, Dead = 1L, Cursor = 2L });
        (await RetryAsync(Only(1))).Should().Be(0, "it is dead no more");
    }

    [Fact]
    public async Task Those_that_are_retried_together_are_due_in_order_of_position()
    {
        await StartAsync(4);
        await SettleAsync(Settle().Kill(4).Kill(2));
        await Store.AdvanceAsync(Minute);
        await SettleAsync(Settle().Kill(3).Kill(1));

        (await RetryAsync(s_all)).Should().Be(4);

        (await DueAsync()).Should().Equal(1, 2, 3, 4);
    }

    [Fact]
    public async Task A_pipeline_that_runs_goes_on_with_what_is_retried()
    {
        await StartAsync(3);
        await SettleAsync(Settle().Deliver(1).Kill(2));
        await RetryAsync(s_all);

        await SettleAsync(Settle().Deliver(2).Unpark(2).Deliver(3));

        (await StateAsync(Messages[1])).Status.Should().Be(DeliveryStatus.Delivered);
        (await StatusAsync()).Should().BeEquivalentTo(new { Cursor = 3L, Parked = 0L, Dead = 0L });
    }

    [Fact]
    public async Task What_is_retried_may_die_again()
    {
        await StartAsync(1);
        await SettleAsync(Settle().Kill(1, attempts: 100));
        await RetryAsync(s_all);

        await SettleAsync(Settle().Kill(1, attempts: 1).Unpark(1));

        (await StateAsync(Messages[0])).Should().BeEquivalentTo(new { Status = DeliveryStatus.DeadLettered, Attempts = 1 });
        (await StatusAsync()).Should().BeEquivalentTo(new { Parked = 0L, Dead = 1L });
    }

    [Fact]
    public async Task A_retried_head_sets_its_line_up_again()
    {
        await StartAsync("a", "a");
        await SettleAsync(Settle().Kill(1, key: "a", blocksKey: true).ParkBehind("a", 2));

        await RetryAsync(s_all);

        (await Store.OrderingKeys.ReadLinesAsync(Topic.Id, Publisher.Id, Cancel)).Should().Equal(new KeyLine("a", 1, KeyHead.Parked, 2));
        (await DueAsync()).Should().Equal(1);
    }

    [Fact]
    public async Task The_oldest_are_retried_first()
    {
        await StartAsync(4);
        await DieOneByOneAsync(3, 1, 4, 2);

        (await RetryAsync(s_all, max: 2)).Should().Be(2);
        (await DueAsync()).Should().BeEquivalentTo([1L, 3L]);
        (await RetryAsync(s_all, max: 1)).Should().Be(1);
        (await DueAsync()).Should().BeEquivalentTo([1L, 3L, 4L]);
    }

    [Fact]
    public async Task The_oldest_are_discarded_first()
    {
        await StartAsync(4);
        await DieOneByOneAsync(3, 1, 4, 2);

        (await DiscardAsync(s_all, max: 3)).Should().Be(3);

        (await Store.DeadLetters.ListAsync(s_all, null, 10, Cancel)).Select(letter => letter.Position).Should().Equal(2);
    }

    [Fact]
    public async Task A_discarded_dead_letter_tells_when_and_after_how_many_attempts()
    {
        await StartAsync(2);
        await SettleAsync(Settle().Fail(1, 7, 422).Kill(1, attempts: 7, statusCode: 422).Kill(2));
        await Store.AdvanceAsync(Minute);
        var before = await Store.NowAsync();

        (await DiscardAsync(Only(1))).Should().Be(1);

        var state = await StateAsync(Messages[0]);
        state.Should().BeEquivalentTo(new
        {
            Status = DeliveryStatus.Discarded,
            Attempts = 7,
            StatusCode = 422,
            Duration = (TimeSpan?)null,
            DueAt = (DateTimeOffset?)null,
            Reason = (string?)null,
        });
        state.SettledAt.Should().BeOnOrAfter(before).And.BeOnOrBefore(await Store.NowAsync());
        state.FailedAttempts.Should().ContainSingle();
        (await StatusAsync()).Should().BeEquivalentTo(new { Parked = 0L, Dead = 1L, Delivered = 0L, Skipped = 0L, Cursor = 2L });
        (await Store.DeadLetters.FindAsync(new DeadLetterId(Publisher.Id, 1), Cancel)).Should().BeNull();
        (await DiscardAsync(Only(1))).Should().Be(0, "it is gone");
        (await DueAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Only_a_publisher_whose_key_is_set_free_starts_anew()
    {
        await StartAsync("a", "b");
        await SettleAsync(Settle().Kill(1, key: "a", blocksKey: true).Kill(2, key: "b"));
        var other = await AddPublisherAsync(Topic, "http://other.example/");
        var otherLease = await LeaseAsync(NodeA);
        await Store.Deliveries.SettleAsync(new Settlement(Topic.Id, otherLease).Kill(1, key: "a"), Cancel);
        var idle = await AddPublisherAsync(Topic, "http://idle.example/");

        await DiscardAsync(Only(2));
        (await VersionAsync()).Should().Be(Publisher.Version, "that one blocked nothing");

        (await DiscardAsync(s_all)).Should().Be(2);

        (await VersionAsync()).Should().Be(Publisher.Version + 1);
        (await VersionAsync(other)).Should().Be(other.Version);
        (await VersionAsync(idle)).Should().Be(idle.Version);
        (await Store.OrderingKeys.ReadLinesAsync(Topic.Id, Publisher.Id, Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task However_many_keys_are_set_free_a_publisher_starts_anew_once()
    {
        await StartAsync("a", "b", "c", "a");
        await SettleAsync(Settle()
            .Kill(1, key: "a", blocksKey: true).Kill(2, key: "b", blocksKey: true).Kill(3, key: "c", blocksKey: true).ParkBehind("a", 4));

        (await DiscardAsync(s_all)).Should().Be(3);

        (await VersionAsync()).Should().Be(Publisher.Version + 1);
        (await Store.OrderingKeys.ReadLinesAsync(Topic.Id, Publisher.Id, Cancel)).Should().Equal(new KeyLine("a", 4, KeyHead.Free, 1));
    }

    [Fact]
    public async Task Only_what_the_filter_means_is_changed()
    {
        await StartAsync(6);
        await SettleAsync(Settle()
            .Kill(1, reason: "max-age").Kill(2, reason: "max-attempts", group: "a").Kill(3, reason: "max-attempts", group: "b")
            .Kill(4, reason: "max-age").Kill(5, reason: "other"));

        (await RetryAsync(new DeadLetterFilter { Reason = "max-attempts", Group = "a" })).Should().Be(1);
        (await DiscardAsync(new DeadLetterFilter { PublisherId = Publisher.Id, Reason = "max-age" })).Should().Be(2);
        (await RetryAsync(new DeadLetterFilter { PublisherId = 4_711 })).Should().Be(0);
        (await DiscardAsync(new DeadLetterFilter { Ids = [] })).Should().Be(0);

        (await DueAsync()).Should().Equal(2);
        (await Store.DeadLetters.ListAsync(s_all, null, 10, Cancel)).Select(letter => letter.Position).Should().BeEquivalentTo([3L, 5L]);
    }

    [Fact]
    public async Task Dead_letters_of_several_publishers_and_topics_are_changed_at_once()
    {
        await StartAsync(2);
        await SettleAsync(Settle().Kill(1).Kill(2));
        var invoices = await AddTopicAsync("invoices");
        await FillAsync(invoices, 1);
        var other = await AddPublisherAsync(invoices);
        var lease = await LeaseAsync(NodeA);
        await Store.Deliveries.SettleAsync(new Settlement(invoices.Id, lease).Kill(1), Cancel);

        (await RetryAsync(s_all)).Should().Be(3);

        (await DueAsync()).Should().Equal(1, 2);
        (await Store.Deliveries.ReadDueAsync(invoices.Id, other.Id, [], 10, Cancel)).Should().ContainSingle();
    }

    [Fact]
    public async Task Dead_letters_of_a_deleted_publisher_are_left_alone()
    {
        await StartAsync(2);
        await SettleAsync(Settle().Kill(1).Kill(2));
        await Store.Publishers.DeleteAsync(Publisher.Id, Cancel);
        var rows = await Store.CountRowsOutsideLogAsync();

        (await RetryAsync(s_all)).Should().Be(0);
        (await DiscardAsync(Only(1))).Should().Be(0);

        (await Store.CountRowsOutsideLogAsync()).Should().Be(rows);
    }

    [Fact]
    public async Task Of_many_that_change_at_once_each_dead_letter_is_changed_by_one()
    {
        await StartAsync(100);
        var settlement = Settle();
        for (var position = 1; position <= 100; position++)
        {
            settlement.Kill(position);
        }

        await SettleAsync(settlement);

        var retried = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => RetryAsync(s_all, max: 15), Cancel)));
        var discarded = await Task.WhenAll(Enumerable.Range(0, 4).Select(number =>
            Task.Run(() => number % 2 == 0 ? DiscardAsync(s_all, max: 15) : RetryAsync(s_all, max: 15), Cancel)));

        var changed = retried.Sum() + discarded.Sum();
        (await StatusAsync()).Should().BeEquivalentTo(new { Dead = 100L - changed, Parked = (long)(retried.Sum() + discarded[1] + discarded[3]) });
        (await RetryAsync(s_all)).Should().Be(100 - changed);
    }

    [Fact]
    public async Task A_thousand_are_retried_in_one_go()
    {
        await StartAsync(1_000);
        var settlement = Settle();
        for (var position = 1; position <= 1_000; position++)
        {
            settlement.Kill(position);
        }

        await SettleAsync(settlement);

        (await RetryAsync(s_all, max: 10_000)).Should().Be(1_000);

        (await DueAsync()).Should().Equal(Enumerable.Range(1, 1_000).Select(position => (long)position));
    }

    private DeadLetterFilter Only(long position) => new() { Ids = [new DeadLetterId(Publisher.Id, position)] };

    private async Task DieOneByOneAsync(params long[] positions)
    {
        foreach (var position in positions)
        {
            await SettleAsync(Settle().Kill(position));
            await Store.AdvanceAsync(Minute);
        }
    }

    private Task<int> RetryAsync(DeadLetterFilter filter, int max = 1_000) => Store.DeadLetters.RetryAsync(filter, max, Cancel);

    private Task<int> DiscardAsync(DeadLetterFilter filter, int max = 1_000) => Store.DeadLetters.DiscardAsync(filter, max, Cancel);
}
