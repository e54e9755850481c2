using Postoffice.Deliveries;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IReplayStore"/> promises of starting, following and cancelling a replay; for what it reads see <see cref="ReplayReadContract"/>.</summary>
public abstract class ReplayContract : LeasedPublisherSteps
{
    private static readonly ReplayRequest s_everything = new(From: null, Position: null, OnlyFailed: false);

    [Fact]
    public async Task A_replay_reaches_from_the_start_of_the_log_to_the_cursor()
    {
        await StartAsync(10);
        await SettleAsync(Settle().Deliver(1, 2, 3, 4, 5, 6).Deliver(8));
        var before = await Store.NowAsync();

        var result = await StartReplayAsync(s_everything);

        result.Should().BeEquivalentTo(new
        {
            Status = ReplayStatus.Started,
            Messages = 6L,
            Replay = new { PublisherId = Publisher.Id, Position = 0L, Until = 6L, OnlyFailed = false },
        });
        result.Replay!.Id.Should().NotBeEmpty();
        result.Replay.RequestedAt.Should().BeOnOrAfter(before).And.BeOnOrBefore(await Store.NowAsync());
        (await FindAsync()).Should().Be(result.Replay);
    }

    [Fact]
    public async Task A_replay_from_a_position_begins_with_it()
    {
        await StartAsync(10);
        await SettleAsync(Settle().UpTo(8));

        (await StartReplayAsync(s_everything with { Position = 3 }, dryRun: true)).Should().BeEquivalentTo(
            new { Messages = 6L, Replay = new { Position = 2L, Until = 8L } });
        (await StartReplayAsync(s_everything with { Position = 8 })).Should().BeEquivalentTo(
            new { Messages = 1L, Replay = new { Position = 7L, Until = 8L } });
    }

    [Fact]
    public async Task A_replay_from_a_time_begins_with_the_first_message_received_then_or_later()
    {
        await StartAsync(2);
        await Store.AdvanceAsync(Minute);
        await FillAsync(Topic, 2);
        await Store.AdvanceAsync(Minute);
        var messages = await FillAsync(Topic, 2);
        await SettleAsync(Settle().UpTo(6));

        (await FirstFromAsync(messages[0].ReceivedAt.AddDays(-1))).Should().Be(1);
        (await FirstFromAsync(messages[2].ReceivedAt)).Should().Be(3);
        (await FirstFromAsync(messages[3].ReceivedAt.AddSeconds(1))).Should().Be(5);
        (await FirstFromAsync(messages[4].ReceivedAt.ToOffset(TimeSpan.FromHours(2)))).Should().Be(5);

        async Task<long> FirstFromAsync(DateTimeOffset from)
        {
            var result = await StartReplayAsync(s_everything with { From = from }, dryRun: true);
            result.Messages.Should().Be(6 - result.Replay!.Position);
            return result.Replay.Position + 1;
        }
    }

    [Fact]
    public async Task What_is_parked_is_not_counted_and_what_is_dead_is()
    {
        await StartAsync(6);
        await SettleAsync(Settle().Deliver(1).Skip(2).Kill(3).Park(4, 5 * Minute).ParkBehind("a", 5));

        (await StartReplayAsync(s_everything)).Should().BeEquivalentTo(new { Messages = 3L, Replay = new { Until = 5L } });
    }

    [Fact]
    public async Task A_replay_of_what_failed_counts_dead_letters_only()
    {
        await StartAsync(9);
        await SettleAsync(Settle().Kill(1).Deliver(2).Kill(3).Kill(4).Park(5, 5 * Minute).Deliver(6).Kill(8));

        (await StartReplayAsync(s_everything with { OnlyFailed = true, Position = 2 })).Should().BeEquivalentTo(
            new { Messages = 2L, Replay = new { Position = 1L, Until = 6L, OnlyFailed = true } });
        (await FindAsync())!.OnlyFailed.Should().BeTrue();
    }

