using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Outcomes;
using Postoffice.Pipeline;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Pipeline;

public sealed class DeliveryWindowTests : IDisposable
{
    internal static readonly Publisher Publisher = new()
    {
        Id = 1,
        TopicId = 7,
        Topic = "orders",
        Type = "scripted",
        Target = "a",
        Active = true,
        Settings = new PublisherSettings(),
        StartPosition = 0,
        Version = 1,
        CreatedAt = default,
        UpdatedAt = default,
    };

    private readonly FakeTimeProvider _time = new();
    private readonly DeliveryWindow _window;

    public DeliveryWindowTests() => _window = Window(_time, new Lease(1, Epoch: 3, Cursor: 0, []));

    [Fact]
    public void A_batch_says_whose_it_is_and_batches_count_from_one()
    {
        for (var sequence = 1; sequence <= 3; sequence++)
        {
            Deliver(sequence);
            _window.TakeBatch().Should().BeEquivalentTo(new { TopicId = 7, PublisherId = 1, Epoch = 3, Sequence = sequence, Cursor = sequence });
            _window.TakeBatch().Should().BeNull("a batch without outcomes would use up a number");
        }
    }

    [Fact]
    public void What_was_settled_before_this_owner_is_settled_and_carried_on()
    {
        var window = Window(_time, new Lease(1, 1, Cursor: 10, [0b101]));

        new long[] { 10, 11, 12, 13, 14 }.Select(window.IsSettled).Should().Equal(true, true, false, true, false);
        Finish(window, Begin(window, 12), DecisionKind.Deliver);
        window.TakeBatch().Should().BeEquivalentTo(new { Cursor = 13, SettledAbove = Array.Empty<byte>() });
    }

    [Fact]
    public void The_cursor_waits_for_what_is_in_flight_and_the_bitmap_holds_what_is_beyond()
    {
        Begin(_window, 1);
        Deliver(2);
        Deliver(4);

        var batch = _window.TakeBatch()!;
        batch.Cursor.Should().Be(0);
        batch.SettledAbove.Should().Equal(0b1010);
    }

    [Fact]
    public void A_failed_delivery_is_parked_and_holds_nothing_up()
    {
        Finish(_window, Begin(_window, 1), DecisionKind.Park);

        var batch = _window.TakeBatch()!;
        batch.Cursor.Should().Be(1);
        batch.Failed.Should().Equal(new FailedEntry(1, 1, 503, TimeSpan.FromSeconds(1), "error"));
        batch.Parked.Should().Equal(new ParkEntry(1, 1, TimeSpan.FromSeconds(30), "unavailable"));
        batch.Unparked.Should().BeEmpty("the store has no row of it");
    }

    [Theory]
    [InlineData("deliver")]
    [InlineData("dead-letter")]
    public void A_parked_delivery_that_is_done_takes_its_row_away(string outcome)
    {
        Finish(_window, Begin(_window, 1, attempts: 4, isParked: true), outcome == "deliver" ? DecisionKind.Deliver : DecisionKind.DeadLetter);

        var batch = _window.TakeBatch()!;
        batch.Unparked.Should().Equal(1);
        (batch.Delivered.Sum(entry => entry.Attempts) + batch.Dead.Sum(entry => entry.Attempts)).Should().Be(5);
    }

    [Fact]
    public void A_parked_delivery_stays_in_hand_until_its_outcome_is_written()
    {
        var delivery = Begin(_window, 1, attempts: 1, isParked: true);
        _window.ParkedInHand().Should().Equal(1);
        Finish(_window, delivery, DecisionKind.Park);
        _window.ParkedInHand().Should().Equal(1);
        var batch = _window.TakeBatch()!;
        _window.ParkedInHand().Should().Equal(1);

        _window.Written(batch);

        _window.ParkedInHand().Should().BeEmpty();
    }

    [Fact]
    public void A_straggler_is_parked_until_its_deadline_and_the_cursor_moves_on()
    {
        Begin(_window, 1);
        Deliver(2);
        _time.Advance(TimeSpan.FromSeconds(10));

        _window.ParkStragglers().Should().BeTrue();
        _window.ParkStragglers().Should().BeFalse("once is enough");

        var batch = _window.TakeBatch()!;
        batch.Cursor.Should().Be(2);
        batch.Parked.Should().Equal(new ParkEntry(1, 0, TimeSpan.FromSeconds(20), "in flight"));
        batch.Failed.Should().BeEmpty();
        _window.ParkedInHand().Should().Equal(1);
    }

