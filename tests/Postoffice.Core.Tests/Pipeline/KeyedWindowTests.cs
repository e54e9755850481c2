using Microsoft.Extensions.Time.Testing;
using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Outcomes;
using Postoffice.Pipeline;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>Ordering keys where something else happens at the same time: a restart, an operator, a replay, a filter, a fault of the node's own.</summary>
public sealed class KeyedWindowTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void After_a_restart_a_row_waits_for_earlier_messages_of_its_key_that_are_still_in_the_log()
    {
        // 1 was in flight and 2 held when the node died; 3 came when no more could be held, and was parked behind them.
        using var window = Window(KeyFailure.Skip, new Lease(1, 1, Cursor: 0, [0b100]));
        window.Open([new KeyLine("a", Head: 3, KeyHead.Free, Rows: 1)], null);
        window.BeginTurn();
        window.TakeRefills(10).Should().BeEmpty("1 and 2 come first");

        window.Offer(new Candidate(Keyed(1))).Should().BeNull();
        window.Offer(new Candidate(Keyed(2))).Should().BeNull();
        window.ReadUpTo(3);
        var batch = window.TakeBatch()!;
        batch.Parked.Select(parked => parked.Position).Should().Equal(1, 2);
        batch.Cursor.Should().Be(3);
        window.Written(batch);
        window.TakeRefills(10).Should().Equal("a");
    }

    [Fact]
    public void A_row_does_not_wait_for_a_log_that_may_not_be_read_because_of_too_many_rows()
    {
        using var window = Window(KeyFailure.Skip, new Lease(1, 1, Cursor: 0, [0b100]));
        window.Open([new KeyLine("a", Head: 3, KeyHead.Free, Rows: 300)], null);

        window.RoomAfter(0).Should().BePositive();
        window.ReadUpTo(3);
        window.RoomAfter(3).Should().Be(0);
    }

    [Fact]
    public void An_earlier_one_that_is_retried_and_fails_once_does_not_let_the_head_be_overtaken()
    {
        using var window = Window(KeyFailure.Skip);
        window.Open([], null);
        Finish(window, Begin(window, 10), DecisionKind.Park);
        Finish(window, Begin(window, 5, isParked: true), DecisionKind.Park);
        Flush(window);
        Finish(window, Begin(window, 5, isParked: true), DecisionKind.Deliver);

        Offer(window, 11).Should().BeNull("10 has a row and comes first");
        Offer(window, 10, isParked: true).Should().NotBeNull();
    }

    [Fact]
    public void An_earlier_one_that_is_retried_and_fails_once_does_not_free_a_key_that_a_dead_letter_blocks()
    {
        using var window = Window(KeyFailure.Block);
        window.Open([new KeyLine("a", Head: 10, KeyHead.Dead, Rows: 1)], null);
        Finish(window, Begin(window, 5, isParked: true), DecisionKind.Park);
        Flush(window);
        Finish(window, Begin(window, 5, isParked: true), DecisionKind.Deliver);
        Flush(window);

        window.TakeRefills(10).Should().BeEmpty("10 blocks the key until an operator comes");
    }

    [Fact]
    public void An_earlier_one_that_is_retried_and_given_back_is_read_again_and_not_held_behind_the_head()
    {
        using var window = Window(KeyFailure.Block);
        window.Open([new KeyLine("a", Head: 10, KeyHead.Dead, Rows: 0)], null);
        window.GiveBack(Begin(window, 5, isParked: true));

        window.ParkedInHand().Should().BeEmpty("nothing would ever take it out of memory");
        Offer(window, 5, isParked: true).Should().NotBeNull();
    }

    [Fact]
    public void A_replay_that_brings_the_dead_letter_which_blocks_a_key_frees_the_key()
    {
        using var window = Window(KeyFailure.Block);
        window.Open([new KeyLine("a", Head: 2, KeyHead.Dead, Rows: 3)], Replay(until: 5));
        window.BeginTurn();
        window.Offer(new Candidate(Keyed(2), Replay: ReplayKind.Dead)).Should().BeNull();
        window.EndTurn();
        var batch = Flush(window);
        batch.Parked.Should().ContainSingle().Which.Position.Should().Be(2);
        batch.Revived.Should().Equal(2);

        window.TakeRefills(10).Should().Equal("a");
    }

    [Fact]
    public void A_head_that_the_filter_leaves_out_frees_its_key()
    {
        using var window = Window(KeyFailure.Skip);
        window.Open([new KeyLine("a", Head: 2, KeyHead.Parked, Rows: 3)], null);
        window.Skip(new Candidate(Keyed(2), Attempts: 1, IsParked: true));
        Flush(window).Unparked.Should().Equal(2);

        window.TakeRefills(10).Should().Equal("a");
    }

    [Fact]
    public void Lines_are_refilled_no_faster_than_they_are_sent()
    {
        using var window = Window(KeyFailure.Skip, maxDemand: 10);
        window.Open([.. Enumerable.Range(0, 1_000).Select(key => new KeyLine($"k{key}", Head: 1 + key, KeyHead.Free, Rows: 32))], null);

        // A consumer that is slow: one delivery a turn.
        var position = 0L;
        for (var turn = 0; turn < 200; turn++)
        {
            window.BeginTurn();
            var refilled = window.TakeRefills(5);
            window.Refill(refilled, refilled
                .SelectMany(key => Enumerable.Range(0, 32).Select(_ => new Candidate(Keyed(++position, key), IsParked: true)))
                .ToLookup(candidate => candidate.Message.OrderingKey!), asked: 32);
            var delivery = window.TakeWaiting(parked: true);
            window.EndTurn();
            if (delivery is not null)
            {
                Finish(window, delivery, DecisionKind.Deliver);
                Flush(window);
            }
        }

        window.ParkedInHand().Should().HaveCountLessThan(500, "rows in memory are bounded however many keys wait");
    }

    [Fact]
    public void While_its_outcomes_cannot_be_written_a_replay_goes_no_further()
    {
        using var window = Window(KeyFailure.Skip);
        window.Open([], Replay(until: 100_000));
        for (var position = 1; position <= 1_000 && window.ReplayRoom() is { Room: > 0 }; position++)
        {
            window.BeginTurn();
            var delivery = window.Offer(new Candidate(DeliveryWindowTests.Message(position), Replay: ReplayKind.Again))!;
            window.EndTurn();
            Finish(window, delivery, DecisionKind.Deliver);
        }

        window.Unsettled.Should().BeLessThanOrEqualTo(256);
        Flush(window);
        window.ReplayRoom()!.Value.Room.Should().BePositive();
    }

    [Fact]
    public void What_a_replay_has_in_hand_is_not_begun_twice_when_somebody_retries_it()
    {
        using var window = Window(KeyFailure.Skip);
        window.Open([], Replay(until: 10));
        window.BeginTurn();
        var delivery = window.Offer(new Candidate(DeliveryWindowTests.Message(4), Replay: ReplayKind.Dead))!;
        window.EndTurn();
        window.GiveBack(delivery);

        window.ParkedInHand().Should().Equal([4], "its row, made by the retry, must not be read while the replay has it");
    }

    [Fact]
    public void While_the_receiver_is_down_no_more_than_a_window_is_parked_behind_the_keys_that_failed()
    {
        using var window = Window(KeyFailure.Skip, new Lease(1, 1, 0, []));
        window.Open([], null);
        Delivery[] failing = [.. Enumerable.Range(1, 5).Select(n => OfferKeyed(window, n, $"k{n}")!)];
        foreach (var delivery in failing)
        {
            Finish(window, delivery, DecisionKind.Park);
        }

        Flush(window);
        _time.Advance(TimeSpan.FromSeconds(2));
        var position = 5L;
        while (position < 5_000 && window.RoomAfter(position) > 0)
        {
            DeliveryWindowTests.Room(window).Should().Be(new Room(1, null, IsProbing: true));
            position++;
            OfferKeyed(window, position, $"k{1 + (position % 5)}").Should().BeNull("all keys have failed");
            if (position % 50 == 0)
            {
                Flush(window);
            }
        }

        position.Should().BeLessThan(300, "nothing is read any more");
        Flush(window);
        window.ParkStragglers().Should().BeFalse();

        Finish(window, OfferKeyed(window, 1, "k1", isParked: true)!, DecisionKind.Deliver);
        window.RoomAfter(position).Should().BePositive("it is back");
    }

    private DeliveryWindow Window(KeyFailure onKeyFailure, Lease? lease = null, int maxDemand = 20) => DeliveryWindowTests.Window(
        _time, lease ?? new Lease(1, 1, Cursor: 100_000, []), new PublisherSettings { MaxDemand = maxDemand, Ordering = DeliveryOrdering.Key, OnKeyFailure = onKeyFailure });

    private static Message Keyed(long position, string key = "a") =>
        new() { Id = Guid.CreateVersion7(), TopicId = 7, Position = position, Payload = default, ReceivedAt = default, OrderingKey = key };

    private static Replay Replay(long until) =>
        new() { Id = Guid.NewGuid(), PublisherId = 1, Position = 0, Until = until, OnlyFailed = false, RequestedAt = default };

    private static Delivery? Offer(DeliveryWindow window, long position, bool isParked = false) => OfferKeyed(window, position, "a", isParked);

    private static Delivery? OfferKeyed(DeliveryWindow window, long position, string key, bool isParked = false)
    {
        window.BeginTurn();
        var delivery = window.Offer(new Candidate(Keyed(position, key), Attempts: isParked ? 1 : 0, isParked));
        window.EndTurn();
        return delivery;
    }

    private static Delivery Begin(DeliveryWindow window, long position, bool isParked = false) => Offer(window, position, isParked)!;

    private static void Finish(DeliveryWindow window, Delivery delivery, DecisionKind decision) => DeliveryWindowTests.Finish(window, delivery, decision);

    private static SettleBatch Flush(DeliveryWindow window)
    {
        var batch = window.TakeBatch()!;
        window.Written(batch);
        return batch;
    }
}
