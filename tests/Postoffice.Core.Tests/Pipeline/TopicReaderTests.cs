using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Postoffice.Core.Tests.Storage;
using Postoffice.Messages;
using Postoffice.Pipeline;
using Postoffice.Threading;

namespace Postoffice.Core.Tests.Pipeline;

public sealed class TopicReaderTests
{
    private readonly ScriptedMessageLog _log = ScriptedMessageLog.WithOneTopic();
    private readonly TopicReader _reader;

    public TopicReaderTests() => _reader = new TopicReader(1, _log);

    [Fact]
    public async Task What_is_offered_is_handed_out_without_asking_the_store()
    {
        var first = Subscribe();
        var second = Subscribe();
        var offered = await _log.GrowAsync(100);
        _reader.Offer(offered);

        (await ReadAsync(first, 1_000)).Should().Equal(offered, "they are the very same objects");
        (await ReadAsync(second, 60)).Should().Equal(offered.Take(60));
        (await ReadAsync(second, 60)).Should().Equal(offered.Skip(60));
        _log.Reads.Should().BeEmpty();
    }

    [Fact]
    public async Task At_the_end_there_is_nothing_and_the_store_is_not_asked()
    {
        var subscription = Subscribe();
        (await ReadAsync(subscription, 10)).Should().BeEmpty();
        _reader.Offer(await _log.GrowAsync(1));

        (await ReadAsync(subscription, 10)).Should().HaveCount(1);
        (await ReadAsync(subscription, 10)).Should().BeEmpty();
        subscription.IsAtEnd.Should().BeTrue();
        _log.Reads.Should().BeEmpty();
    }

    [Fact]
    public async Task One_that_lags_reads_in_blocks_however_little_it_asks_for()
    {
        await _log.GrowAsync(2_000);
        _reader.RaiseHead(2_000);
        var subscription = Subscribe();

        for (var position = 1; position <= 2_000; position += 8)
        {
            (await ReadAsync(subscription, 8)).Select(message => message.Position).Should().Equal(Enumerable.Range(position, 8).Select(n => (long)n));
        }

        _log.Reads.Should().Equal(0, 512, 1024, 1536);
    }

    [Fact]
    public async Task Two_that_lag_at_the_same_place_share_one_read()
    {
        await _log.GrowAsync(10);
        _reader.RaiseHead(10);
        var answer = new TaskCompletionSource();
        _log.BeforeRead = () => answer.Task;

        var first = ReadAsync(Subscribe(), 10);
        var second = ReadAsync(Subscribe(), 10);
        answer.SetResult();

        (await first).Should().Equal(await second).And.HaveCount(10);
        _log.Reads.Should().HaveCount(1);
    }

    [Fact]
    public async Task One_that_stops_waiting_takes_the_shared_read_from_nobody()
    {
        await _log.GrowAsync(10);
        _reader.RaiseHead(10);
        var answer = new TaskCompletionSource();
        _log.BeforeRead = () => answer.Task;
        using var leave = new CancellationTokenSource();
        var leaver = Subscribe();

        var leaving = leaver.ReadAsync(new Message[10], leave.Token).AsTask();
        var staying = ReadAsync(Subscribe(), 10);
        await leave.CancelAsync();
        await leaving.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        answer.SetResult();

        (await staying).Should().HaveCount(10);
        (await ReadAsync(leaver, 10)).Should().HaveCount(10, "it left its place unchanged");
    }

    [Fact]
    public async Task A_read_that_fails_is_made_again_by_the_next_who_asks()
    {
        await _log.GrowAsync(10);
        _reader.RaiseHead(10);
        _log.BeforeRead = () => throw new InvalidOperationException("down");
        var subscription = Subscribe();

        await FluentActions.Awaiting(() => ReadAsync(subscription, 10)).Should().ThrowAsync<InvalidOperationException>();
        _log.BeforeRead = () => Task.CompletedTask;

        (await ReadAsync(subscription, 10)).Should().HaveCount(10);
    }

    [Fact]
    public async Task Messages_of_another_node_that_lie_between_are_read_and_not_skipped()
    {
        var subscription = Subscribe();
        _reader.Offer(await _log.GrowAsync(3));
        await ReadAsync(subscription, 10);
        await _log.GrowAsync(2);
        _reader.Offer(await _log.GrowAsync(1));

        (await ReadAsync(subscription, 10)).Select(message => message.Position).Should().Equal(4, 5, 6);
        _log.Reads.Should().Equal(3);
    }

    [Fact]
    public async Task Whoever_waits_at_the_end_is_woken_when_the_head_rises()
    {
        using var wake = new WakeSignal(new FakeTimeProvider());
        var subscription = _reader.Subscribe(wake, 0);
        var woken = wake.WaitAsync(TestContext.Current.CancellationToken).AsTask();
        woken.IsCompleted.Should().BeFalse();

        _reader.RaiseHead(5);
        await woken;

        var again = wake.WaitAsync(TestContext.Current.CancellationToken).AsTask();
        _reader.RaiseHead(5);
        _reader.RaiseHead(4);
        again.IsCompleted.Should().BeFalse("the head has not risen");
        _reader.Head.Should().Be(5);

        subscription.Dispose();
        _reader.RaiseHead(6);
        again.IsCompleted.Should().BeFalse("it has left");
    }

