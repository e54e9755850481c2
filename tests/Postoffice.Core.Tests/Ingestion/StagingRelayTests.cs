using Postoffice.Messages;

namespace Postoffice.Core.Tests.Ingestion;

public sealed class StagingRelayTests : IAsyncDisposable
{
    private readonly IngestionInMemory _mail = new(options => options.RelayInterval = TimeSpan.FromMinutes(1));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_not_published_before_its_time_and_is_at_it()
    {
        await _mail.StartRelayAsync();
        var dueAt = _mail.Time.GetUtcNow().AddSeconds(10);
        var id = await ScheduleAsync(dueAt);
        while (await _mail.Time.NextTimerAsync() != TimeSpan.FromMilliseconds(10_001))
        {
            // Not yet that of the schedule.
        }

        _mail.Time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        (await _mail.Log.FindAsync(id, Token)).Should().BeNull();
        _mail.Time.Advance(TimeSpan.FromMilliseconds(1) + TimeSpan.FromTicks(1));
        await _mail.Time.NextTimerAsync();

        (await _mail.Log.FindAsync(id, Token))!.ReceivedAt.Should().Be(dueAt.AddMilliseconds(1), "a timer counts whole milliseconds");
        (await _mail.Staged.FindAsync(id, Token)).Should().BeNull();
    }

    [Fact]
    public async Task A_time_in_the_past_means_at_once()
    {
        await _mail.StartRelayAsync();
        var id = await ScheduleAsync(_mail.Time.GetUtcNow().AddYears(-1));

        await _mail.UntilInLogAsync(id);
    }

    [Fact]
    public async Task What_is_due_together_enters_the_log_in_the_order_of_its_time()
    {
        var now = _mail.Time.GetUtcNow();
        var third = await ScheduleAsync(now.AddSeconds(3));
        var first = await ScheduleAsync(now.AddSeconds(1));
        var second = await ScheduleAsync(now.AddSeconds(2));
        _mail.Time.Advance(TimeSpan.FromSeconds(5));
        await _mail.StartRelayAsync();

        await _mail.UntilInLogAsync(third);
        foreach (var (id, position) in new[] { (first, 1), (second, 2), (third, 3) })
        {
            (await _mail.Log.FindAsync(id, Token))!.Position.Should().Be(position);
        }
    }

    [Fact]
    public async Task More_than_one_transaction_moves_is_moved_without_a_pause()
    {
        var last = Guid.Empty;
        for (var count = 0; count < 240; count++)
        {
            last = await ScheduleAsync(_mail.Time.GetUtcNow().AddTicks(count));
        }

        _mail.Time.Advance(TimeSpan.FromSeconds(1));
        var start = _mail.Time.GetUtcNow();
        await _mail.StartRelayAsync();

        (await _mail.Staged.NextRelayAsync()).Should().Be((start, 100));
        (await _mail.Staged.NextRelayAsync()).Should().Be((start, 100));
        (await _mail.Staged.NextRelayAsync()).Should().Be((start, 40));
        (await _mail.Log.FindAsync(last, Token))!.Position.Should().Be(240);
    }

    [Fact]
    public async Task A_store_that_fails_is_tried_again_and_nothing_is_lost()
    {
        var id = await ScheduleAsync(_mail.Time.GetUtcNow());
        _mail.Staged.FailuresLeft = 2;
        await _mail.StartRelayAsync();
        (await _mail.Staged.NextRelayAsync()).Moved.Should().Be(-1);

        await _mail.UntilInLogAsync(id);
        _mail.Staged.FailuresLeft.Should().Be(0);
    }

    [Fact]
    public async Task What_another_node_staged_is_found_by_looking_now_and_then()
    {
        await _mail.StartRelayAsync();
        await _mail.Staged.NextRelayAsync();
        var topic = await _mail.Topics.FindAsync("orders", Token);
        var message = new NewMessage { Payload = default };
        await _mail.Staged.StageAsync(new StagedMessage(topic!.Id, message, _mail.Time.GetUtcNow()), Token);

        await _mail.UntilInLogAsync(message.Id);
    }

    public ValueTask DisposeAsync() => _mail.DisposeAsync();

    private Task<Guid> ScheduleAsync(DateTimeOffset at) => _mail.Postoffice.ScheduleAsync("orders", new NewMessage { Payload = default }, at, Token);
}
