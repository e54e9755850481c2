using Postoffice.Messages;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IMessageLog"/> promises of positions and reading.</summary>
public abstract class MessageLogContract : StorageContract
{
    [Fact]
    public async Task Positions_count_from_1_without_a_gap()
    {
        var topic = await AddTopicAsync();

        var results = await Store.Log.AppendAsync(topic.Id, [Requests(1), Requests(3), Requests(2)], Cancel);
        var next = await AppendAsync(topic, NewMessage());

        results!.Select(result => result.FirstPosition).Should().Equal(1, 2, 5);
        results!.Should().OnlyContain(result => !result.Repeated);
        next.FirstPosition.Should().Be(7);
        (await ReadAllAsync(topic)).Select(message => message.Position).Should().Equal(1, 2, 3, 4, 5, 6, 7);
    }

    [Fact]
    public async Task Messages_stand_in_the_order_in_which_they_were_given()
    {
        var topic = await AddTopicAsync();

        await Store.Log.AppendAsync(topic.Id, [Request(NewMessage("a"), NewMessage("b")), Request(NewMessage("c"))], Cancel);

        (await ReadAllAsync(topic)).Select(Text).Should().Equal("a", "b", "c");
    }

    [Fact]
    public async Task A_bulk_of_3000_messages_is_appended_at_once()
    {
        var topic = await AddTopicAsync();

        var results = await Store.Log.AppendAsync(topic.Id, [Requests(MessageRules.MaxBulkMessages)], Cancel);

        results.Should().ContainSingle().Which.FirstPosition.Should().Be(1);
        (await ReadAllAsync(topic)).Select(Text).Should().Equal(Enumerable.Range(0, MessageRules.MaxBulkMessages).Select(number => $"{number}"));
    }

    [Fact]
    public async Task Each_topic_counts_for_itself()
    {
        var orders = await AddTopicAsync();
        var invoices = await AddTopicAsync("invoices");
        await FillAsync(orders, 3);

        (await AppendAsync(invoices, NewMessage("only"))).FirstPosition.Should().Be(1);

        (await ReadAllAsync(invoices)).Should().ContainSingle().Which.TopicId.Should().Be(invoices.Id);
        (await ReadAllAsync(orders)).Should().HaveCount(3);
    }

