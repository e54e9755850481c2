using Microsoft.Extensions.Time.Testing;
using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Outcomes;
using Postoffice.Pipeline;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>A delivery window beside plain sets that say what it should hold, and a store that keeps what it is given.</summary>
internal sealed class DeliveryWindowModel
{
    private readonly FakeTimeProvider _time = new();
    private readonly DeliveryWindow _window;
    private readonly int _max;
    private readonly HashSet<long> _restored = [];

    /// <summary>Settled or parked, unwritten included.</summary>
    private readonly HashSet<long> _settled = [];
    private readonly Dictionary<long, Delivery> _inFlight = [];
    private readonly HashSet<long> _begun = [];
    private readonly HashSet<long> _givenBack = [];

    /// <summary>Outcomes that no batch has taken yet.</summary>
    private readonly HashSet<long> _delivered = [];
    private readonly HashSet<long> _dead = [];
    private readonly HashSet<long> _parked = [];
    private readonly HashSet<long> _unparked = [];

    /// <summary>Finished, once parked, and the store does not know.</summary>
    private readonly HashSet<long> _finishedUnwritten = [];

    /// <summary>The store.</summary>
    private readonly Dictionary<long, int> _rows = [];
    private readonly HashSet<long> _done = [];
    private SettleBatch? _taken;
    private long _sequence;
    private long _cursor;
    private long _read;

    public DeliveryWindowModel(int max, int min, long cursor, byte[] settledAbove)
    {
        _max = max;
        _cursor = _read = cursor;
        for (var index = 0; index < settledAbove.Length * 8; index++)
        {
            if ((settledAbove[index / 8] >> (index % 8) & 1) != 0)
            {
                _restored.Add(cursor + 1 + index);
                _settled.Add(cursor + 1 + index);
            }
        }

        _window = DeliveryWindowTests.Window(_time, new Lease(1, 1, cursor, settledAbove), max, min);
    }

    public void Do(int kind, int number)
    {
        switch (kind)
        {
            case < 4:
                BeginNew(1 + (number % 20));
                break;
            case < 6:
                BeginDue(number);
                break;
            case < 12 when _inFlight.Count > 0:
                Finish(Pick(number), (number % 8) switch { 0 => DecisionKind.DeadLetter, 1 or 2 => DecisionKind.Park, _ => DecisionKind.Deliver });
                break;
            case 12 when _inFlight.Count > 0:
                Abandon(Pick(number));
                break;
            case 18 when _inFlight.Count > 0:
                FinishTogether(number);
                break;
            case 13:
                ParkStragglers();
                break;
            case 14 or 15:
                Take();
                break;
            case 16:
                Write();
                break;
            case 17:
                _time.Advance(TimeSpan.FromSeconds(40));
                break;
        }

        var room = DeliveryWindowTests.Room(_window).Count;
        if (_window.InFlightCount != _inFlight.Count || _inFlight.Count > _max || room < 0 || room > _max - _inFlight.Count)
        {
            Assert.Fail($"In flight are {_inFlight.Count}, the window says {_window.InFlightCount}; there is room for {room} of {_max}.");
        }
    }

    /// <summary>All that was begun comes to its end: each position is done, or waits in the store.</summary>
    public void FinishAll()
    {
        while (_inFlight.Count > 0 || _givenBack.Count > 0)
        {
            _time.Advance(TimeSpan.FromSeconds(40));
            BeginNew(0);
            foreach (var delivery in _inFlight.Values.ToList())
            {
                Finish(delivery, DecisionKind.Deliver);
            }
        }

        Write();
        Take();
        Write();
        _window.ParkedInHand().Should().BeEmpty();
        _done.Concat(_rows.Keys).Should().OnlyHaveUniqueItems().And.BeEquivalentTo(_begun);
        _cursor.Should().BeGreaterThanOrEqualTo(_read, "nothing that was read is left open");
    }

    /// <summary>As a producer does: first what was given back, then what is new, never more than there is room for.</summary>
    private void BeginNew(int count)
    {
        var room = _window.BeginTurn().Count;
        for (; room > 0 && _window.TakeWaiting(parked: false) is { } delivery; room--)
        {
            _givenBack.Remove(delivery.Message.Position).Should().BeTrue();
            _inFlight.Add(delivery.Message.Position, delivery);
        }

        for (var ahead = Math.Min(Math.Min(room, count), _window.RoomAfter(_read)); ahead > 0; ahead--)
        {
            _read++;
            Assert.Equal(_restored.Contains(_read), _window.IsSettled(_read));
            if (!_restored.Contains(_read))
            {
                _begun.Add(_read);
                Begin(_read, attempts: 0, isParked: false);
            }
        }

        _window.EndTurn();
    }

    private void BeginDue(int number)
    {
        var inHand = _window.ParkedInHand();
        var due = _rows.Keys.Except(inHand).Order().ToList();

        // What is in hand is never offered again, and nothing else is held back.
        ShouldBe(due, [.. _rows.Keys.Except(_inFlight.Keys).Except(_finishedUnwritten)]);
        if (due.Count > 0 && _window.BeginTurn().Count > 0)
        {
            var position = due[number % due.Count];
            Begin(position, _rows[position], isParked: true);
        }

        _window.EndTurn();
    }

    private void Begin(long position, int attempts, bool isParked)
    {
        var delivery = _window.Offer(new Candidate(DeliveryWindowTests.Message(position), attempts, isParked));
        _inFlight.Add(position, delivery!);
    }

