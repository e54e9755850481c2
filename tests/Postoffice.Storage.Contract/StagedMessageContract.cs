using Postoffice.Messages;
using Postoffice.Topics;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IStagedMessageStore"/> promises.</summary>
public abstract class StagedMessageContract : StorageContract
{
    [Fact]
    public async Task A_staged_message_is_found_under_its_id_and_not_in_the_log()
    {
        var topic = await AddTopicAsync();
        var message = NewMessage("later");
        var due = Round(await Store.NowAsync() + TimeSpan.FromHours(1));

        (await Store.Staged.StageAsync(new StagedMessage(topic.Id, message, due), Cancel)).Should().Be(message.Id);

        (await Store.Staged.FindAsync(message.Id, Cancel)).Should().BeEquivalentTo(new { TopicId = topic.Id, DeliverAt = due });
        (await Store.Log.FindAsync(message.Id, Cancel)).Should().BeNull();
        (await ReadAllAsync(topic)).Should().BeEmpty();
    }

    [Fact]
    public async Task An_unknown_topic_takes_nothing() =>
        (await Store.Staged.StageAsync(new StagedMessage(4711, NewMessage(), await Store.NowAsync()), Cancel)).Should().BeNull();

    [Fact]
    public async Task An_unknown_message_is_not_found() => (await Store.Staged.FindAsync(Guid.CreateVersion7(), Cancel)).Should().BeNull();

    [Fact]
    public async Task Nothing_moves_before_it_is_due()
    {
        var topic = await AddTopicAsync();
        await StageAsync(topic, "later", TimeSpan.FromHours(1));
        await Store.AdvanceAsync(TimeSpan.FromMinutes(50));

        (await Store.Staged.RelayDueAsync(10, Cancel)).Should().BeEmpty();

        (await ReadAllAsync(topic)).Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_due_moves_into_the_log_under_its_id()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 2);
        var id = await StageAsync(topic, "later", TimeSpan.FromHours(1));
        await Store.AdvanceAsync(TimeSpan.FromMinutes(70));
        var before = await Store.NowAsync();

        (await Store.Staged.RelayDueAsync(10, Cancel)).Should().Equal(new RelayedTopic(topic.Id, Head: 3, Moved: 1));

        (await Store.Staged.FindAsync(id, Cancel)).Should().BeNull();
        var message = await Store.Log.FindAsync(id, Cancel);
        message!.Position.Should().Be(3);
        message.ReceivedAt.Should().BeOnOrAfter(before);
        (await Store.Staged.RelayDueAsync(10, Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_time_in_the_past_means_at_once()
    {
        var topic = await AddTopicAsync();
        await StageAsync(topic, "past", TimeSpan.FromDays(-400));

        await Store.Staged.RelayDueAsync(10, Cancel);

        (await ReadAllAsync(topic)).Select(Text).Should().Equal("past");
    }

    [Fact]
    public async Task They_move_in_order_of_due_time()
    {
        var topic = await AddTopicAsync();
        await StageAsync(topic, "third", TimeSpan.FromMinutes(30));
        await StageAsync(topic, "first", TimeSpan.FromMinutes(10));
        await StageAsync(topic, "not yet", TimeSpan.FromHours(10));
        await StageAsync(topic, "second", TimeSpan.FromMinutes(20));
        await Store.AdvanceAsync(TimeSpan.FromHours(1));

        await Store.Staged.RelayDueAsync(10, Cancel);

        (await ReadAllAsync(topic)).Select(Text).Should().Equal("first", "second", "third");
    }

    [Fact]
    public async Task At_most_so_many_move_from_each_topic_at_once()
    {
        var orders = await AddTopicAsync();
        var invoices = await AddTopicAsync("invoices");
        for (var number = 1; number <= 10; number++)
        {
            await StageAsync(orders, $"{number}", TimeSpan.FromMinutes(number));
        }

        await StageAsync(invoices, "only", TimeSpan.FromMinutes(1));
        await Store.AdvanceAsync(TimeSpan.FromHours(1));

        (await Store.Staged.RelayDueAsync(4, Cancel)).Should().BeEquivalentTo([new RelayedTopic(orders.Id, 4, 4), new RelayedTopic(invoices.Id, 1, 1)]);
        (await Store.Staged.RelayDueAsync(4, Cancel)).Should().Equal(new RelayedTopic(orders.Id, 8, 4));
        (await Store.Staged.RelayDueAsync(4, Cancel)).Should().Equal(new RelayedTopic(orders.Id, 10, 2));
        (await Store.Staged.RelayDueAsync(4, Cancel)).Should().BeEmpty();
        (await ReadAllAsync(orders)).Select(Text).Should().Equal(Enumerable.Range(1, 10).Select(number => $"{number}"));
    }

    [Fact]
    public async Task The_next_due_is_that_of_the_earliest()
    {
        var topic = await AddTopicAsync();
        (await Store.Staged.NextDueAsync(Cancel)).Should().BeNull();

        await StageAsync(topic, "b", TimeSpan.FromHours(2));
        await StageAsync(topic, "a", TimeSpan.FromHours(1));
        (await Store.Staged.NextDueAsync(Cancel))!.Value.Should().BeGreaterThan(TimeSpan.FromMinutes(50)).And.BeLessThanOrEqualTo(TimeSpan.FromHours(1));

        await Store.AdvanceAsync(TimeSpan.FromMinutes(70));
        (await Store.Staged.NextDueAsync(Cancel))!.Value.Should().BeLessThanOrEqualTo(TimeSpan.Zero);

        await Store.Staged.RelayDueAsync(10, Cancel);
        (await Store.Staged.NextDueAsync(Cancel))!.Value.Should().BePositive().And.BeLessThanOrEqualTo(TimeSpan.FromMinutes(50));
    }

    [Fact]
    public async Task A_key_staged_twice_stands_under_the_first_id()
    {
        var topic = await AddTopicAsync();
        var first = await StageAsync(topic, "first", TimeSpan.FromHours(1), "key");

        (await StageAsync(topic, "second", TimeSpan.FromHours(2), "key")).Should().Be(first);

        await Store.AdvanceAsync(TimeSpan.FromHours(3));
        await Store.Staged.RelayDueAsync(10, Cancel);
        (await ReadAllAsync(topic)).Select(Text).Should().Equal("first");
    }

    [Fact]
    public async Task A_key_in_the_log_stands_under_the_id_of_that_message()
    {
        var topic = await AddTopicAsync();
        var published = NewMessage("first", "key");
        await AppendAsync(topic, published);

        (await StageAsync(topic, "second", TimeSpan.Zero, "key")).Should().Be(published.Id);

        (await Store.Staged.RelayDueAsync(10, Cancel)).Should().BeEmpty();
        (await ReadAllAsync(topic)).Select(Text).Should().Equal("first");
    }

    [Fact]
    public async Task A_key_of_another_topic_is_another_key()
    {
        var first = await StageAsync(await AddTopicAsync(), "order", TimeSpan.Zero, "key");

        (await StageAsync(await AddTopicAsync("invoices"), "invoice", TimeSpan.Zero, "key")).Should().NotBe(first);
    }

    [Fact]
    public async Task Of_many_concurrent_stagings_with_one_key_one_stands()
    {
        var topic = await AddTopicAsync();

        var ids = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Task.Run(() => StageAsync(topic, $"{number}", TimeSpan.Zero, "key"), Cancel)));

        ids.Distinct().Should().ContainSingle();
        await Store.Staged.RelayDueAsync(100, Cancel);
        (await ReadAllAsync(topic)).Should().ContainSingle().Which.Id.Should().Be(ids[0]);
    }

