namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IMessageLog.AppendAsync"/> promises of idempotency keys.</summary>
public abstract class IdempotencyContract : StorageContract
{
    [Fact]
    public async Task A_repeated_key_answers_with_the_first_message_and_writes_nothing()
    {
        var topic = await AddTopicAsync();
        await AppendAsync(topic, NewMessage("before"));
        var first = await AppendAsync(topic, NewMessage("first", "key"));
        await AppendAsync(topic, NewMessage("after"));
        await Store.AdvanceAsync(TimeSpan.FromHours(1));

        var second = await AppendAsync(topic, NewMessage("second", "key"));

        second.Should().Be(first with { Repeated = true });
        (await ReadAllAsync(topic)).Select(Text).Should().Equal("before", "first", "after");
        (await Store.Log.HeadsAsync([topic.Id], Cancel))[topic.Id].Should().Be(3);
    }

    [Fact]
    public async Task A_bulk_with_a_key_is_repeated_as_a_whole()
    {
        var topic = await AddTopicAsync();
        await AppendAsync(topic, NewMessage("before"));
        var first = await Store.Log.AppendAsync(topic.Id, [Requests(5, "bulk")], Cancel);

        var second = await Store.Log.AppendAsync(topic.Id, [Requests(5, "bulk")], Cancel);

        first.Should().ContainSingle().Which.FirstPosition.Should().Be(2);
        second.Should().Equal(first![0] with { Repeated = true });
        (await ReadAllAsync(topic)).Should().HaveCount(6);
    }

    [Fact]
    public async Task New_requests_beside_repeated_ones_leave_no_gap()
    {
        var topic = await AddTopicAsync();
        await Store.Log.AppendAsync(topic.Id, [Requests(2, "a"), Requests(1, "b")], Cancel);

        var results = await Store.Log.AppendAsync(
            topic.Id, [Requests(1, "b"), Requests(2), Requests(2, "a"), Requests(3, "c"), Requests(1)], Cancel);

        results!.Select(result => (result.FirstPosition, result.Repeated)).Should().Equal((3, true), (4, false), (1, true), (6, false), (9, false));
        (await ReadAllAsync(topic)).Select(message => message.Position).Should().Equal(1, 2, 3, 4, 5, 6, 7, 8, 9);
        (await AppendAsync(topic, NewMessage())).FirstPosition.Should().Be(10);
    }

    [Fact]
    public async Task A_batch_of_repeated_requests_alone_writes_nothing()
    {
        var topic = await AddTopicAsync();
        await Store.Log.AppendAsync(topic.Id, [Requests(1, "a"), Requests(1, "b")], Cancel);

        var results = await Store.Log.AppendAsync(topic.Id, [Requests(1, "b"), Requests(1, "a")], Cancel);

        results!.Select(result => (result.FirstPosition, result.Repeated)).Should().Equal((2, true), (1, true));
        (await AppendAsync(topic, NewMessage())).FirstPosition.Should().Be(3);
    }

    [Fact]
    public async Task A_key_of_another_topic_is_another_key()
    {
        var orders = await AddTopicAsync();
        var invoices = await AddTopicAsync("invoices");
        await AppendAsync(orders, NewMessage("order", "key"));

        (await AppendAsync(invoices, NewMessage("invoice", "key"))).Repeated.Should().BeFalse();

        (await ReadAllAsync(invoices)).Select(Text).Should().Equal("invoice");
    }

    [Fact]
    public async Task Keys_are_compared_exactly()
    {
        var topic = await AddTopicAsync();
        await AppendAsync(topic, NewMessage("1", "key"));

        foreach (var key in new[] { "Key", "key ", " key", "kéy", "ke\u0301y" })
        {
            (await AppendAsync(topic, NewMessage("2", key))).Repeated.Should().BeFalse("{0} is another key", key);
        }
    }

    [Fact]
    public async Task Messages_without_a_key_never_repeat()
    {
        var topic = await AddTopicAsync();
        await AppendAsync(topic, NewMessage("same"));

        (await AppendAsync(topic, NewMessage("same"))).Repeated.Should().BeFalse();
    }

    [Fact]
    public async Task Of_many_concurrent_appends_with_one_key_one_writes()
    {
        var topic = await AddTopicAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
            (await Store.Log.AppendAsync(topic.Id, [Requests(1), Requests(2, "key")], Cancel))![1], Cancel)));

        results.Should().ContainSingle(result => !result.Repeated);
        results.Select(result => result.FirstPosition).Distinct().Should().ContainSingle();
        (await ReadAllAsync(topic)).Select(message => message.Position).Should().Equal(Enumerable.Range(1, 32 + 2).Select(number => (long)number));
    }
}