    [Fact]
    public void A_straggler_that_ends_after_it_was_written_takes_its_row_away()
    {
        var straggler = Begin(_window, 1);
        _window.ParkStragglers();
        var parked = _window.TakeBatch()!;
        Finish(_window, straggler, DecisionKind.Deliver);

        _window.Written(parked);
        _window.ParkedInHand().Should().Equal([1], "the row that is written now is out of date");

        var done = _window.TakeBatch()!;
        (done.Delivered.Count, done.Parked.Count).Should().Be((1, 0));
        done.Unparked.Should().Equal(1);
        _window.Written(done);
        _window.ParkedInHand().Should().BeEmpty();
    }

    [Fact]
    public void A_straggler_that_ends_before_it_is_written_was_never_parked()
    {
        var straggler = Begin(_window, 1);
        _window.ParkStragglers();
        Finish(_window, straggler, DecisionKind.Deliver);

        var batch = _window.TakeBatch()!;
        (batch.Delivered.Count, batch.Parked.Count, batch.Unparked.Count).Should().Be((1, 0, 0));
        _window.ParkedInHand().Should().BeEmpty();
    }

    [Fact]
    public void Only_the_older_half_of_the_window_is_parked_for_being_slow()
    {
        Begin(_window, 128);
        Begin(_window, 129);
        _window.ParkStragglers();

        _window.TakeBatch()!.Parked.Select(entry => entry.Position).Should().Equal(128);
    }

    [Fact]
    public void Nobody_is_parked_for_being_slow_while_a_flush_would_move_the_cursor()
    {
        Deliver(1);
        Begin(_window, 2);

        _window.ParkStragglers().Should().BeFalse();
        _window.TakeBatch()!.Parked.Should().BeEmpty();
        _window.ParkStragglers().Should().BeTrue("now it is the one that holds the cursor");
    }

    [Fact]
    public void The_window_bounds_how_far_ahead_of_the_cursor_one_may_read()
    {
        _window.RoomAfter(0).Should().Be(256);
        _window.RoomAfter(250).Should().Be(6);
        _window.RoomAfter(300).Should().Be(0);
        Deliver(1);
        _window.TakeBatch();
        _window.RoomAfter(250).Should().Be(7);
    }

    [Fact]
    public void The_first_outcome_wakes_the_settler_and_then_the_one_that_fills_the_batch()
    {
        var window = Window(_time, new Lease(1, 1, 0, []), batchSize: 3);
        Delivery[] deliveries = [.. Enumerable.Range(1, 4).Select(position => Begin(window, position))];

        deliveries.Select(delivery => Finish(window, delivery, DecisionKind.Deliver).WakeSettler).Should().Equal(true, false, true, false);
    }

    [Fact]
    public void Five_failures_in_a_row_leave_no_room_until_the_time_of_a_probe()
    {
        Delivery[] deliveries = [.. Enumerable.Range(1, 5).Select(position => Begin(_window, position))];
        foreach (var delivery in deliveries)
        {
            Finish(_window, delivery, DecisionKind.Park);
        }

        var (room, retry, _) = Room(_window);
        room.Should().Be(0);
        retry.Should().BeGreaterThan(TimeSpan.Zero).And.BeLessThanOrEqualTo(TimeSpan.FromSeconds(1.2));

        _time.Advance(retry!.Value);
        Room(_window).Should().Be(new Room(1, null, IsProbing: true));
        Begin(_window, 6);
        Room(_window).Count.Should().Be(0, "one probe at a time");
    }

    [Fact]
    public void What_is_given_back_can_be_taken_up_again_and_is_not_settled()
    {
        _window.GiveBack(Begin(_window, 1));
        _window.GiveBack(Begin(_window, 2, attempts: 1, isParked: true));

        _window.TakeBatch().Should().BeNull();
        _window.InFlightCount.Should().Be(0);
        _window.BeginTurn();
        _window.TakeWaiting(parked: false)!.Message.Position.Should().Be(1);
        _window.TakeWaiting(parked: false).Should().BeNull("the parked one has its row in the store");
    }

