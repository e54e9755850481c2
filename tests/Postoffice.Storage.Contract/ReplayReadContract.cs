using Postoffice.Deliveries;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IReplayStore.ReadAsync"/> promises, and what the books say of messages that were sent again.</summary>
public abstract class ReplayReadContract : LeasedPublisherSteps
{
    [Fact]
    public async Task A_replay_reads_in_order_of_position_up_to_its_end()
    {
        await StartAsync(10);
        await SettleAsync(Settle().UpTo(7));
        var replay = await ReplayAsync();
        await SettleAsync(Settle().Deliver(8, 9));

        (await ReadAsync(replay, after: 0, max: 3)).Should().Equal(1, 2, 3);
        (await ReadAsync(replay, after: 3, max: 3)).Should().Equal(4, 5, 6);
        (await ReadAsync(replay, after: 6, max: 3)).Should().Equal([7], "fewer mean that the end is reached");
        (await ReadAsync(replay, after: 7, max: 3)).Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_parked_by_now_is_left_out_and_does_not_count()
    {
        await StartAsync(8);
        await SettleAsync(Settle().Deliver(1).Park(2, 5 * Minute).Deliver(3).ParkBehind("a", 4).Deliver(5, 6, 7, 8));
        var replay = await ReplayAsync();
        (await ReadAsync(replay, after: 0, max: 4)).Should().Equal(1, 3, 5, 6);

        await SettleAsync(Settle().Park(5, 5 * Minute).Deliver(2).Unpark(2));

        (await ReadAsync(replay, after: 0, max: 4)).Should().Equal(1, 2, 3, 6);
    }

    [Fact]
    public async Task A_dead_letter_is_read_and_told_apart()
    {
        await StartAsync(5);
        await SettleAsync(Settle().Deliver(1).Kill(2).Skip(3).Kill(4, key: "a", blocksKey: true).Deliver(5));
        var replay = await ReplayAsync();

        (await Store.Replays.ReadAsync(Topic.Id, replay, 0, 10, Cancel)).Select(replayed => (replayed.Message.Position, replayed.IsDead)).Should().Equal(
            (1, false), (2, true), (3, false), (4, true), (5, false));
    }

    [Fact]
    public async Task A_replay_of_what_failed_reads_dead_letters_only()
    {
        await StartAsync(8);
        await SettleAsync(Settle().Kill(1).Deliver(2).Kill(3).Park(4, 5 * Minute).Kill(5).Kill(6).Deliver(7));
        var replay = await ReplayAsync(new ReplayRequest(From: null, Position: 2, OnlyFailed: true));
        await Store.DeadLetters.DiscardAsync(new DeadLetterFilter { Ids = [new DeadLetterId(Publisher.Id, 5)] }, 10, Cancel);
        await SettleAsync(Settle().Kill(8));

        (await ReadAsync(replay, replay.Position, max: 10)).Should().Equal(3, 6);
        (await ReadAsync(replay, replay.Position, max: 1)).Should().Equal(3);
        (await Store.Replays.ReadAsync(Topic.Id, replay, replay.Position, 10, Cancel)).Should().OnlyContain(replayed => replayed.IsDead);
    }

    [Fact]
    public async Task What_is_read_is_the_message_whole()
    {
        await StartAsync("a", null);
        await SettleAsync(Settle().UpTo(2));
        var replay = await ReplayAsync();

        var read = await Store.Replays.ReadAsync(Topic.Id, replay, 0, 10, Cancel);

        read.Select(replayed => replayed.Message).Should().BeEquivalentTo(
            Messages, options => options.Excluding(message => message.Payload).WithStrictOrdering());
        read.Select(replayed => Text(replayed.Message)).Should().Equal(Messages.Select(Text));
    }

    [Fact]
    public async Task What_was_sent_again_tells_of_the_last_time()
    {
        await StartAsync(2);
        await SettleAsync(Settle().Deliver(1, attempts: 4, 200, default).Skip(2));
        var replay = await ReplayAsync();
        await Store.AdvanceAsync(Minute);
        var between = await Store.NowAsync();

        await SettleAsync(Settle().Deliver(1, attempts: 1, 204, default).Deliver(2).Replayed(replay.Id, upTo: 2));

        var state = await StateAsync(Messages[0]);
        state.Should().BeEquivalentTo(new { Status = DeliveryStatus.Delivered, Attempts = 1, StatusCode = 204 });
        state.SettledAt.Should().BeOnOrAfter(between);
        (await StateAsync(Messages[1])).Status.Should().Be(DeliveryStatus.Delivered);
        (await StatusAsync()).Should().BeEquivalentTo(new { Cursor = 2L, Delivered = 3L, Skipped = 1L });
    }

    [Fact]
    public async Task A_dead_letter_that_a_replay_delivers_or_parks_is_dead_no_more()
    {
        await StartAsync("a", "a", null);
        await SettleAsync(Settle().Kill(1, key: "a", blocksKey: true).Kill(2, key: "a").Kill(3));
        var replay = await ReplayAsync();

        await SettleAsync(Settle()
            .Deliver(1).Revive(1).Park(2, 5 * Minute, attempts: 1, key: "a").Revive(2).Fail(3, 1).Kill(3, attempts: 1, reason: "max-age")
            .Replayed(replay.Id, upTo: 3));

        (await StateAsync(Messages[0])).Status.Should().Be(DeliveryStatus.Delivered);
        (await StateAsync(Messages[1])).Should().BeEquivalentTo(new { Status = DeliveryStatus.Parked, Attempts = 1 });
        (await StateAsync(Messages[2])).Should().BeEquivalentTo(new { Status = DeliveryStatus.DeadLettered, Attempts = 1, Reason = "max-age" });
        (await StatusAsync()).Should().BeEquivalentTo(new { Parked = 1L, Dead = 1L });
        (await Store.OrderingKeys.ReadLinesAsync(Topic.Id, Publisher.Id, Cancel)).Should().Equal(new KeyLine("a", 2, KeyHead.Parked, 1));
    }

    [Fact]
    public async Task Reviving_what_is_not_dead_is_harmless()
    {
        await StartAsync(2);
        await SettleAsync(Settle().Deliver(1).Revive(1).Kill(2));

        (await StatusAsync()).Should().BeEquivalentTo(new { Dead = 1L, Delivered = 1L });
    }

    [Fact]
    public async Task What_a_replay_sends_from_before_the_publishers_time_is_told()
    {
        await StartAfterAsync(3);
        var replay = await ReplayAsync();
        (await ReadAsync(replay, after: 0, max: 10)).Should().Equal(1, 2, 3);

        await SettleAsync(Settle().Deliver(1).Park(2, TimeSpan.Zero).Replayed(replay.Id, upTo: 2));

        (await StateAsync(Messages[0])).Status.Should().Be(DeliveryStatus.Delivered);
        (await StateAsync(Messages[1])).Status.Should().Be(DeliveryStatus.Parked);
        (await StateAsync(Messages[2])).Status.Should().Be(DeliveryStatus.NotSubscribed);
        (await DueAsync()).Should().Equal(2);
    }

    private async Task<Replay> ReplayAsync(ReplayRequest? request = null)
    {
        var result = await Store.Replays.StartAsync(
            Publisher.Id, request ?? new ReplayRequest(From: null, Position: null, OnlyFailed: false), dryRun: false, Cancel);
        result.Status.Should().Be(ReplayStatus.Started);
        return result.Replay!;
    }

    private async Task<IReadOnlyList<long>> ReadAsync(Replay replay, long after, int max) =>
        [.. (await Store.Replays.ReadAsync(Topic.Id, replay, after, max, Cancel)).Select(replayed => replayed.Message.Position)];
}