    private void Finish(Delivery delivery, DecisionKind decision)
    {
        Finished(delivery, decision);
        DeliveryWindowTests.Finish(_window, delivery, decision);
    }

    private void Finished(Delivery delivery, DecisionKind decision)
    {
        var position = delivery.Message.Position;
        _inFlight.Remove(position);

        // Parked while it ran, and the row is not on its way to the store: then there will be none.
        var hasRow = delivery.IsParked && !_parked.Remove(position);
        (decision switch { DecisionKind.Deliver => _delivered, DecisionKind.DeadLetter => _dead, _ => _parked }).Add(position);
        _settled.Add(position);
        if (hasRow)
        {
            _finishedUnwritten.Add(position);
            if (decision != DecisionKind.Park)
            {
                _unparked.Add(position);
            }
        }
    }

    /// <summary>One call for several, each with an end of its own; some come back to us.</summary>
    private void FinishTogether(int number)
    {
        var call = new List<Attempted>();
        foreach (var delivery in _inFlight.OrderBy(entry => entry.Key).Skip(number % _inFlight.Count).Take(1 + (number % 7)).Select(entry => entry.Value).ToList())
        {
            var decision = ((number + delivery.Message.Position) % 5) switch
            {
                0 => DecisionKind.GiveBack,
                1 => DecisionKind.Park,
                2 => DecisionKind.DeadLetter,
                _ => DecisionKind.Deliver,
            };
            call.Add(DeliveryWindowTests.Attempt(delivery, decision));
            if (decision == DecisionKind.GiveBack)
            {
                GivenBack(delivery);
            }
            else
            {
                Finished(delivery, decision);
            }
        }

        _window.Finish(call.ToArray(), TimeSpan.FromSeconds(1));
    }

    private void Abandon(Delivery delivery)
    {
        GivenBack(delivery);
        _window.GiveBack(delivery);
    }

    private void GivenBack(Delivery delivery)
    {
        _inFlight.Remove(delivery.Message.Position);
        if (!delivery.IsParked)
        {
            _givenBack.Add(delivery.Message.Position);
        }
    }

    private void ParkStragglers()
    {
        // When the cursor moves with the next flush nothing holds it up.
        var isHeldUp = !_settled.Contains(_cursor + 1);
        var stragglers = _inFlight.Values.Where(delivery => isHeldUp && !delivery.IsParked && delivery.Message.Position <= _cursor + 128).ToList();
        _window.ParkStragglers().Should().Be(stragglers.Count > 0);
        foreach (var straggler in stragglers)
        {
            _parked.Add(straggler.Message.Position);
            _settled.Add(straggler.Message.Position);
        }
    }

    /// <summary>A settler takes the next batch when the one before is written.</summary>
    private void Take()
    {
        if (_taken is not null)
        {
            return;
        }

        _taken = _window.TakeBatch();
        (_taken is null).Should().Be(_delivered.Count + _dead.Count + _parked.Count == 0);
        if (_taken is null)
        {
            return;
        }

        while (_settled.Contains(_cursor + 1))
        {
            _cursor++;
        }

        _taken.Sequence.Should().Be(++_sequence);
        _taken.Cursor.Should().Be(_cursor);
        for (var position = _cursor + 1; position <= _read + 80; position++)
        {
            if (SettledSet.Contains(_cursor, _taken.SettledAbove, position) != _settled.Contains(position))
            {
                Assert.Fail($"Position {position} is settled: {_settled.Contains(position)}; the bitmap beyond {_cursor} says otherwise.");
            }
        }

        ShouldBe(_taken.Delivered.Select(entry => entry.Position), _delivered);
        ShouldBe(_taken.Dead.Select(entry => entry.Position), _dead);
        ShouldBe(_taken.Parked.Select(entry => entry.Position), _parked);
        ShouldBe(_taken.Unparked, _unparked);
        (_delivered.Overlaps(_dead) || _delivered.Overlaps(_parked) || _dead.Overlaps(_parked)).Should().BeFalse();
        foreach (var outcomes in new[] { _delivered, _dead, _parked, _unparked })
        {
            outcomes.Clear();
        }
    }

    private void Write()
    {
        if (_taken is not { } batch)
        {
            return;
        }

        _taken = null;
        foreach (var position in batch.Unparked)
        {
            _rows.Remove(position).Should().BeTrue("there must be a row to take away");
        }

        foreach (var parked in batch.Parked)
        {
            _rows[parked.Position] = parked.Attempts;
        }

        foreach (var position in batch.Delivered.Select(entry => entry.Position).Concat(batch.Dead.Select(entry => entry.Position)))
        {
            _done.Add(position).Should().BeTrue("it ends once");
        }

        // What ended after this batch was taken waits for the next.
        var parkedAgain = batch.Parked.Select(entry => entry.Position).Where(position => !_inFlight.ContainsKey(position) && !_unparked.Contains(position));
        _finishedUnwritten.ExceptWith(batch.Unparked);
        _finishedUnwritten.ExceptWith(parkedAgain.Where(position => !_parked.Contains(position)));
        _window.Written(batch);
    }

    private static void ShouldBe(IEnumerable<long> positions, HashSet<long> expected)
    {
        var found = positions.ToList();
        if (found.Count != expected.Count || !expected.SetEquals(found))
        {
            Assert.Fail($"Expected [{string.Join(' ', expected.Order())}], found [{string.Join(' ', found.Order())}].");
        }
    }

    private Delivery Pick(int number) => _inFlight.OrderBy(entry => entry.Key).ElementAt(number % _inFlight.Count).Value;
}
