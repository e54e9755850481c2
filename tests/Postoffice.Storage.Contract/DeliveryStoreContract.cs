using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Topics;

namespace Postoffice.Storage.Contract;

/// <summary>
/// What <see cref="IDeliveryStore"/> promises of settling and of the states it tells; for what is parked see <see cref="ParkedDeliveryContract"/>,
/// for epoch and sequence <see cref="FencingContract"/>.
/// </summary>
public abstract class DeliveryStoreContract : StorageContract
{
    [Fact]
    public async Task Cursor_and_bitmap_survive_a_change_of_owner()
    {
        var (topic, _, lease) = await StartAsync(100);
        await SettleAsync(new Settlement(topic.Id, lease).Deliver(1, 2, 3, 5, 8, 90));

        var next = await LeaseAgainAsync(NodeB);

        next.Cursor.Should().Be(3);
        (await CursorAsync(lease.PublisherId)).Should().Be(3);
        Enumerable.Range(1, 100).Select(position => (long)position).Where(position => SettledSet.Contains(next.Cursor, next.SettledAbove, position))
            .Should().Equal(1, 2, 3, 5, 8, 90);
    }

    [Fact]
    public async Task An_empty_bitmap_replaces_a_full_one()
    {
        var (topic, _, lease) = await StartAsync(10);
        await SettleAsync(new Settlement(topic.Id, lease).Deliver(5, 9));
        await SettleAsync(new Settlement(topic.Id, lease, sequence: 2).UpTo(10));

        (await LeaseAgainAsync(NodeB)).Should().BeEquivalentTo(new { Cursor = 10L, SettledAbove = Array.Empty<byte>() });
    }

    [Fact]
    public async Task A_message_before_the_start_was_never_meant_for_the_publisher()
    {
        var topic = await AddTopicAsync();
        var messages = await FillAsync(topic, 2);
        await AddPublisherAsync(topic, fromNow: true);
        await AppendAsync(topic, NewMessage());

        (await StateAsync(messages[0])).Status.Should().Be(DeliveryStatus.NotSubscribed);
        (await StateAsync(messages[1])).Status.Should().Be(DeliveryStatus.NotSubscribed);
        (await StateAsync((await ReadAllAsync(topic))[2])).Status.Should().Be(DeliveryStatus.Waiting);
    }

    [Fact]
    public async Task A_message_beyond_the_cursor_waits()
    {
        var (topic, messages, lease) = await StartAsync(4);
        await SettleAsync(new Settlement(topic.Id, lease).Deliver(1, 3));

        (await StateAsync(messages[1])).Should().BeEquivalentTo(new { Status = DeliveryStatus.Waiting, Attempts = 0, SettledAt = (DateTimeOffset?)null });
        (await StateAsync(messages[3])).Status.Should().Be(DeliveryStatus.Waiting);
    }

    [Fact]
    public async Task A_delivered_message_tells_when_and_how()
    {
        var (topic, messages, lease) = await StartAsync(3);
        await Store.AdvanceAsync(TimeSpan.FromMinutes(1));
        var before = await Store.NowAsync();
        await SettleAsync(new Settlement(topic.Id, lease)
            .Deliver(1, attempts: 1, statusCode: 204, TimeSpan.FromMilliseconds(12))
            .Deliver(2, attempts: 7, statusCode: null, TimeSpan.FromSeconds(300)));

        var first = await StateAsync(messages[0]);
        first.Should().BeEquivalentTo(new
        {
            Publisher = new { Id = lease.PublisherId },
            Status = DeliveryStatus.Delivered,
            Attempts = 1,
            StatusCode = 204,
            Duration = TimeSpan.FromMilliseconds(12),
            DueAt = (DateTimeOffset?)null,
        });
        first.SettledAt.Should().BeOnOrAfter(before).And.BeOnOrBefore(await Store.NowAsync());
        (await StateAsync(messages[1])).Should().BeEquivalentTo(new
        {
            Status = DeliveryStatus.Delivered,
            Attempts = 7,
            StatusCode = (int?)null,
            Duration = TimeSpan.FromSeconds(300),
        });
    }