    [Fact]
    public async Task What_was_received_before_the_publishers_time_is_replayed_too()
    {
        await StartAfterAsync(5);

        (await StartReplayAsync(s_everything)).Should().BeEquivalentTo(new { Messages = 5L, Replay = new { Position = 0L, Until = 5L } });
    }

    [Fact]
    public async Task A_replay_that_would_begin_beyond_the_cursor_sends_nothing_and_is_not_kept()
    {
        await StartAsync(5);
        await SettleAsync(Settle().UpTo(3));
        ReplayRequest[] beyond =
        [
            s_everything with { Position = 4 }, s_everything with { Position = 4_711 }, s_everything with { From = (await Store.NowAsync()).AddHours(1) },
        ];

        foreach (var request in beyond)
        {
            (await StartReplayAsync(request)).Should().BeEquivalentTo(new { Status = ReplayStatus.Started, Messages = 0L });
            (await FindAsync()).Should().BeNull();
        }

        (await VersionAsync()).Should().Be(Publisher.Version);
    }

    [Fact]
    public async Task A_publisher_that_has_settled_nothing_has_nothing_to_replay()
    {
        await StartAsync(3);

        (await StartReplayAsync(s_everything)).Should().BeEquivalentTo(new { Status = ReplayStatus.Started, Messages = 0L });
        (await FindAsync()).Should().BeNull();
    }

    [Fact]
    public async Task A_dry_run_counts_and_changes_nothing()
    {
        await StartAsync(5);
        await SettleAsync(Settle().UpTo(5));
        var rows = await Store.CountRowsOutsideLogAsync();

        (await StartReplayAsync(s_everything, dryRun: true)).Should().BeEquivalentTo(
            new { Status = ReplayStatus.Started, Messages = 5L, Replay = new { Position = 0L, Until = 5L } });

        (await FindAsync()).Should().BeNull();
        (await VersionAsync()).Should().Be(Publisher.Version);
        (await Store.CountRowsOutsideLogAsync()).Should().Be(rows);
    }

    [Fact]
    public async Task A_replay_makes_the_pipeline_start_anew_and_so_does_its_cancellation()
    {
        await StartAsync(5);
        await SettleAsync(Settle().UpTo(5));
        var other = await AddPublisherAsync(Topic, "http://other.example/");

        await StartReplayAsync(s_everything);
        (await VersionAsync()).Should().Be(Publisher.Version + 1);

        (await Store.Replays.CancelAsync(Publisher.Id, Cancel)).Should().BeTrue();
        (await VersionAsync()).Should().Be(Publisher.Version + 2);
        (await FindAsync()).Should().BeNull();

        (await Store.Replays.CancelAsync(Publisher.Id, Cancel)).Should().BeFalse("there is none any more");
        (await VersionAsync()).Should().Be(Publisher.Version + 2);
        (await VersionAsync(other)).Should().Be(other.Version);
    }

    [Fact]
    public async Task A_second_replay_waits_until_the_first_is_over_but_may_be_counted()
    {
        await StartAsync(5);
        await SettleAsync(Settle().UpTo(5));
        var first = await StartReplayAsync(s_everything);
        var version = await VersionAsync();

        (await StartReplayAsync(s_everything with { Position = 5 })).Should().Be(new ReplayResult(ReplayStatus.AlreadyRunning));
        (await StartReplayAsync(s_everything with { Position = 5 }, dryRun: true)).Should().BeEquivalentTo(
            new { Status = ReplayStatus.Started, Messages = 1L });
        (await FindAsync()).Should().Be(first.Replay);
        (await VersionAsync()).Should().Be(version);

        await Store.Replays.CancelAsync(Publisher.Id, Cancel);
        (await StartReplayAsync(s_everything with { Position = 5 })).Replay!.Id.Should().NotBe(first.Replay!.Id);
    }

