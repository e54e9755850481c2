namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IActivityStore"/> promises.</summary>
public abstract class ActivityContract : StorageContract
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task To_write_tells_the_time_of_the_store_with_rows_and_without()
    {
        var minute = await BeginMinuteAsync();

        (await Store.Activity.WriteAsync(NodeA, [], Cancel)).Should().BeOnOrAfter(minute).And.BeBefore(minute + Minute);
        (await Store.Activity.WriteAsync(NodeA, [new ActivityRow(minute, 1, 0) { Received = 1 }], Cancel)).Should().BeOnOrAfter(minute).And.BeBefore(minute + Minute);
    }

    [Fact]
    public async Task A_row_that_is_written_again_is_overwritten()
    {
        var minute = await BeginMinuteAsync();
        await WriteAsync(NodeA, new ActivityRow(minute, 1, 2) { Delivered = 3, Failed = 1, Skipped = 4, Dead = 1, Advanced = 9, Latencies = [1, 2] });

        await WriteAsync(NodeA, new ActivityRow(minute, 1, 2) { Delivered = 5, Failed = 2, Skipped = 6, Dead = 3, Advanced = 14, Latencies = [1, 2, 2] });

        var reading = await Store.Activity.ReadAsync(ActivityScope.All, Cancel);
        reading.Minutes.Should().Equal(new ActivityMinute(minute, Received: 0, Delivered: 5, Failed: 2, Skipped: 6, Dead: 3));
        reading.Latencies.Should().Equal(1, 2, 2);
    }

    [Fact]
    public async Task What_nodes_topics_and_publishers_did_is_added_up()
    {
        var minute = await BeginMinuteAsync();
        await WriteAsync(
            NodeA,
            new ActivityRow(minute, 1, 0) { Received = 10 },
            new ActivityRow(minute, 2, 0) { Received = 100 },
            new ActivityRow(minute, 1, 7) { Delivered = 3, Failed = 1, Latencies = [0, 3] },
            new ActivityRow(minute, 1, 8) { Delivered = 30, Latencies = [30] },
            new ActivityRow(minute, 2, 9) { Delivered = 300, Latencies = [0, 0, 300] },
            new ActivityRow(minute - Minute, 1, 7) { Skipped = 5 });
        await WriteAsync(NodeB, new ActivityRow(minute, 1, 0) { Received = 1 }, new ActivityRow(minute, 1, 7) { Delivered = 1, Dead = 2, Latencies = [0, 1] });

        var all = await Store.Activity.ReadAsync(ActivityScope.All, Cancel);
        all.Minutes.Should().Equal(new ActivityMinute(minute - Minute, 0, 0, 0, 5, 0), new ActivityMinute(minute, 111, 334, 1, 0, 2));
        all.Latencies.Should().Equal(30, 4, 300);
        all.At.Should().BeOnOrAfter(minute);

        var topic = await Store.Activity.ReadAsync(ActivityScope.OfTopic(1), Cancel);
        topic.Minutes.Should().Equal(new ActivityMinute(minute - Minute, 0, 0, 0, 5, 0), new ActivityMinute(minute, 11, 34, 1, 0, 2));
        topic.Latencies.Should().Equal(30, 4);

        var publisher = await Store.Activity.ReadAsync(ActivityScope.OfPublisher(1, 7), Cancel);
        publisher.Minutes.Should().Equal(
            [new ActivityMinute(minute - Minute, 0, 0, 0, 5, 0), new ActivityMinute(minute, 11, 4, 1, 0, 2)], "what its topic has received is told beside what it has done");
        publisher.Latencies.Should().Equal(0, 4);
        (await Store.Activity.ReadAsync(ActivityScope.OfTopic(4_711), Cancel)).Should().BeEquivalentTo(new { Minutes = Array.Empty<object>(), Latencies = Array.Empty<long>() });
    }

    [Fact]
    public async Task The_last_hour_is_read_and_of_it_the_latencies_of_the_last_minutes()
    {
        var minute = await BeginMinuteAsync();
        foreach (var ago in (int[])[60, 59, 6, 5, 0, -1])
        {
            await WriteAsync(NodeA, new ActivityRow(minute - (ago * Minute), 1, 7) { Delivered = 1, Latencies = [1] });
        }

        var reading = await Store.Activity.ReadAsync(ActivityScope.All, Cancel);

        reading.Minutes.Select(read => (minute - read.At).TotalMinutes).Should().Equal([59, 6, 5, 0], "a minute that is still to come is some clock's fault");
        reading.Latencies.Should().Equal(2);
    }

    [Fact]
    public async Task Attempts_of_the_last_minutes_are_counted_for_each_publisher()
    {
        var minute = await BeginMinuteAsync();
        await WriteAsync(
            NodeA,
            new ActivityRow(minute, 1, 7) { Delivered = 3, Failed = 1 }, new ActivityRow(minute - (5 * Minute), 1, 7) { Failed = 1 },
            new ActivityRow(minute - (6 * Minute), 1, 7) { Failed = 100 }, new ActivityRow(minute, 2, 9) { Delivered = 1 }, new ActivityRow(minute, 2, 10) { Skipped = 1 });
        await WriteAsync(NodeB, new ActivityRow(minute, 1, 7) { Delivered = 1 });

        (await Store.Activity.AttemptsAsync([7, 10, 4_711], Cancel)).Should().Equal(new Dictionary<long, AttemptCounts> { [7] = new(Delivered: 4, Failed: 2) });
        (await Store.Activity.AttemptsAsync([], Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_old_is_pruned_the_oldest_first_and_no_more_than_is_asked_for()
    {
        var minute = await BeginMinuteAsync();
        await WriteAsync(NodeA, [.. Enumerable.Range(0, 10).Select(ago => new ActivityRow(minute - (ago * Minute), 1, 0) { Received = 1 })]);

        (await Store.Activity.PruneAsync(3.5 * Minute, 4, Cancel)).Should().Be(4);
        await ShouldReachBackAsync(5);

        (await Store.Activity.PruneAsync(3.5 * Minute, 4, Cancel)).Should().Be(2);
        (await Store.Activity.PruneAsync(3.5 * Minute, 4, Cancel)).Should().Be(0);
        await ShouldReachBackAsync(3);

        async Task ShouldReachBackAsync(int minutes) =>
            (await Store.Activity.ReadAsync(ActivityScope.All, Cancel)).Minutes[0].At.Should().Be(minute - (minutes * Minute));
    }

    private Task<DateTimeOffset> WriteAsync(Guid nodeId, params ActivityRow[] rows) => Store.Activity.WriteAsync(nodeId, rows, Cancel);
}
