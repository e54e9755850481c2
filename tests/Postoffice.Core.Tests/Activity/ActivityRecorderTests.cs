using Microsoft.Extensions.Time.Testing;
using Postoffice.Activity;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Activity;

public sealed class ActivityRecorderTests
{
    private static readonly DateTimeOffset Minute = new(2030, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Minute);
    private readonly ActivityRecorder _recorder;

    public ActivityRecorderTests() => _recorder = new ActivityRecorder(_time);

    [Fact]
    public void What_is_received_and_settled_in_a_minute_makes_a_row_each()
    {
        _recorder.Received(1, 3);
        _recorder.Received(1, 2);
        _recorder.Received(2, 1);
        _recorder.Settled(Batch(delivered: [1, 2], failed: 3, skipped: 4, dead: 1), advanced: 6);
        _recorder.Settled(Batch(delivered: [1]), advanced: 0);

        Rows().Should().BeEquivalentTo(
        [
            new ActivityRow(Minute, 1, 0) { Received = 5 },
            new ActivityRow(Minute, 2, 0) { Received = 1 },
            new ActivityRow(Minute, 1, 7) { Delivered = 3, Failed = 3, Skipped = 4, Dead = 1, Advanced = 6, Latencies = [2, 0, 1] },
        ]);
    }

    [Fact]
    public void A_new_minute_is_a_new_row()
    {
        _recorder.Received(1, 1);
        _time.Advance(TimeSpan.FromMinutes(1));
        _recorder.Received(1, 2);

        Rows().Should().BeEquivalentTo([new ActivityRow(Minute, 1, 0) { Received = 1 }, new ActivityRow(Minute.AddMinutes(1), 1, 0) { Received = 2 }]);
    }

    [Fact]
    public void A_row_that_is_written_is_told_again_only_when_it_has_changed_and_then_as_a_whole()
    {
        _recorder.Received(1, 1);
        _recorder.Received(2, 1);
        _recorder.Written(_recorder.Changes());
        Rows().Should().BeEmpty();

        _recorder.Received(1, 2);

        Rows().Should().BeEquivalentTo([new ActivityRow(Minute, 1, 0) { Received = 3 }]);
    }

    [Fact]
    public void What_is_counted_while_the_row_is_written_is_told_with_the_next()
    {
        _recorder.Received(1, 1);
        var changes = _recorder.Changes();
        _recorder.Received(1, 2);
        _recorder.Written(changes);

        Rows().Should().BeEquivalentTo([new ActivityRow(Minute, 1, 0) { Received = 3 }]);
    }

    [Fact]
    public void What_is_not_written_stays_for_an_hour()
    {
        _recorder.Received(1, 1);
        _time.Advance(TimeSpan.FromMinutes(1));
        _recorder.Received(1, 2);

        _time.Advance(TimeSpan.FromMinutes(60));

        Rows().Should().BeEquivalentTo([new ActivityRow(Minute.AddMinutes(1), 1, 0) { Received = 2 }]);
    }

    [Fact]
    public void A_clock_that_is_set_back_a_little_finds_the_row_that_it_had_written()
    {
        _recorder.Received(1, 1);
        _recorder.Written(_recorder.Changes());
        _time.Advance(TimeSpan.FromMinutes(1));
        _recorder.Changes();

        _recorder.Measured(storeTime: Minute.AddSeconds(59), nodeTime: Minute.AddMinutes(1));
        _recorder.Received(1, 2);

        Rows().Should().BeEquivalentTo([new ActivityRow(Minute, 1, 0) { Received = 3 }], "overwriting must not lose what was there");
    }

    [Fact]
    public void Minutes_and_latencies_are_those_of_the_clock_of_the_store()
    {
        _recorder.Measured(storeTime: Minute.AddHours(2), nodeTime: Minute);
        _recorder.ClockOffset.Should().Be(TimeSpan.FromHours(2));

        // Received just now by the clock of the store, two hours from now by this node's.
        _recorder.Settled(Batch(TimeSpan.FromHours(-2) + TimeSpan.FromMilliseconds(1.5), TimeSpan.FromHours(-3)), advanced: 2);

        Rows().Should().BeEquivalentTo([new ActivityRow(Minute.AddHours(2), 1, 7) { Delivered = 2, Advanced = 2, Latencies = [1, 1] }],
            "what seems to be delivered before it came took no time");
    }

    [Fact]
    public void A_replay_is_delivered_but_no_latency()
    {
        _recorder.Settled(Batch(null, TimeSpan.FromMilliseconds(1), null), advanced: 0);

        Rows().Should().BeEquivalentTo([new ActivityRow(Minute, 1, 7) { Delivered = 3, Latencies = [1] }]);
    }

    private IReadOnlyList<ActivityRow> Rows() => [.. _recorder.Changes().Rows.Select(change => change.Row)];

    private static SettleBatch Batch(params TimeSpan?[] ages) => Batch([.. ages.Select((age, index) => new DeliveredEntry(index + 1, 1, 200, default, age))]);

    private static SettleBatch Batch(double[] delivered, int failed = 0, int skipped = 0, int dead = 0) => Batch(
        [.. delivered.Select((age, index) => new DeliveredEntry(index + 1, 1, 200, default, TimeSpan.FromMilliseconds(age)))], failed, skipped, dead);

    private static SettleBatch Batch(DeliveredEntry[] delivered, int failed = 0, int skipped = 0, int dead = 0) => new()
    {
        TopicId = 1,
        PublisherId = 7,
        Epoch = 1,
        Sequence = 1,
        Cursor = 1,
        SettledAbove = [],
        Delivered = delivered,
        Failed = [.. Enumerable.Range(0, failed).Select(position => new FailedEntry(position, 1, 503, default, "503"))],
        Skipped = [.. Enumerable.Range(0, skipped).Select(position => (long)position)],
        Dead = [.. Enumerable.Range(0, dead).Select(position => new DeadEntry(position, 1, 503, "max-attempts", "503"))],
    };
}