    [Fact]
    public async Task A_dead_letter_tells_why()
    {
        var (topic, messages, lease) = await StartAsync(3);
        var before = await Store.NowAsync();
        await SettleAsync(new Settlement(topic.Id, lease)
            .Fail(1, 1, 400, error: "bad 🎉").Kill(1, attempts: 1, reason: "blocked-target", error: "10.0.0.1 is private"));

        var state = await StateAsync(messages[0]);

        state.Should().BeEquivalentTo(new { Status = DeliveryStatus.DeadLettered, Attempts = 1, Reason = "blocked-target", DueAt = (DateTimeOffset?)null });
        state.SettledAt.Should().BeOnOrAfter(before).And.BeOnOrBefore(await Store.NowAsync());
        state.FailedAttempts.Should().ContainSingle().Which.Error.Should().Be("bad 🎉");
        (await Store.Publishers.FindStatusAsync(lease.PublisherId, Cancel)).Should().BeEquivalentTo(new { Dead = 1L, Parked = 0L, Cursor = 1L });
    }

    [Fact]
    public async Task What_is_settled_without_an_entry_in_the_log_is_settled()
    {
        var (topic, messages, lease) = await StartAsync(5);
        var batch = (SettleBatch)new Settlement(topic.Id, lease).UpTo(2).Deliver(4);
        await SettleAsync(Without(batch));

        (await StateAsync(messages[0])).Status.Should().Be(DeliveryStatus.Settled);
        (await StateAsync(messages[1])).Status.Should().Be(DeliveryStatus.Settled);
        (await StateAsync(messages[2])).Status.Should().Be(DeliveryStatus.Waiting);
        (await StateAsync(messages[3])).Status.Should().Be(DeliveryStatus.Settled);
        (await StateAsync(messages[4])).Status.Should().Be(DeliveryStatus.Waiting);

        static SettleBatch Without(SettleBatch batch) => new()
        {
            TopicId = batch.TopicId,
            PublisherId = batch.PublisherId,
            Epoch = batch.Epoch,
            Sequence = batch.Sequence,
            Cursor = batch.Cursor,
            SettledAbove = batch.SettledAbove,
        };
    }

    [Fact]
    public async Task Failed_attempts_are_listed_oldest_first()
    {
        var (topic, messages, lease) = await StartAsync(3);
        await SettleAsync(new Settlement(topic.Id, lease).Fail(1, 1, 503, TimeSpan.FromMilliseconds(5), "busy").Park(1, TimeSpan.Zero));
        await Store.AdvanceAsync(TimeSpan.FromMinutes(1));
        var between = await Store.NowAsync();
        await SettleAsync(new Settlement(topic.Id, lease, sequence: 2).UpTo(1)
            .Fail(1, 2, null, TimeSpan.FromSeconds(30), "timeout").Fail(2, 1, 500, default, "other").Park(1, TimeSpan.Zero, attempts: 2));
        await SettleAsync(new Settlement(topic.Id, lease, sequence: 3).UpTo(1).Deliver(1, 3, 200, default).Unpark(1));

        var state = await StateAsync(messages[0]);

        state.Should().BeEquivalentTo(new { Status = DeliveryStatus.Delivered, Attempts = 3 });
        state.FailedAttempts.Select(attempt => (attempt.Attempt, attempt.StatusCode, attempt.Duration, attempt.Error)).Should().Equal(
            (1, 503, TimeSpan.FromMilliseconds(5), "busy"), (2, null, TimeSpan.FromSeconds(30), "timeout"));
        state.FailedAttempts[0].At.Should().BeBefore(between);
        state.FailedAttempts[1].At.Should().BeOnOrAfter(between);
        (await StateAsync(messages[1])).FailedAttempts.Should().ContainSingle().Which.Error.Should().Be("other");
        (await StateAsync(messages[2])).FailedAttempts.Should().BeEmpty();
    }

    [Fact]
    public async Task Of_many_failed_attempts_the_newest_100_are_listed()
    {
        var (topic, messages, lease) = await StartAsync(1);
        var settlement = new Settlement(topic.Id, lease).Park(1, TimeSpan.Zero, attempts: 130);
        foreach (var attempt in Enumerable.Range(1, 130))
        {
            settlement.Fail(1, attempt);
        }

        await SettleAsync(settlement);

        (await StateAsync(messages[0])).FailedAttempts.Select(attempt => attempt.Attempt).Should().Equal(Enumerable.Range(31, 100));
    }