    [Fact]
    public async Task A_message_whose_key_got_into_the_log_meanwhile_is_dropped()
    {
        var topic = await AddTopicAsync();
        var staged = await StageAsync(topic, "staged", TimeSpan.FromHours(1), "key");
        await StageAsync(topic, "other", TimeSpan.FromHours(1.5));
        await AppendAsync(topic, NewMessage("published", "key"));
        await Store.AdvanceAsync(TimeSpan.FromHours(2));

        // Both have left staging, one of them into the log.
        (await Store.Staged.RelayDueAsync(10, Cancel)).Should().Equal(new RelayedTopic(topic.Id, Head: 2, Moved: 2));

        (await ReadAllAsync(topic)).Select(Text).Should().Equal("published", "other");
        (await Store.Staged.FindAsync(staged, Cancel)).Should().BeNull();
        (await Store.Staged.NextDueAsync(Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task A_relayed_key_is_known_to_the_log()
    {
        var topic = await AddTopicAsync();
        await StageAsync(topic, "staged", TimeSpan.Zero, "key");
        await Store.Staged.RelayDueAsync(10, Cancel);

        (await AppendAsync(topic, NewMessage("again", "key"))).Should().BeEquivalentTo(new { FirstPosition = 1L, Repeated = true });
    }

    [Fact]
    public async Task Concurrent_relays_and_appenders_move_each_message_once_and_leave_no_gap()
    {
        const int Staged = 200;
        const int Appended = 40;
        var topic = await AddTopicAsync();
        for (var number = 0; number < Staged; number++)
        {
            await StageAsync(topic, $"{number}", TimeSpan.FromMinutes(-number));
        }

        var relays = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var moved = 0;
            while (await Store.Staged.NextDueAsync(Cancel) is not null)
            {
                moved += (await Store.Staged.RelayDueAsync(7, Cancel)).Sum(relayed => relayed.Moved);
            }

            return moved;
        }, Cancel)).ToList();
        await Task.WhenAll(Enumerable.Range(0, Appended).Select(_ => Task.Run(() => AppendAsync(topic, NewMessage("appended")), Cancel)));

        (await Task.WhenAll(relays).WaitAsync(TimeSpan.FromMinutes(1), Cancel)).Sum().Should().Be(Staged);
        var messages = await ReadAllAsync(topic);
        messages.Select(message => message.Position).Should().Equal(Enumerable.Range(1, Staged + Appended).Select(number => (long)number));
        messages.Select(Text).Where(text => text != "appended").Should().BeEquivalentTo(Enumerable.Range(0, Staged).Select(number => $"{number}"));
    }

    // The finest step that every store keeps.
    private static DateTimeOffset Round(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), time.Offset);

    private async Task<Guid> StageAsync(Topic topic, string payload, TimeSpan after, string? key = null)
    {
        var id = await Store.Staged.StageAsync(new StagedMessage(topic.Id, NewMessage(payload, key), await Store.NowAsync() + after), Cancel);
        return id ?? throw new InvalidOperationException("The topic is not there.");
    }
}
