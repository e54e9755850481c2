using Postoffice.Messages;
using Postoffice.Topics;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IMessageSearchStore"/> promises of order, steps and time.</summary>
public abstract class MessageSearchContract : SearchSteps
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(2, 1)]
    [InlineData(4, 3)]
    [InlineData(3, 1)]
    [InlineData(23, 22)]
    [InlineData(24, 23)]
    [InlineData(500, 100)]
    public async Task The_messages_of_a_topic_come_newest_first_without_gap_or_repeat(int chunk, int limit)
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 23);
        await FillAsync(await AddTopicAsync("invoices"), 3);

        Positions(await WalkAsync(All with { TopicId = topic.Id }, chunk, limit)).Should().Equal(Down(23));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(4, 3)]
    [InlineData(7, 2)]
    [InlineData(500, 100)]
    public async Task The_messages_of_all_topics_come_newest_first_without_gap_or_repeat(int chunk, int limit)
    {
        // Each append gives its messages one time; on a clock that stands still two topics share it.
        Topic[] topics = [await AddTopicAsync(), await AddTopicAsync("invoices")];
        for (var round = 0; round < 3; round++)
        {
            await FillAsync(topics[0], 4);
            await FillAsync(topics[1], 3);
            await Store.AdvanceAsync(Minute);
        }

        var found = await WalkAsync(All, chunk, limit);

        found.Should().HaveCount(21).And.OnlyHaveUniqueItems(message => message.Id);
        found.Should().BeInDescendingOrder(message => message.ReceivedAt);
        Places(found).Should().Equal(Places(found.OrderByDescending(message => (message.ReceivedAt, message.TopicId, message.Position))));
        found.Select(message => message.Topic).Distinct().Should().BeEquivalentTo("orders", "invoices");
    }

    [Fact]
    public async Task Where_there_is_nothing_all_is_searched()
    {
        (await LookAsync(All)).Should().BeEquivalentTo(new SearchedChunk([], 0, null));

        var topic = await AddTopicAsync();

        (await LookAsync(All with { TopicId = topic.Id })).Should().BeEquivalentTo(new SearchedChunk([], 0, null));
    }

    [Fact]
    public async Task A_step_that_finds_nothing_says_how_far_it_has_come()
    {
        var topic = await AddTopicAsync();
        var messages = await FillAsync(topic, 10);
        foreach (var query in new[] { All, All with { TopicId = topic.Id } })
        {
            var nothing = query with { Text = "none"u8.ToArray() };

            var first = await LookAsync(nothing, chunk: 4, limit: 3);
            var second = await LookAsync(nothing, first.Next, chunk: 4, limit: 3);
            var third = await LookAsync(nothing, second.Next, chunk: 4, limit: 3);

            first.Should().BeEquivalentTo(new { Scanned = 4, Next = new MessagePlace(messages[6].ReceivedAt, topic.Id, 7) });
            second.Should().BeEquivalentTo(new { Scanned = 4, Next = new MessagePlace(messages[2].ReceivedAt, topic.Id, 3) });
            third.Should().BeEquivalentTo(new { Scanned = 2, Next = (MessagePlace?)null });
        }
    }

    [Fact]
    public async Task A_step_stops_when_it_has_found_enough()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 30);
        var ending = All with { TopicId = topic.Id, Text = "1"u8.ToArray() };

        var part = await LookAsync(ending, chunk: 30, limit: 2);

        Positions(part.Messages).Should().Equal(21, 19);
        part.Next!.Value.Position.Should().BeInRange(19, 19);
        part.Scanned.Should().Be(12);
        Positions(await WalkAsync(ending, chunk: 5, limit: 2)).Should().Equal([21, .. Down(19, 10), 1]);
    }

    [Fact]
    public async Task A_found_message_shows_what_it_is()
    {
        var topic = await AddTopicAsync();
        var attributes = MessageAttributes.Create([new("kind", "grün \"1\"")]);
        await AppendAsync(topic, new NewMessage
        {
            Payload = """{"name":"Zoë"}"""u8.ToArray(), ContentType = "text/x", OrderingKey = "k", Attributes = attributes,
        });
        var message = (await ReadAllAsync(topic))[0];

        var found = (await WalkAsync(All)).Should().ContainSingle().Subject;

        found.Should().BeEquivalentTo(new FoundMessage
        {
            Id = message.Id,
            TopicId = topic.Id,
            Topic = "orders",
            Position = 1,
            ReceivedAt = message.ReceivedAt,
            OrderingKey = "k",
            ContentType = "text/x",
            Attributes = attributes,
            Size = 15,
            Excerpt = """{"name":"Zoë"}""",
            Deliveries = default,
        });
    }

    [Fact]
    public async Task A_large_payload_is_shown_by_its_beginning()
    {
        var topic = await AddTopicAsync();
        await AppendAsync(
            topic, NewMessage(new string('€', 300_000)), NewMessage("\u0000é\""), NewMessage(""), NewMessage(new byte[] { 0xC3, 0x28, 0xE2, 0x82 }));

        var found = await WalkAsync(All with { TopicId = topic.Id });

        found.Select(message => (message.Size, message.Excerpt)).Should().Equal(
            (4, "\uFFFD(\uFFFD"), (0, ""), (4, "\u0000é\""), (900_000, new string('€', 200)));
    }

    [Fact]
    public async Task A_span_of_time_leaves_its_end_out()
    {
        var topic = await AddTopicAsync();
        var other = await AddTopicAsync("invoices");
        var times = new List<DateTimeOffset>();
        for (var round = 0; round < 5; round++)
        {
            await FillAsync(topic, 3);
            await FillAsync(other, 1);
            times.Add((await ReadAllAsync(topic))[^1].ReceivedAt);
            await Store.AdvanceAsync(Minute);
        }

        foreach (var query in new[] { All with { TopicId = topic.Id }, All })
        {
            async Task<IEnumerable<long>> OfTopicAsync(MessageQuery span) =>
                Positions((await SearchAsync(span, limit: 4)).Where(message => message.TopicId == topic.Id));

            (await OfTopicAsync(query with { From = times[1], To = times[3] })).Should().Equal(Down(9, 4));
            (await OfTopicAsync(query with { From = times[3] })).Should().Equal(Down(15, 10));
            (await OfTopicAsync(query with { From = times[3].ToOffset(TimeSpan.FromHours(2)) })).Should().Equal(Down(15, 10));
            (await OfTopicAsync(query with { To = times[1] })).Should().Equal(Down(3));
            (await OfTopicAsync(query with { From = times[4] + Minute })).Should().BeEmpty();
            (await OfTopicAsync(query with { To = times[0] })).Should().BeEmpty();
            (await OfTopicAsync(query with { From = times[0] - Minute, To = times[4] + Minute })).Should().Equal(Down(15));
            (await OfTopicAsync(query with { From = times[1], To = times[3], Text = "2"u8.ToArray() })).Should().Equal(8, 5);
        }
    }

    [Fact]
    public async Task What_was_scheduled_stands_where_it_entered_the_log()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 2);
        var id = await Store.Staged.StageAsync(new StagedMessage(topic.Id, NewMessage("late"), await Store.NowAsync() + Minute), Cancel);
        (await WalkAsync(All)).Should().HaveCount(2, "what waits to be due is not in the log");
        await FillAsync(topic, 2);
        await Store.AdvanceAsync(Minute * 2);
        await Store.Staged.RelayDueAsync(10, Cancel);
        await FillAsync(topic, 1);

        foreach (var query in new[] { All, All with { TopicId = topic.Id } })
        {
            var found = await WalkAsync(query, chunk: 3, limit: 2);

            Positions(found).Should().Equal(Down(6));
            found[1].Id.Should().Be(id!.Value);
            found.Should().BeInDescendingOrder(message => message.ReceivedAt);
        }
    }

    [Fact]
    public async Task What_comes_while_pages_are_read_changes_none_of_them()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 10);
        await Store.AdvanceAsync(Minute);
        Task ComeAsync() => AppendAsync(topic, NewMessage("new"));

        Positions(await WalkAsync(All with { TopicId = topic.Id }, chunk: 4, limit: 3, ComeAsync)).Should().Equal(Down(10));

        var head = (await ReadAllAsync(topic)).Count;
        Positions(await WalkAsync(All, chunk: 4, limit: 3, ComeAsync)).Should().Equal(Down(head));
    }

    [Fact]
    public async Task The_place_of_a_time_is_found()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 3);
        var first = (await ReadAllAsync(topic))[0].ReceivedAt;
        await Store.AdvanceAsync(Minute);
        await FillAsync(topic, 2);
        var second = (await ReadAllAsync(topic))[4].ReceivedAt;

        (await Store.Search.FirstPositionAsync(topic.Id, first - Minute, Cancel)).Should().Be(1);
        (await Store.Search.FirstPositionAsync(topic.Id, first, Cancel)).Should().Be(1);
        (await Store.Search.FirstPositionAsync(topic.Id, second, Cancel)).Should().Be(4);
        (await Store.Search.FirstPositionAsync(topic.Id, second + Minute, Cancel)).Should().Be(6);
        (await Store.Search.FirstPositionAsync((await AddTopicAsync("empty")).Id, second, Cancel)).Should().Be(1);
    }
}