    [Fact]
    public void Whatever_comes_in_whatever_order_the_books_are_those_of_a_plain_model() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 39], Gen.Int[1, 5], Gen.Byte.Array[0, 8], Gen.Select(Gen.Int[0, 17], Gen.Int[0, 10_000]).Array[0, 400])
            .Sample((max, min, maxBatch, settledAbove, steps) =>
            {
                if (settledAbove.Length > 0)
                {
                    // A store's cursor never stands before what is settled.
                    settledAbove[0] &= 0b1111_1110;
                }

                var model = new DeliveryWindowModel(max, min % max, maxBatch, cursor: 20, settledAbove);
                foreach (var (kind, number) in steps)
                {
                    model.Do(kind, number);
                }

                model.FinishAll();
            });

    [Fact]
    public void While_the_outcomes_of_parked_deliveries_cannot_be_written_no_more_are_taken()
    {
        // They lie below the cursor, where the window does not bound them.
        for (var position = 1; position <= 256; position++)
        {
            Room(_window).Count.Should().BePositive();
            Finish(_window, Begin(_window, position, attempts: 1, isParked: true), DecisionKind.Deliver);
        }

        Room(_window).Count.Should().Be(0);
        _window.Written(_window.TakeBatch()!);
        Room(_window).Count.Should().BePositive();
    }

    internal static DeliveryWindow Window(TimeProvider time, Lease lease, int maxDemand = 20, int? minDemand = null, int batchSize = 200) =>
        Window(time, lease, new PublisherSettings { MaxDemand = maxDemand, MinDemand = minDemand }, batchSize);

    internal static DeliveryWindow Window(TimeProvider time, Lease lease, PublisherSettings settings, int batchSize = 200, int maxBatch = 1) => new(
        Publisher with { Settings = settings },
        lease,
        new PipelineOptions { WindowSize = 256, SettleBatchSize = batchSize },
        maxBatch,
        new NodeSlots(1_000),
        () => { },
        time);

    /// <summary>What may be begun, by a turn that begins nothing.</summary>
    internal static Room Room(DeliveryWindow window)
    {
        var room = window.BeginTurn();
        window.EndTurn();
        return room;
    }

    /// <summary>A turn that begins one delivery.</summary>
    internal static Delivery Begin(DeliveryWindow window, Message message, int attempts = 0, bool isParked = false)
    {
        window.BeginTurn();
        var delivery = window.Offer(new Candidate(message, attempts, isParked));
        window.EndTurn();
        return delivery!;
    }

    internal static Message Message(long position) =>
        new() { Id = Guid.CreateVersion7(), TopicId = 7, Position = position, Payload = default, ReceivedAt = default };

    internal static DeliveryWindow.Finished Finish(DeliveryWindow window, Delivery delivery, DecisionKind decision) =>
        window.Finish([Attempt(delivery, decision)], TimeSpan.FromSeconds(1));

    internal static Attempted Attempt(Delivery delivery, DecisionKind decision, SendResult? answer = null)
    {
        var result = answer ?? decision switch
        {
            DecisionKind.Deliver => new SendResult(SendOutcome.Accepted, 200),
            DecisionKind.GiveBack => new SendResult(SendOutcome.Unavailable, Error: "error", Fault: SendFault.Local),
            _ => new SendResult(SendOutcome.Unavailable, 503, "error"),
        };
        return new Attempted(delivery, result, new Decision(decision, TimeSpan.FromSeconds(30), "unavailable"));
    }

    [Fact]
    public void The_row_of_a_dead_letter_that_was_retried_while_a_replay_had_it_is_not_read_after_the_replays_attempt()
    {
        _window.Open([], new Replay { Id = Guid.NewGuid(), PublisherId = 1, Position = 0, Until = 5, OnlyFailed = true, RequestedAt = default });
        _window.BeginTurn();
        var delivery = _window.Offer(new Candidate(Message(1), Attempts: 1, Replay: ReplayKind.Dead))!;
        _window.EndTurn();

        // The operator's retry makes a row that is due at once: it must not be read before the batch that takes it away is written.
        _window.ParkedInHand().Should().Contain(1);
        Finish(_window, delivery, DecisionKind.Deliver);
        _window.ParkedInHand().Should().Contain(1);
        var batch = _window.TakeBatch()!;
        batch.Unparked.Should().Equal(1);
        _window.ParkedInHand().Should().Contain(1);
        _window.Written(batch);
        _window.ParkedInHand().Should().BeEmpty();
    }

    [Fact]
    public void A_window_that_is_closed_has_nothing_to_report()
    {
        var window = Window(_time, new Lease(1, Epoch: 3, Cursor: 0, []), new PublisherSettings { RateLimit = new RateLimit(1, 1) });
        window.Report(rate: 0).Should().NotBeNull();

        window.Dispose();

        window.Report(rate: 0).Should().BeNull("its rate limiter is gone, and reports are asked for while a publisher stops");
    }

    private static Delivery Begin(DeliveryWindow window, long position, int attempts = 0, bool isParked = false) =>
        Begin(window, Message(position), attempts, isParked);

    public void Dispose() => _window.Dispose();

    private void Deliver(long position) => Finish(_window, Begin(_window, position), DecisionKind.Deliver);
}