    [Fact]
    public async Task An_unknown_topic_takes_nothing()
    {
        (await Store.Log.AppendAsync(4711, [Requests(1)], Cancel)).Should().BeNull();
        (await Store.Log.ReadAsync(4711, 0, 10, int.MaxValue, Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task The_time_in_the_log_is_that_of_the_store()
    {
        var topic = await AddTopicAsync();
        await Store.AdvanceAsync(TimeSpan.FromDays(1));
        var before = await Store.NowAsync();

        var result = await AppendAsync(topic, NewMessage());

        result.ReceivedAt.Should().BeOnOrAfter(before).And.BeOnOrBefore(await Store.NowAsync());
        (await ReadAllAsync(topic)).Should().ContainSingle().Which.ReceivedAt.Should().Be(result.ReceivedAt);
    }

    [Fact]
    public async Task A_message_is_found_by_its_id()
    {
        var topic = await AddTopicAsync();
        var sent = NewMessage("here");
        await AppendAsync(topic, NewMessage(), sent);

        var found = await Store.Log.FindAsync(sent.Id, Cancel);

        found.Should().BeEquivalentTo(new { sent.Id, TopicId = topic.Id, Position = 2L });
        Text(found!).Should().Be("here");
    }

    [Fact]
    public async Task An_unknown_message_is_not_found() => (await Store.Log.FindAsync(Guid.CreateVersion7(), Cancel)).Should().BeNull();

    [Fact]
    public async Task Reading_goes_on_after_a_position_and_stops_at_the_count()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 10);

        (await ReadAsync(after: 0, maxCount: 4)).Should().Equal(1, 2, 3, 4);
        (await ReadAsync(after: 4, maxCount: 4)).Should().Equal(5, 6, 7, 8);
        (await ReadAsync(after: 8, maxCount: 4)).Should().Equal(9, 10);

        async Task<IEnumerable<long>> ReadAsync(long after, int maxCount) =>
            (await Store.Log.ReadAsync(topic.Id, after, maxCount, int.MaxValue, Cancel)).Select(message => message.Position);
    }

    [Fact]
    public async Task Reading_stops_once_the_bytes_are_exceeded()
    {
        var topic = await AddTopicAsync();
        await AppendAsync(topic, [.. Enumerable.Range(0, 10).Select(_ => NewMessage(new byte[100]))]);

        var read = await Store.Log.ReadAsync(topic.Id, 0, 10, 250, Cancel);

        // Whether the message that crosses the line is among them is the store's choice.
        read.Select(message => message.Position).Should().StartWith([1L, 2L]).And.HaveCountLessThanOrEqualTo(3);
    }

    [Fact]
    public async Task Reading_never_stops_before_the_first()
    {
        var topic = await AddTopicAsync();
        await AppendAsync(topic, NewMessage(new byte[1_000]), NewMessage(new byte[1_000]));

        (await Store.Log.ReadAsync(topic.Id, 0, 10, 1, Cancel)).Should().ContainSingle().Which.Position.Should().Be(1);
        (await Store.Log.ReadAsync(topic.Id, 1, 10, 1, Cancel)).Should().ContainSingle().Which.Position.Should().Be(2);
    }

    [Fact]
    public async Task Reading_after_the_head_finds_nothing()
    {
        var topic = await AddTopicAsync();
        (await ReadAllAsync(topic)).Should().BeEmpty();
        await FillAsync(topic, 3);

        (await Store.Log.ReadAsync(topic.Id, 3, 10, int.MaxValue, Cancel)).Should().BeEmpty();
        (await Store.Log.ReadAsync(topic.Id, 4_711, 10, int.MaxValue, Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task Heads_are_the_last_positions_and_unknown_topics_are_missing()
    {
        var orders = await AddTopicAsync();
        var empty = await AddTopicAsync("empty");
        await FillAsync(orders, 3);

        (await Store.Log.HeadsAsync([orders.Id, empty.Id, 4711], Cancel)).Should().BeEquivalentTo(
            new Dictionary<long, long> { [orders.Id] = 3, [empty.Id] = 0 });
        (await Store.Log.HeadsAsync([], Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task Concurrent_appenders_leave_no_gap()
    {
        const int Appenders = 32;
        var topic = await AddTopicAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, Appenders).Select(_ =>
            Task.Run(() => Store.Log.AppendAsync(topic.Id, [Requests(1), Requests(3), Requests(2)], Cancel), Cancel)));

        results.SelectMany(result => new[] { (result![0].FirstPosition, 1), (result[1].FirstPosition, 3), (result[2].FirstPosition, 2) })
            .SelectMany(range => Enumerable.Range((int)range.FirstPosition, range.Item2))
            .Should().BeEquivalentTo(Enumerable.Range(1, Appenders * 6));
        (await ReadAllAsync(topic)).Select(message => message.Position).Should().Equal(Enumerable.Range(1, Appenders * 6).Select(number => (long)number));
    }

    [Fact]
    public async Task The_messages_of_a_request_stand_together_whoever_else_appends()
    {
        var topic = await AddTopicAsync();

        await Task.WhenAll(Enumerable.Range(0, 16).Select(appender => Task.Run(async () =>
        {
            for (var round = 0; round < 4; round++)
            {
                var name = $"{appender}/{round}";
                var result = await AppendAsync(topic, [.. Enumerable.Range(0, 5).Select(number => NewMessage($"{name}/{number}"))]);
                var read = await Store.Log.ReadAsync(topic.Id, result.FirstPosition - 1, 5, int.MaxValue, Cancel);
                read.Select(Text).Should().Equal(Enumerable.Range(0, 5).Select(number => $"{name}/{number}"));
            }
        }, Cancel)));
    }

    [Fact]
    public async Task A_reader_among_appenders_never_sees_a_gap_nor_a_smaller_position_later()
    {
        const int Total = 16 * 10 * 3;
        var topic = await AddTopicAsync();

        var appenders = Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            for (var round = 0; round < 10; round++)
            {
                await AppendAsync(topic, NewMessage(), NewMessage(), NewMessage());
            }
        }, Cancel)).ToList();
        var reader = Task.Run(async () =>
        {
            // What a read brings must go on exactly where the last one stopped.
            var last = 0L;
            while (last < Total)
            {
                foreach (var message in await Store.Log.ReadAsync(topic.Id, last, 50, int.MaxValue, Cancel))
                {
                    message.Position.Should().Be(++last);
                }
            }
        }, Cancel);

        await Task.WhenAll(appenders);
        await reader.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
    }
}
