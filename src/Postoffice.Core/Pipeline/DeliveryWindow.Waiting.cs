using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Outcomes;

namespace Postoffice.Pipeline;

/// <content>What waits: in the log until the window has room, for its ordering key in memory or parked, for its turn in a replay.</content>
internal sealed partial class DeliveryWindow
{
    /// <returns>How many positions after <paramref name="position"/> the window can hold; none while too much is parked behind keys that are merely slow.</returns>
    public int RoomAfter(long position)
    {
        lock (_lock)
        {
            return IsFullOfRows ? 0 : (int)Math.Clamp(_settled.Cursor + _window - position, 0, _window);
        }
    }

    /// <summary>
    /// The log is read up to here. What an owner before has parked behind a key may lie beyond messages of that key that were not settled then, and that are read
    /// once more: until they are, no key goes on with its rows.
    /// </summary>
    public void ReadUpTo(long position)
    {
        lock (_lock)
        {
            _isCaughtUp |= position >= _settledBefore;
        }
    }

    /// <summary>Takes the next message that was given back, or whose ordering key may go on.</summary>
    /// <param name="parked">One that was parked; else one from the log.</param>
    /// <returns>The delivery to hand to the consumers; null when there is none.</returns>
    public Delivery? TakeWaiting(bool parked)
    {
        lock (_lock)
        {
            return !parked && _givenBack.TryDequeue(out var returned) ? Begin(returned)
                : _lines is not null && _lines.TryTake(parked, out var candidate) ? Begin(candidate)
                : null;
        }
    }

    /// <summary>Whether fresh mail waits outside the log: given back, or held for its ordering key, which may go on.</summary>
    public bool HasFreshWaiting
    {
        get
        {
            lock (_lock)
            {
                return _givenBack.Count > 0 || _lines is { HasFresh: true };
            }
        }
    }

    /// <summary>Ordering keys that may go on with what is parked for them, at most so many; empty when there are none.</summary>
    public List<string> TakeRefills(int max)
    {
        lock (_lock)
        {
            return _isCaughtUp && _lines is { HasRefills: true } ? _lines.TakeRefills(max, _written) : [];
        }
    }

    /// <summary>Hands over what the store has parked for these keys; so many of each were asked for.</summary>
    public void Refill(IReadOnlyCollection<string> keys, ILookup<string, Candidate> rows, int asked)
    {
        lock (_lock)
        {
            foreach (var key in keys)
            {
                _lines!.Refill(key, [.. rows[key]], asked);
            }
        }
    }

    /// <summary>The read of these keys has failed: they are to be read again.</summary>
    public void RefillLater(IReadOnlyCollection<string> keys)
    {
        lock (_lock)
        {
            _lines?.RefillLater(keys);
        }
    }

    /// <summary>The replay that is under way, and how many of its deliveries may be begun: it gets a quarter of the demand at most.</summary>
    public ReplayRoom? ReplayRoom()
    {
        lock (_lock)
        {
            // Its outcomes lie below the cursor, as those of parked deliveries do: while they cannot be written, no more are taken.
            return _replay is { IsAtEnd: false } replay && _pending.Count < _window
                ? new ReplayRoom(replay.Replay, replay.ReadUpTo, Math.Max(0, Math.Max(1, _flow.EffectiveDemand / 4) - replay.Open), replay.Open > 0)
                : null;
        }
    }

    /// <summary>The store has nothing more of the replay.</summary>
    public void ReplayEnded()
    {
        lock (_lock)
        {
            _replay?.Ended();
        }
    }

    /// <summary>
    /// The window is full because slow attempts hold the cursor: parks them while they run, due at their own deadline, and parks what waits for their ordering
    /// keys. Their outcome, when it comes, takes the parked row away or renews it.
    /// </summary>
    /// <returns>Whether there were any.</returns>
    public bool ParkStragglers()
    {
        lock (_lock)
        {
            if (IsFullOfRows || _settled.Contains(_settled.Cursor + 1))
            {
                // It is not the window that is full; or the cursor moves with the next flush, and no attempt holds it up.
                return false;
            }

            var upTo = _settled.Cursor + (_window / 2);
            var found = false;
            foreach (var (position, entry) in _inFlight)
            {
                if (!entry.Delivery.IsFresh || position > upTo)
                {
                    continue;
                }

                found = true;
                entry.Delivery.IsParked = true;
                _settled.Add(position);
                var untilDeadline = entry.BegunAt + _publisher.Settings.Timeout - Now;
                _pending.ParkRunning(entry.Delivery, untilDeadline > TimeSpan.Zero ? untilDeadline : TimeSpan.Zero);
            }

            foreach (var held in _lines?.Spill(upTo) ?? [])
            {
                found = true;
                ParkBehind(held);
            }

            return found;
        }
    }

    private void ParkBehind(in Candidate candidate)
    {
        _parkedWhileDown += _flow.IsDown ? 1 : 0;
        _lines!.ParkedBehind(candidate, _sequence + 1);
        _pending.ParkBehind(candidate);
        _settled.Add(candidate.Position);
        if (candidate.IsParked)
        {
            _outdated.Add(candidate.Position, _sequence + 1);
        }

        if (candidate.Replay != ReplayKind.None)
        {
            _replay?.Finished(candidate.Position);
        }
    }

    /// <returns>Whether the key goes on.</returns>
    private bool Order(Message message, Decision decision)
    {
        if (decision.Kind == DecisionKind.Deliver || (decision.Kind == DecisionKind.DeadLetter && !BlocksKey(message)))
        {
            _lines!.GoOn(message.OrderingKey!);
            return true;
        }

        foreach (var held in _lines!.Block(message.OrderingKey!, message.Position))
        {
            ParkBehind(held);
        }

        return false;
    }

    /// <summary>
    /// The log is read no further: too much is parked behind keys that are merely slow, until they have caught up (they cannot before we have); or behind those
    /// that have failed since the receiver went down, or the search for a probe would turn all of the log into rows. Then the first that is due is the probe.
    /// </summary>
    private bool IsFullOfRows => (_isCaughtUp && _lines?.Spilled >= _window) || _parkedWhileDown >= _window;
}
