using System.Diagnostics;
using Postoffice.Ingestion;
using Postoffice.Messages;
using Postoffice.Storage;
using Postoffice.Threading;
using Postoffice.Topics;

namespace Postoffice.Core.Tests.Ingestion;

public sealed class MessageIngestionTests : IAsyncDisposable
{
    private readonly IngestionInMemory _mail = new(options => options.MaxPendingBytes = 1_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_published_message_stands_in_the_log_as_the_answer_says()
    {
        var published = await _mail.Postoffice.PublishAsync("orders", New("{\"n\":1}"), Token);

        published.Should().BeEquivalentTo(new { Position = 1, ReceivedAt = _mail.Time.GetUtcNow(), Repeated = false });
        var stored = await _mail.Log.FindAsync(published.Id, Token);
        stored!.Position.Should().Be(1);
        stored.Payload.ToArray().Should().Equal("{\"n\":1}"u8.ToArray());
    }

    [Fact]
    public async Task A_bulk_stands_together_in_the_order_given()
    {
        await _mail.Postoffice.PublishAsync("orders", New("0"), Token);
        NewMessage[] messages = [New("1"), New("2"), New("3")];
        var published = await _mail.Postoffice.PublishManyAsync("orders", messages, Token);

        published.Select(message => message.Position).Should().Equal(2, 3, 4);
        published.Select(message => message.Id).Should().Equal(messages.Select(message => message.Id));
    }

    [Fact]
    public async Task An_unknown_topic_is_refused_by_name_and_a_name_that_cannot_be_one_too()
    {
        foreach (var name in new[] { "nowhere", "not a name!" })
        {
            var publish = () => _mail.Postoffice.PublishAsync(name, New("1"), Token);
            var schedule = () => _mail.Postoffice.ScheduleAsync(name, New("1"), default, Token);

            (await publish.Should().ThrowAsync<UnknownTopicException>()).Which.Topic.Should().Be(name);
            (await schedule.Should().ThrowAsync<UnknownTopicException>()).Which.Topic.Should().Be(name);
        }
    }

    [Fact]
    public async Task A_topic_that_was_deleted_since_is_unknown_and_forgotten()
    {
        await MakeKnownAsync();
        await _mail.Topics.TryDeleteAsync("orders", Token);

        for (var time = 0; time < 2; time++)
        {
            await FluentActions.Awaiting(() => _mail.Postoffice.PublishAsync("orders", New("1"), Token)).Should().ThrowAsync<UnknownTopicException>();
        }

        _mail.Log.Appends.Should().HaveCount(1, "the second time nothing was left to be tried");
    }

    [Fact]
    public async Task A_topic_made_anew_under_another_number_is_found_again()
    {
        await MakeKnownAsync();
        await _mail.Topics.TryDeleteAsync("orders", Token);
        await _mail.Topics.TryAddAsync(new NewTopic("orders", "localhost"), Token);

        (await _mail.Postoffice.PublishAsync("orders", New("1"), Token)).Position.Should().Be(1);
    }

    [Fact]
    public async Task A_topic_made_anew_is_found_by_a_schedule_too()
    {
        await MakeKnownAsync();
        await _mail.Topics.TryDeleteAsync("orders", Token);
        var anew = await _mail.Topics.TryAddAsync(new NewTopic("orders", "localhost"), Token);

        var id = await _mail.Postoffice.ScheduleAsync("orders", New("1"), _mail.Time.GetUtcNow().AddHours(1), Token);
        (await _mail.Staged.FindAsync(id, Token))!.TopicId.Should().Be(anew!.Id);
    }

    [Fact]
    public async Task A_repeated_publish_answers_with_the_first_message_and_stores_nothing()
    {
        var first = await _mail.Postoffice.PublishAsync("orders", New("1", "key"), Token);
        _mail.Time.Advance(TimeSpan.FromMinutes(1));
        var again = await _mail.Postoffice.PublishAsync("orders", New("1", "key"), Token);

        again.Should().Be(first with { Repeated = true });
        (await _mail.Postoffice.PublishAsync("orders", New("2"), Token)).Position.Should().Be(2);
    }

    [Fact]
    public async Task A_repeated_bulk_answers_with_the_first_ones_messages()
    {
        var first = await _mail.Postoffice.PublishManyAsync("orders", [New("1", "key"), New("2"), New("3")], Token);
        await _mail.Postoffice.PublishAsync("orders", New("4"), Token);
        var again = await _mail.Postoffice.PublishManyAsync("orders", [New("1", "key"), New("2"), New("3")], Token);

        again.Should().Equal(first.Select(message => message with { Repeated = true }));
    }

    [Theory]
    [InlineData("payload")]
    [InlineData("content type")]
    [InlineData("attributes")]
    [InlineData("ordering key")]
    public async Task A_key_that_was_used_for_another_message_is_a_conflict(string difference)
    {
        await _mail.Postoffice.PublishAsync("orders", New("1", "key"), Token);
        var other = new NewMessage
        {
            Payload = difference == "payload" ? "2"u8.ToArray() : "1"u8.ToArray(),
            ContentType = difference == "content type" ? "text/plain" : "application/json",
            Attributes = difference == "attributes" ? MessageAttributes.Create([new("a", "b")]) : MessageAttributes.Empty,
            OrderingKey = difference == "ordering key" ? "k" : null,
            IdempotencyKey = "key",
        };

        (await FluentActions.Awaiting(() => _mail.Postoffice.PublishAsync("orders", other, Token)).Should().ThrowAsync<IdempotencyConflictException>())
            .Which.Key.Should().Be("key");
    }

    [Fact]
    public async Task A_bulk_that_differs_in_a_later_message_or_is_longer_is_a_conflict()
    {
        await _mail.Postoffice.PublishManyAsync("orders", [New("1", "key"), New("2")], Token);

        foreach (var last in new NewMessage[][] { [New("3")], [New("2"), New("3")] })
        {
            await FluentActions.Awaiting(() => _mail.Postoffice.PublishManyAsync("orders", [New("1", "key"), .. last], Token))
                .Should().ThrowAsync<IdempotencyConflictException>();
        }
    }

    [Fact]
    public async Task Two_with_one_key_at_the_same_time_are_one_message()
    {
        var answer = Hold();
        var first = _mail.Postoffice.PublishAsync("orders", New("0"), Token);
        var second = _mail.Postoffice.PublishAsync("orders", New("1", "key"), Token);
        var third = _mail.Postoffice.PublishAsync("orders", New("1", "key"), Token);
        answer.SetResult();

        await first;
        (await third).Should().Be((await second) with { Repeated = true });
    }

    [Fact]
    public async Task A_message_that_breaks_a_rule_is_refused_by_the_name_of_its_field()
    {
        (string Field, NewMessage Message)[] invalid =
        [
            ("payload", new NewMessage { Payload = new byte[MessageRules.MaxPayloadBytes + 1] }),
            ("attributes", new NewMessage { Payload = default, Attributes = MessageAttributes.Create([new("a", "\n")]) }),
            ("ordering_key", new NewMessage { Payload = default, OrderingKey = "" }),
            ("idempotency_key", new NewMessage { Payload = default, IdempotencyKey = "\0" }),
            ("content_type", new NewMessage { Payload = default, ContentType = "ä" }),
        ];
        foreach (var (field, message) in invalid)
        {
            var publish = () => _mail.Postoffice.PublishAsync("orders", message, Token);
            var bulk = () => _mail.Postoffice.PublishManyAsync("orders", [New("1"), message], Token);
            var schedule = () => _mail.Postoffice.ScheduleAsync("orders", message, default, Token);

            (await publish.Should().ThrowAsync<InvalidMessageException>()).Which.Field.Should().Be(field);
            (await bulk.Should().ThrowAsync<InvalidMessageException>()).Which.Field.Should().Be(field);
            (await schedule.Should().ThrowAsync<InvalidMessageException>()).Which.Field.Should().Be(field);
        }

        _mail.Log.Appends.Should().BeEmpty();
    }

    [Fact]
    public async Task Of_a_bulk_only_the_first_may_bear_a_key()
    {
        var publish = () => _mail.Postoffice.PublishManyAsync("orders", [New("1", "a"), New("2", "b")], Token);
        (await publish.Should().ThrowAsync<InvalidMessageException>()).Which.Field.Should().Be("idempotency_key");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(MessageRules.MaxBulkMessages + 1)]
    public async Task A_bulk_of_none_or_too_many_is_refused(int count)
    {
        var publish = () => _mail.Postoffice.PublishManyAsync("orders", [.. Enumerable.Range(0, count).Select(_ => New("1"))], Token);
        await publish.Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task When_too_much_waits_a_publish_is_refused_until_room_is_made()
    {
        var answer = Hold();
        var first = _mail.Postoffice.PublishAsync("orders", New(new string('x', 400)), Token);

        // Each message counts 258 bytes beside its payload.
        var second = _mail.Postoffice.PublishAsync("orders", New(new string('x', 84)), Token);

        var refused = _mail.Postoffice.PublishAsync("orders", New("x"), Token);
        answer.SetResult();

        (await refused.Invoking(task => task).Should().ThrowAsync<OverloadedException>()).WithMessage("1000 bytes wait*MaxPendingBytes is 1000*");
        await Task.WhenAll(first, second);
        (await _mail.Postoffice.PublishAsync("orders", New(new string('x', 100)), Token)).Position.Should().Be(3);
    }

    [Fact]
    public async Task What_is_delivered_does_not_change_when_the_caller_uses_its_buffer_again()
    {
        var topic = await _mail.Topics.FindAsync("orders", Token);
        var subscription = _mail.Readers.GetOrAdd(topic!.Id).Subscribe(new WakeSignal(_mail.Time), 0);
        byte[] buffer = [1, 2, 3];
        await _mail.Postoffice.PublishAsync("orders", new NewMessage { Payload = buffer }, Token);
        buffer[0] = 9;

        var into = new Message[1];
        (await subscription.ReadAsync(into, Token)).Should().Be(1);
        into[0].Payload.ToArray().Should().Equal(1, 2, 3);
        _mail.Log.Reads.Should().BeEmpty("it was handed over");
    }

    [Fact]
    public async Task One_object_published_twice_is_two_messages()
    {
        var message = New("1");
        var first = await _mail.Postoffice.PublishAsync("orders", message, Token);
        var second = await _mail.Postoffice.PublishAsync("orders", message, Token);

        second.Id.Should().NotBe(first.Id);
        second.Position.Should().Be(first.Position + 1);
    }

    [Fact]
    public async Task One_publish_larger_than_the_limit_goes_through_when_nothing_waits() =>
        (await _mail.Postoffice.PublishAsync("orders", New(new string('x', 2_000)), Token)).Position.Should().Be(1);

    [Fact]
    public async Task An_append_that_failed_makes_room_again()
    {
        _mail.Log.BeforeAppend = () => throw new StorageUnavailableException("down");
        for (var time = 0; time < 3; time++)
        {
            await FluentActions.Awaiting(() => _mail.Postoffice.PublishAsync("orders", New(new string('x', 600)), Token))
                .Should().ThrowAsync<StorageUnavailableException>();
        }
    }

    [Fact]
    public async Task A_caller_that_stops_waiting_stops_neither_the_write_nor_the_others()
    {
        var answer = Hold();
        using var leave = new CancellationTokenSource();
        var message = New("1");
        var leaving = _mail.Postoffice.PublishAsync("orders", message, leave.Token);
        var staying = _mail.Postoffice.PublishAsync("orders", New("2"), Token);
        await leave.CancelAsync();
        await leaving.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();

        answer.SetResult();

        (await staying).Position.Should().Be(2);
        (await _mail.Log.FindAsync(message.Id, Token))!.Position.Should().Be(1);
    }

    [Fact]
    public async Task What_a_caller_that_left_wants_written_counts_until_it_is_written()
    {
        var answer = Hold();
        using var leave = new CancellationTokenSource();
        var leaving = _mail.Postoffice.PublishAsync("orders", New(new string('x', 600)), leave.Token);
        await leave.CancelAsync();
        await leaving.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();

        var refused = _mail.Postoffice.PublishAsync("orders", New(new string('x', 600)), Token);
        answer.SetResult();

        await refused.Invoking(task => task).Should().ThrowAsync<OverloadedException>();
    }

    [Fact]
    public async Task The_trace_of_whoever_publishes_travels_with_the_message()
    {
        using var activity = new System.Diagnostics.Activity("publish").SetIdFormat(ActivityIdFormat.W3C).Start();
        var published = await _mail.Postoffice.PublishAsync("orders", New("1"), Token);
        var scheduled = await _mail.Postoffice.ScheduleAsync("orders", New("2"), _mail.Time.GetUtcNow().AddHours(1), Token);

        (await _mail.Log.FindAsync(published.Id, Token))!.TraceParent.Should().Be(activity.Id);
        (await _mail.Staged.FindAsync(scheduled, Token))!.Message.TraceParent.Should().Be(activity.Id);
    }

    [Fact]
    public async Task Without_an_activity_there_is_no_trace()
    {
        var published = await _mail.Postoffice.PublishAsync("orders", New("1"), Token);
        (await _mail.Log.FindAsync(published.Id, Token))!.TraceParent.Should().BeNull();
    }

    [Fact]
    public async Task A_repeated_schedule_answers_with_the_first_one_before_and_after_it_is_published()
    {
        await _mail.StartRelayAsync();
        var at = _mail.Time.GetUtcNow().AddMinutes(1);
        var first = await _mail.Postoffice.ScheduleAsync("orders", New("1", "key"), at, Token);
        (await _mail.Postoffice.ScheduleAsync("orders", New("1", "key"), at, Token)).Should().Be(first);

        _mail.Time.Advance(TimeSpan.FromMinutes(2));
        await _mail.UntilInLogAsync(first);
        (await _mail.Postoffice.ScheduleAsync("orders", New("1", "key"), at, Token)).Should().Be(first);
    }

    [Fact]
    public async Task A_schedule_of_another_message_under_a_used_key_is_a_conflict_before_and_after_the_first_is_published()
    {
        await _mail.StartRelayAsync();
        var at = _mail.Time.GetUtcNow().AddMinutes(1);
        var first = await _mail.Postoffice.ScheduleAsync("orders", New("1", "key"), at, Token);
        var conflict = () => _mail.Postoffice.ScheduleAsync("orders", New("2", "key"), at, Token);
        await conflict.Should().ThrowAsync<IdempotencyConflictException>();

        _mail.Time.Advance(TimeSpan.FromMinutes(2));
        await _mail.UntilInLogAsync(first);
        await conflict.Should().ThrowAsync<IdempotencyConflictException>();
    }

    public ValueTask DisposeAsync() => _mail.DisposeAsync();

    private static NewMessage New(string payload, string? key = null) => new() { Payload = System.Text.Encoding.UTF8.GetBytes(payload), IdempotencyKey = key };

    /// <summary>Lets the directory learn of the topic, without a message in it.</summary>
    private async Task MakeKnownAsync()
    {
        _mail.Log.BeforeAppend = () => throw new StorageUnavailableException();
        await FluentActions.Awaiting(() => _mail.Postoffice.PublishAsync("orders", New("1"), Token)).Should().ThrowAsync<StorageUnavailableException>();
        _mail.Log.BeforeAppend = () => Task.CompletedTask;
        _mail.Log.Appends.Clear();
    }

    private TaskCompletionSource Hold()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _mail.Log.BeforeAppend = () => answer.Task;
        return answer;
    }
}