    [Fact]
    public async Task Each_publisher_of_the_topic_has_its_own_state_in_order_of_number()
    {
        var topic = await AddTopicAsync();
        var message = (await FillAsync(topic, 1))[0];
        var delivering = await AddPublisherAsync(topic, "http://receiver.example/1");
        var delivered = await LeaseAsync(NodeA);
        var parking = await AddPublisherAsync(topic, "http://receiver.example/2");
        var parked = await LeaseAsync(NodeA);
        var late = await AddPublisherAsync(topic, "http://receiver.example/3", fromNow: true);
        var paused = await AddPublisherAsync(topic, "http://receiver.example/4", active: false);
        await AddPublisherAsync(await AddTopicAsync("invoices"));
        await SettleAsync(new Settlement(topic.Id, delivered).Deliver(1));
        await SettleAsync(new Settlement(topic.Id, parked).Park(1, TimeSpan.FromMinutes(5)));

        (await Store.Deliveries.StatesAsync(message, Cancel)).Select(state => (state.Publisher.Id, state.Status)).Should().Equal(
            (delivering.Id, DeliveryStatus.Delivered),
            (parking.Id, DeliveryStatus.Parked),
            (late.Id, DeliveryStatus.NotSubscribed),
            (paused.Id, DeliveryStatus.Waiting));
    }

    [Fact]
    public async Task A_state_bears_the_publisher_as_it_is()
    {
        var topic = await AddTopicAsync();
        var message = (await FillAsync(topic, 1))[0];
        var publisher = await AddPublisherAsync(topic);

        (await StateAsync(message)).Publisher.Should().BeEquivalentTo(publisher);
    }

    [Fact]
    public async Task A_flush_of_1000_deliveries_over_many_positions_is_written_whole()
    {
        var (topic, messages, lease) = await StartAsync(4_000);
        long[] positions = [.. Enumerable.Range(0, 1_000).Select(number => 1L + (number * 4))];
        var settlement = new Settlement(topic.Id, lease);
        foreach (var position in positions)
        {
            settlement.Deliver(position, (int)(position % 3) + 1, 200 + (int)(position % 5), TimeSpan.FromMilliseconds(position));
        }

        await SettleAsync(settlement);

        var next = await LeaseAgainAsync(NodeB);
        next.Cursor.Should().Be(1);
        messages.Select(message => message.Position).Where(position => SettledSet.Contains(next.Cursor, next.SettledAbove, position)).Should().Equal(positions);
        foreach (var position in new long[] { 1, 5, 1_021, 1_025, 2_045, 2_049, 3_073, 3_997 })
        {
            (await StateAsync(messages[(int)position - 1])).Should().BeEquivalentTo(new
            {
                Status = DeliveryStatus.Delivered,
                Attempts = (int)(position % 3) + 1,
                StatusCode = 200 + (int)(position % 5),
                Duration = TimeSpan.FromMilliseconds(position),
            });
        }

        foreach (var position in new long[] { 2, 1_024, 1_026, 2_048, 4_000 })
        {
            (await StateAsync(messages[(int)position - 1])).Status.Should().Be(DeliveryStatus.Waiting);
        }
    }

    [Fact]
    public async Task Deliveries_of_many_flushes_are_each_found()
    {
        var (topic, messages, lease) = await StartAsync(50);
        for (var position = 1; position <= 50; position++)
        {
            await SettleAsync(new Settlement(topic.Id, lease, position).UpTo(position - 1).Deliver(position, attempts: position, 200, default));
        }

        foreach (var message in messages)
        {
            (await StateAsync(message)).Should().BeEquivalentTo(new { Status = DeliveryStatus.Delivered, Attempts = (int)message.Position });
        }
    }

    [Fact]
    public async Task Publishers_settle_side_by_side()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 20);
        for (var number = 0; number < 8; number++)
        {
            await AddPublisherAsync(topic, $"http://receiver.example/{number}");
        }

        var leases = await TakeAsync(NodeA, 8);
        await Task.WhenAll(leases.Select(lease => Task.Run(async () =>
        {
            for (var position = 1; position <= 20; position++)
            {
                await SettleAsync(new Settlement(topic.Id, lease, position).UpTo(position - 1).Deliver(position));
            }
        }, Cancel)));

        (await Store.Publishers.ListAsync(topic.Id, 0, 10, Cancel)).Select(status => status.Cursor)
            .Should().HaveCount(8).And.OnlyContain(cursor => cursor == 20);
    }

    private async Task<(Topic Topic, IReadOnlyList<Message> Messages, Lease Lease)> StartAsync(int messages)
    {
        var topic = await AddTopicAsync();
        var filled = await FillAsync(topic, messages);
        await AddPublisherAsync(topic);
        return (topic, filled, await LeaseAsync(NodeA));
    }

    private async Task SettleAsync(SettleBatch batch) => (await Store.Deliveries.SettleAsync(batch, Cancel)).Should().Be(SettleStatus.Settled);
}