    [Fact]
    public async Task Of_many_that_start_a_replay_at_once_one_does()
    {
        await StartAsync(5);
        await SettleAsync(Settle().UpTo(5));

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => StartReplayAsync(s_everything), Cancel)));

        var started = results.Where(result => result.Status == ReplayStatus.Started).Should().ContainSingle().Subject;
        results.Count(result => result.Status == ReplayStatus.AlreadyRunning).Should().Be(7);
        (await FindAsync()).Should().Be(started.Replay);
        (await VersionAsync()).Should().Be(Publisher.Version + 1);
    }

    [Fact]
    public async Task An_unknown_and_a_deleted_publisher_replay_nothing()
    {
        await StartAsync(5);
        await SettleAsync(Settle().UpTo(5));
        await StartReplayAsync(s_everything);
        await Store.Publishers.DeleteAsync(Publisher.Id, Cancel);

        foreach (var id in new[] { 4_711, Publisher.Id })
        {
            (await Store.Replays.StartAsync(id, s_everything, dryRun: false, Cancel)).Should().Be(new ReplayResult(ReplayStatus.UnknownPublisher));
            (await Store.Replays.StartAsync(id, s_everything, dryRun: true, Cancel)).Should().Be(new ReplayResult(ReplayStatus.UnknownPublisher));
            (await Store.Replays.CancelAsync(id, Cancel)).Should().BeFalse();
            (await Store.Replays.FindAsync(id, Cancel)).Should().BeNull();
        }
    }

    [Fact]
    public async Task A_flush_tells_how_far_the_replay_has_come()
    {
        await StartAsync(10);
        await SettleAsync(Settle().UpTo(6));
        var replay = (await StartReplayAsync(s_everything)).Replay!;

        await SettleAsync(Settle().Deliver(1, 2).Replayed(replay.Id, upTo: 2).Deliver(7));
        (await FindAsync()).Should().Be(replay with { Position = 2 });
        (await CursorAsync(Publisher.Id)).Should().Be(7, "new messages go on beside it");

        await SettleAsync(Settle().Deliver(8));
        (await FindAsync()).Should().Be(replay with { Position = 2 }, "a flush that says nothing of it leaves it");
        var version = await VersionAsync();

        await SettleAsync(Settle().Deliver(3, 4, 5, 6).Replayed(replay.Id, upTo: 6));
        (await FindAsync()).Should().BeNull("its end is reached");
        (await VersionAsync()).Should().Be(version);
    }

    [Fact]
    public async Task A_flush_of_another_replay_moves_nothing()
    {
        await StartAsync(5);
        await SettleAsync(Settle().UpTo(5));
        var cancelled = (await StartReplayAsync(s_everything)).Replay!;
        await Store.Replays.CancelAsync(Publisher.Id, Cancel);
        await SettleAsync(Settle().Deliver(1).Replayed(cancelled.Id, upTo: 1));
        (await FindAsync()).Should().BeNull();

        var replay = (await StartReplayAsync(s_everything)).Replay!;
        await SettleAsync(Settle().Deliver(2, 3, 4, 5).Replayed(cancelled.Id, upTo: 5));

        (await FindAsync()).Should().Be(replay);
    }

    [Fact]
    public async Task A_flush_of_another_epoch_and_a_repeated_one_move_nothing()
    {
        await StartAsync(5);
        await SettleAsync(Settle().UpTo(5));
        var replay = (await StartReplayAsync(s_everything)).Replay!;
        var first = Settle().Deliver(1).Replayed(replay.Id, upTo: 1);
        await SettleAsync(first);
        await SettleAsync(Settle().Deliver(2).Replayed(replay.Id, upTo: 2));
        await SettleAsync(first);
        (await FindAsync())!.Position.Should().Be(2);

        var late = Settle().Deliver(3).Replayed(replay.Id, upTo: 5);
        await LeaseAgainAsync(NodeB);

        (await Store.Deliveries.SettleAsync(late, Cancel)).Should().Be(SettleStatus.LeaseLost);
        (await FindAsync())!.Position.Should().Be(2);
    }

    private Task<ReplayResult> StartReplayAsync(ReplayRequest request, bool dryRun = false) =>
        Store.Replays.StartAsync(Publisher.Id, request, dryRun, Cancel);

    private Task<Replay?> FindAsync() => Store.Replays.FindAsync(Publisher.Id, Cancel);
}
