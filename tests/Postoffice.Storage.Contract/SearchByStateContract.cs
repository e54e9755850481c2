using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Topics;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IMessageSearchStore"/> promises of where messages stand for their publishers.</summary>
public abstract class SearchByStateContract : SearchSteps
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly DeliveryStatus[] States =
    [
        DeliveryStatus.Waiting, DeliveryStatus.Parked, DeliveryStatus.DeadLettered, DeliveryStatus.Delivered, DeliveryStatus.Skipped, DeliveryStatus.Discarded,
    ];

    [Fact]
    public async Task A_search_by_state_finds_what_the_books_say()
    {
        var topic = await MixAsync("orders");
        var other = await MixAsync("invoices");
        List<long?> publishers = [null, .. (await Store.Publishers.ListAsync(topic.Id, 0, 10, Cancel)).Select(status => (long?)status.Publisher.Id)];
        publishers.Should().HaveCount(4);
        foreach (var state in States)
        {
            foreach (var publisher in publishers)
            {
                var expected = await ExpectAsync(topic, state, publisher);
                var query = All with { TopicId = topic.Id, PublisherId = publisher, State = state };

                Positions(await WalkAsync(query)).Should().Equal(expected, "{0} for {1}", state, publisher);
                Positions(await WalkAsync(query, chunk: 3, limit: 2)).Should().Equal(expected, "{0} for {1}, in small steps", state, publisher);
                Positions(await WalkAsync(query with { Text = "1"u8.ToArray() }, chunk: 5, limit: 2)).Should()
                    .Equal(expected.Where(position => $"{position}".Contains('1', StringComparison.Ordinal)), "{0} for {1}, with a text", state, publisher);
            }

            var found = await WalkAsync(All with { State = state }, chunk: 7, limit: 3);
            found.Where(message => message.TopicId == topic.Id).Select(message => message.Position).Should().Equal(await ExpectAsync(topic, state, null));
            found.Where(message => message.TopicId == other.Id).Select(message => message.Position).Should().Equal(await ExpectAsync(other, state, null));
        }
    }

    [Fact]
    public async Task A_found_message_shows_for_how_many_publishers_it_stands_how()
    {
        var topic = await MixAsync("orders");
        var messages = await ReadAllAsync(topic);

        var found = await WalkAsync(All with { TopicId = topic.Id });

        found.Should().HaveCount(messages.Count);
        foreach (var message in found)
        {
            var states = await Store.Deliveries.StatesAsync(messages[(int)message.Position - 1], Cancel);

            // The log is not asked: what a replay has delivered of before the publisher's time is not counted.
            long Count(params DeliveryStatus[] of) => states.Count(state =>
                of.Contains(state.Status) && (of.Length == 1 || message.Position > state.Publisher.StartPosition));
            message.Deliveries.Should().Be(
                new DeliveryCounts(
                    Count(DeliveryStatus.Waiting),
                    Count(DeliveryStatus.Parked),
                    Count(DeliveryStatus.DeadLettered),
                    Count(DeliveryStatus.Delivered, DeliveryStatus.Skipped, DeliveryStatus.Discarded, DeliveryStatus.Settled)),
                "of message {0}", message.Position);
        }
    }

    [Fact]
    public async Task A_few_failures_among_many_messages_are_found_at_once()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 3_000);
        var first = await RunAsync(topic, "a");
        await SettleAsync(new Settlement(topic.Id, first).Park(5, Minute).Park(1_500, Minute).Kill(9).Kill(2_000).UpTo(3_000));
        var second = await RunAsync(topic, "b");
        await SettleAsync(new Settlement(topic.Id, second).Park(1_500, Minute).Park(1_700, Minute).UpTo(3_000));

        var parked = await LookAsync(All with { TopicId = topic.Id, State = DeliveryStatus.Parked }, chunk: 10, limit: 9);
        var dead = await LookAsync(All with { TopicId = topic.Id, State = DeliveryStatus.DeadLettered, PublisherId = first.PublisherId }, chunk: 10, limit: 9);

        Positions(parked.Messages).Should().Equal(1_700, 1_500, 5);
        parked.Should().BeEquivalentTo(new { Scanned = 3, Next = (MessagePlace?)null });
        Positions(dead.Messages).Should().Equal(2_000, 9);
        dead.Should().BeEquivalentTo(new { Scanned = 2, Next = (MessagePlace?)null });
    }

    [Fact]
    public async Task Of_many_failures_the_newest_come_first_step_by_step()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 60);
        var first = await RunAsync(topic, "a");
        var second = await RunAsync(topic, "b");
        var (parkedByFirst, parkedBySecond) = (new Settlement(topic.Id, first), new Settlement(topic.Id, second));
        for (var position = 1; position <= 60; position++)
        {
            _ = position % 2 == 0 ? parkedByFirst.Park(position, Minute) : parkedByFirst;
            _ = position % 3 == 0 ? parkedBySecond.Park(position, Minute) : parkedBySecond;
        }

        await SettleAsync(parkedByFirst);
        await SettleAsync(parkedBySecond);

        var found = await WalkAsync(All with { TopicId = topic.Id, State = DeliveryStatus.Parked }, chunk: 4, limit: 3);

        Positions(found).Should().Equal(Down(60).Where(position => position % 2 == 0 || position % 3 == 0));
    }

    [Fact]
    public async Task For_what_waits_nothing_is_looked_at_that_all_have_passed()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 1_000);
        await SettleAsync(new Settlement(topic.Id, await RunAsync(topic, "a")).UpTo(990));
        var second = await RunAsync(topic, "b");
        await SettleAsync(new Settlement(topic.Id, second).UpTo(995).Deliver(998));

        var any = await LookAsync(All with { TopicId = topic.Id, State = DeliveryStatus.Waiting });
        var ofSecond = await LookAsync(All with { TopicId = topic.Id, PublisherId = second.PublisherId, State = DeliveryStatus.Waiting });

        Positions(any.Messages).Should().Equal(Down(1_000, 991));
        any.Should().BeEquivalentTo(new { Scanned = 10, Next = (MessagePlace?)null });
        Positions(ofSecond.Messages).Should().Equal(1_000, 999, 997, 996);
        ofSecond.Should().BeEquivalentTo(new { Scanned = 5, Next = (MessagePlace?)null });
    }

    [Fact]
    public async Task Without_publishers_nothing_stands_anyhow()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 3);
        foreach (var state in States)
        {
            (await WalkAsync(All with { TopicId = topic.Id, State = state })).Should().BeEmpty();
            (await WalkAsync(All with { State = state })).Should().BeEmpty();
        }
    }

    [Fact]
    public async Task A_deleted_publisher_stands_for_nothing()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 6);
        var lease = await RunAsync(topic, "a");
        await SettleAsync(new Settlement(topic.Id, lease).Deliver(1).Skip(2).Kill(3).Park(4, Minute));
        await Store.Publishers.DeleteAsync(lease.PublisherId, Cancel);

        foreach (var state in States)
        {
            (await WalkAsync(All with { TopicId = topic.Id, State = state })).Should().BeEmpty();
            (await WalkAsync(All with { State = state })).Should().BeEmpty();
        }

        (await WalkAsync(All)).Should().OnlyContain(message => message.Deliveries == default);
    }

    /// <summary>A topic of thirty messages whose three publishers stand everywhere.</summary>
    private async Task<Topic> MixAsync(string name)
    {
        var topic = await AddTopicAsync(name);
        await FillAsync(topic, 20);
        var first = await RunAsync(topic, "a");
        await SettleAsync(new Settlement(topic.Id, first)
            .Deliver(1, 2, 3, 4).Skip(5, 6).Kill(7).Kill(8).Park(9, Minute).ParkBehind("k", 10).Deliver(12, 13).Skip(14).Kill(16).Park(17, Minute));
        await Store.DeadLetters.DiscardAsync(new DeadLetterFilter { Ids = [new(first.PublisherId, 8)] }, 1, Cancel);

        // A publisher that begins late, and a replay that has brought it some of what came before.
        var late = await RunAsync(topic, "b", fromNow: true);
        await Store.AdvanceAsync(Minute);
        for (var more = 0; more < 10; more++)
        {
            await AppendAsync(topic, NewMessage($"{21 + more}"));
        }

        await SettleAsync(new Settlement(topic.Id, late).Deliver(21, 22, 24).Skip(23).Deliver(3).Skip(11).Park(2, Minute).Kill(1));

        // What was skipped is delivered later: the last entry of the log counts. What was delivered dies, and is retried and discarded.
        await SettleAsync(new Settlement(topic.Id, first, sequence: 2).UpTo(10).Deliver(5).Deliver(12, 13).Skip(14).Kill(2).Kill(16).Park(17, Minute));
        await Store.AdvanceAsync(Minute);
        await Store.DeadLetters.RetryAsync(new DeadLetterFilter { Ids = [new(first.PublisherId, 2)] }, 1, Cancel);
        await Store.DeadLetters.DiscardAsync(new DeadLetterFilter { Ids = [new(late.PublisherId, 1)] }, 1, Cancel);
        await RunAsync(topic, "c");
        return topic;
    }

    private async Task<Lease> RunAsync(Topic topic, string name, bool fromNow = false)
    {
        await AddPublisherAsync(topic, $"http://{name}.example/", fromNow: fromNow);
        return await LeaseAsync(NodeA);
    }

    private async Task SettleAsync(SettleBatch batch) => (await Store.Deliveries.SettleAsync(batch, Cancel)).Should().Be(SettleStatus.Settled);

    private async Task<long[]> ExpectAsync(Topic topic, DeliveryStatus state, long? publisherId)
    {
        var positions = new List<long>();
        foreach (var message in (await ReadAllAsync(topic)).Reverse())
        {
            if ((await Store.Deliveries.StatesAsync(message, Cancel))
                .Any(standing => standing.Status == state && (publisherId is null || standing.Publisher.Id == publisherId)))
            {
                positions.Add(message.Position);
            }
        }

        return [.. positions];
    }
}