    [Fact]
    public async Task Trimming_drops_what_all_have_read_and_keeps_what_one_has_not()
    {
        var fast = Subscribe();
        var slow = Subscribe();
        _reader.Offer(await _log.GrowAsync(10));
        await ReadAsync(fast, 10);
        await ReadAsync(slow, 4);

        _reader.Trim();

        (await ReadAsync(Subscribe(position: 4), 3)).Should().HaveCount(3);
        (await ReadAsync(slow, 10)).Should().HaveCount(6);
        _log.Reads.Should().BeEmpty("one of them had yet to read 5 to 10");
        (await ReadAsync(Subscribe(position: 3), 1)).Should().HaveCount(1);
        _log.Reads.Should().Equal([3], "all had read 4");
    }

    [Fact]
    public async Task One_that_has_left_keeps_nothing_from_being_trimmed()
    {
        var subscription = Subscribe();
        _reader.Offer(await _log.GrowAsync(10));
        subscription.Dispose();

        _reader.Trim();

        await ReadAsync(Subscribe(position: 9), 1);
        _log.Reads.Should().Equal(9);
    }

    [Fact]
    public async Task The_window_holds_1024_messages_and_then_lets_the_oldest_go()
    {
        _reader.Offer(await _log.GrowAsync(1_030));

        (await ReadAsync(Subscribe(position: 6), 1_024)).Should().HaveCount(1_024);
        _log.Reads.Should().BeEmpty();
        await ReadAsync(Subscribe(position: 5), 1);
        _log.Reads.Should().Equal(5);
    }

    [Fact]
    public async Task The_window_holds_one_mebibyte_and_then_lets_the_oldest_go()
    {
        _reader.Offer(await _log.GrowAsync(5, new byte[300 * 1024]));

        (await ReadAsync(Subscribe(position: 2), 10)).Should().HaveCount(3);
        _log.Reads.Should().BeEmpty();
        await ReadAsync(Subscribe(position: 1), 1);
        _log.Reads.Should().Equal(1);
    }

    [Fact]
    public async Task A_message_larger_than_the_window_stands_in_it_alone()
    {
        _reader.Offer(await _log.GrowAsync(2));
        _reader.Offer(await _log.GrowAsync(1, new byte[2 * 1024 * 1024]));

        (await ReadAsync(Subscribe(position: 2), 10)).Should().HaveCount(1);
        _log.Reads.Should().BeEmpty();
    }

    [Fact]
    public async Task Each_subscription_sees_every_message_once_and_in_order_whatever_comes_between() =>
        await Gen.Select(Gen.Int[0, 15], Gen.Int[0, 10_000]).Array[0, 150].SampleAsync(async steps =>
        {
            var log = ScriptedMessageLog.WithOneTopic();
            var reader = new TopicReader(1, log);
            using var wake = new WakeSignal(new FakeTimeProvider());
            TopicReader.Subscription[] subscriptions = [.. Enumerable.Range(0, 3).Select(_ => reader.Subscribe(wake, 0))];
            var seen = new long[subscriptions.Length];
            var offers = new Queue<IReadOnlyList<Message>>();
            var head = 0L;
            foreach (var (kind, number) in steps)
            {
                // Mostly a few small messages, now and then many or large ones.
                var count = number % 10 == 0 ? 1 + (number % 1_500) : 1 + (number % 20);
                var payload = new byte[number % 7 == 0 && count < 21 ? 200_000 : 1];
                switch (kind)
                {
                    case 0 or 1 or 2:
                        reader.Offer(await log.GrowAsync(count, payload));
                        head += count;
                        break;
                    case 3:
                        // Another node's: nobody tells.
                        await log.GrowAsync(count, payload);
                        head += count;
                        break;
                    case 4:
                        // Committed here; handed over after others have read further, perhaps.
                        offers.Enqueue(await log.GrowAsync(count, payload));
                        head += count;
                        break;
                    case 5:
                        if (offers.TryDequeue(out var offer))
                        {
                            reader.Offer(offer);
                        }

                        break;
                    case 6:
                        reader.RaiseHead(head);
                        break;
                    case 7:
                        reader.Trim();
                        break;
                    default:
                        await ReadAndCheckAsync(number % subscriptions.Length, 1 + (number % 700));
                        break;
                }
            }

            reader.RaiseHead(head);
            for (var index = 0; index < subscriptions.Length; index++)
            {
                while (await ReadAndCheckAsync(index, 100) > 0)
                {
                }

                seen[index].Should().Be(head);
            }

            async Task<int> ReadAndCheckAsync(int index, int size)
            {
                var isBehind = seen[index] < reader.Head;
                var read = await ReadAsync(subscriptions[index], size);
                foreach (var message in read)
                {
                    message.Position.Should().Be(++seen[index]);
                }

                (read.Count > 0).Should().Be(isBehind);
                subscriptions[index].Position.Should().Be(seen[index]);
                return read.Count;
            }
        });

    private TopicReader.Subscription Subscribe(long position = 0) => _reader.Subscribe(new WakeSignal(new FakeTimeProvider()), position);

    private static async Task<IReadOnlyList<Message>> ReadAsync(TopicReader.Subscription subscription, int size)
    {
        var into = new Message[size];
        var count = await subscription.ReadAsync(into, TestContext.Current.CancellationToken);
        return into[..count];
    }
}
