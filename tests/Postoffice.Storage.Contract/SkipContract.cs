using Postoffice.Deliveries;
using Postoffice.Publishers;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IDeliveryStore"/> promises of messages that a filter leaves out, of the counters, and of what a state tells beside its status.</summary>
public abstract class SkipContract : LeasedPublisherSteps
{
    [Fact]
    public async Task A_skipped_message_tells_when_and_that_nothing_was_sent()
    {
        await StartAsync(3);
        await Store.AdvanceAsync(Minute);
        var before = await Store.NowAsync();
        await SettleAsync(Settle().Deliver(1).Skip(2));

        var state = await StateAsync(Messages[1]);

        state.Should().BeEquivalentTo(new
        {
            Status = DeliveryStatus.Skipped,
            Attempts = 0,
            StatusCode = (int?)null,
            Duration = (TimeSpan?)null,
            DueAt = (DateTimeOffset?)null,
            Reason = (string?)null,
            FailedAttempts = Array.Empty<FailedAttempt>(),
        });
        state.SettledAt.Should().BeOnOrAfter(before).And.BeOnOrBefore(await Store.NowAsync());
    }

    [Fact]
    public async Task The_cursor_moves_over_what_is_skipped()
    {
        await StartAsync(5);
        await SettleAsync(Settle().Skip(1, 2, 4));

        (await StatusAsync()).Cursor.Should().Be(2);
        (await StateAsync(Messages[2])).Status.Should().Be(DeliveryStatus.Waiting);
        var next = await LeaseAgainAsync(NodeB);
        SettledSet.Contains(next.Cursor, next.SettledAbove, 4).Should().BeTrue();
    }

    [Fact]
    public async Task What_is_delivered_and_what_is_skipped_is_counted()
    {
        await StartAsync(10);
        await SettleAsync(Settle().Deliver(1, 2).Skip(3, 4, 5).Kill(6).Park(7, TimeSpan.Zero));
        await SettleAsync(Settle().Deliver(8, 7).Unpark(7).Skip(9));

        var status = await StatusAsync();

        status.Should().BeEquivalentTo(new PublisherStatus(Publisher, Cursor: 9, Head: 10, Parked: 0, Dead: 1, Delivered: 4, Skipped: 4));
        (await Store.Publishers.ListAsync(Topic.Id, 0, 10, Cancel)).Should().ContainSingle().Which.Should().BeEquivalentTo(status);
    }

    [Fact]
    public async Task Each_publisher_counts_its_own()
    {
        await StartAsync(2);
        var other = await AddPublisherAsync(Topic, "http://other.example/");
        await SettleAsync(Settle().Deliver(1).Skip(2));

        (await Store.Publishers.FindStatusAsync(other.Id, Cancel)).Should().BeEquivalentTo(new { Delivered = 0L, Skipped = 0L });
    }

    [Fact]
    public async Task A_message_that_is_sent_again_counts_again()
    {
        await StartAsync(2);
        await SettleAsync(Settle().Deliver(1));
        await SettleAsync(Settle().Deliver(1));

        (await StatusAsync()).Delivered.Should().Be(2);
    }

    [Fact]
    public async Task A_repeated_flush_counts_nothing_and_skips_nothing()
    {
        await StartAsync(5);
        var first = Settle().Deliver(1).Skip(2, 3);
        await SettleAsync(first);
        var rows = await Store.CountRowsOutsideLogAsync();

        await SettleAsync(first);

        (await StatusAsync()).Should().BeEquivalentTo(new { Delivered = 1L, Skipped = 2L });
        (await Store.CountRowsOutsideLogAsync()).Should().Be(rows);
    }

    [Fact]
    public async Task A_flush_of_another_epoch_counts_nothing_and_skips_nothing()
    {
        await StartAsync(5);
        var late = Settle().Deliver(1).Skip(2);
        await LeaseAgainAsync(NodeB);

        (await Store.Deliveries.SettleAsync(late, Cancel)).Should().Be(SettleStatus.LeaseLost);

        (await StatusAsync()).Should().BeEquivalentTo(new { Delivered = 0L, Skipped = 0L });
        (await StateAsync(Messages[1])).Status.Should().Be(DeliveryStatus.Waiting);
    }

    [Fact]
    public async Task What_was_parked_and_is_skipped_by_a_new_filter_is_no_longer_parked()
    {
        await StartAsync(2);
        await SettleAsync(Settle().Fail(1, 1).Park(1, TimeSpan.Zero));

        await SettleAsync(Settle().Skip(1).Unpark(1));

        (await DueAsync()).Should().BeEmpty();
        (await StatusAsync()).Should().BeEquivalentTo(new { Parked = 0L, Skipped = 1L });
        var state = await StateAsync(Messages[0]);
        state.Should().BeEquivalentTo(new { Status = DeliveryStatus.Skipped, Attempts = 0 });
        state.FailedAttempts.Should().ContainSingle();
    }

    [Fact]
    public async Task Of_several_entries_for_a_message_the_last_is_told()
    {
        await StartAsync(2);
        await SettleAsync(Settle().Skip(1).Deliver(2, attempts: 1, 200, default));
        await Store.AdvanceAsync(Minute);
        await SettleAsync(Settle().Deliver(1, attempts: 1, 204, default).Skip(2));

        (await StateAsync(Messages[0])).Should().BeEquivalentTo(new { Status = DeliveryStatus.Delivered, Attempts = 1, StatusCode = 204 });
        (await StateAsync(Messages[1])).Should().BeEquivalentTo(new { Status = DeliveryStatus.Skipped, Attempts = 0, StatusCode = (int?)null });

        await Store.AdvanceAsync(Minute);
        await SettleAsync(Settle().Deliver(1, attempts: 3, 201, default));

        (await StateAsync(Messages[0])).Should().BeEquivalentTo(new { Status = DeliveryStatus.Delivered, Attempts = 3, StatusCode = 201 });
    }

    [Fact]
    public async Task Of_two_entries_of_the_same_moment_the_later_is_told()
    {
        await StartAsync(1);
        await SettleAsync(Settle().Deliver(1, attempts: 1, 200, default));
        await SettleAsync(Settle().Deliver(1, attempts: 2, 204, default));

        (await StateAsync(Messages[0])).Should().BeEquivalentTo(new { Attempts = 2, StatusCode = 204 });
    }

    [Fact]
    public async Task A_thousand_are_skipped_among_a_thousand_delivered_in_one_flush()
    {
        await StartAsync(2_000);
        var settlement = Settle();
        for (var position = 1; position <= 2_000; position++)
        {
            settlement = position % 2 == 0 ? settlement.Skip(position) : settlement.Deliver(position);
        }

        await SettleAsync(settlement);

        (await StatusAsync()).Should().BeEquivalentTo(new { Cursor = 2_000L, Delivered = 1_000L, Skipped = 1_000L });
        foreach (var position in new[] { 1, 2, 1_023, 1_024, 1_025, 1_026, 1_999, 2_000 })
        {
            (await StateAsync(Messages[position - 1])).Status.Should().Be(position % 2 == 0 ? DeliveryStatus.Skipped : DeliveryStatus.Delivered);
        }
    }

    [Fact]
    public async Task A_waiting_message_tells_how_many_go_before_it()
    {
        await StartAsync(20);
        await SettleAsync(Settle().Deliver(1, 2).Deliver(4).Skip(5).Kill(7).Park(10, 5 * Minute).Deliver(17));

        (await StateAsync(Messages[2])).Should().BeEquivalentTo(new { Status = DeliveryStatus.Waiting, Ahead = 0L });
        (await StateAsync(Messages[5])).Ahead.Should().Be(1, "of those before only 3 is open");
        (await StateAsync(Messages[10])).Ahead.Should().Be(4, "3, 6, 8 and 9 are open; what is parked does not go before it");
        (await StateAsync(Messages[19])).Ahead.Should().Be(12);
    }

    [Fact]
    public async Task A_message_that_does_not_wait_has_nothing_ahead()
    {
        await StartAsync(6);
        await SettleAsync(Settle().Deliver(3).Skip(4).Kill(5).Park(6, 5 * Minute));

        foreach (var message in Messages.Skip(2))
        {
            (await StateAsync(message)).Ahead.Should().Be(0);
        }
    }

    [Fact]
    public async Task For_a_publisher_that_starts_later_only_messages_of_its_time_go_ahead()
    {
        await StartAfterAsync(10);
        await FillAsync(Topic, 5);

        (await StateAsync((await ReadAllAsync(Topic))[14])).Should().BeEquivalentTo(new { Status = DeliveryStatus.Waiting, Ahead = 4L });
    }

    [Fact]
    public async Task A_dead_letter_tells_the_last_status_code()
    {
        await StartAsync(2);
        await SettleAsync(Settle().Kill(1, statusCode: 422).Kill(2, statusCode: null));

        (await StateAsync(Messages[0])).StatusCode.Should().Be(422);
        (await StateAsync(Messages[1])).StatusCode.Should().BeNull();
    }

    [Fact]
    public async Task What_is_known_of_a_message_from_before_the_start_is_told()
    {
        await StartAfterAsync(5);
        await SettleAsync(Settle().Deliver(1).Skip(2).Kill(3).Park(4, 5 * Minute));

        var states = new List<DeliveryStatus>();
        foreach (var message in Messages)
        {
            states.Add((await StateAsync(message)).Status);
        }

        states.Should().Equal(
            DeliveryStatus.Delivered, DeliveryStatus.Skipped, DeliveryStatus.DeadLettered, DeliveryStatus.Parked, DeliveryStatus.NotSubscribed);
    }
}
