using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Postoffice.Pipeline;

/// <summary>
/// What one running publisher has in hand: what may be begun, what is in flight, what waits for its ordering key, what has finished and is not yet written, and how
/// far all is settled. Producer, consumers and settler meet here and nowhere else; one short lock guards it.
/// </summary>
internal sealed class DeliveryWindow : IDisposable
{
    private readonly Publisher _publisher;
    private readonly Lease _lease;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Lock _lock = new();
    private readonly FlowControl _flow;
    private readonly SettledSet _settled;
    private readonly KeyLines? _lines;
    private readonly Dictionary<long, InFlight> _inFlight = [];

    /// <summary>Parked deliveries whose row in the store is out of date, and must not be read again, until the batch of this number is written.</summary>
    private readonly Dictionary<long, long> _outdatedUntil = [];
    private readonly Queue<Candidate> _givenBack = new();
    private readonly int _window;
    private readonly int _batchSize;

    /// <summary>The highest position that an owner before has settled or parked.</summary>
    private readonly long _settledBefore;
    private PendingOutcomes _pending = new();
    private ReplayProgress? _replay;
    private string? _lastError;
    private long _sequence;
    private long _written;
    private bool _isDisposed;
    private bool _isCaughtUp;

    /// <summary>How many messages from the log were parked behind their keys since the receiver went down.</summary>
    private long _parkedWhileDown;

    public DeliveryWindow(Publisher publisher, Lease lease, PipelineOptions options, NodeSlots slots, Action wakeProducer, TimeProvider time)
    {
        _publisher = publisher;
        _lease = lease;
        _time = time;
        _start = time.GetTimestamp();
        _window = options.WindowSize;
        _batchSize = options.SettleBatchSize;
        _settled = SettledSet.Restore(lease.Cursor, lease.SettledAbove, options.WindowSize);
        _settledBefore = _settled.Highest;
        _isCaughtUp = _settledBefore == lease.Cursor;
        _lines = publisher.Settings.Ordering == DeliveryOrdering.Key ? new KeyLines() : null;
        _flow = new FlowControl(publisher.Settings, options, slots, wakeProducer);
    }

    /// <summary>The bound on what is in flight.</summary>
    public int MaxDemand => _flow.MaxDemand;

    /// <summary>Whether messages of one ordering key wait for each other.</summary>
    public bool OrdersByKey => _lines is not null;

    /// <summary>How many deliveries are in flight.</summary>
    public int InFlightCount
    {
        get
        {
            lock (_lock)
            {
                return _flow.InFlight;
            }
        }
    }

    /// <summary>How many outcomes wait to be written.</summary>
    public int Unsettled
    {
        get
        {
            lock (_lock)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>Takes over what the store knows of the publisher beside its cursor. Once, before anything is begun.</summary>
    public void Open(IReadOnlyList<KeyLine> lines, Replay? replay)
    {
        lock (_lock)
        {
            // A key that a dead letter has blocked goes on when dead letters block none any more.
            var areBlocking = _publisher.Settings.OnKeyFailure == KeyFailure.Block;
            _lines?.Load(lines.Select(line => line.Kind == KeyHead.Dead && !areBlocking ? line with { Kind = KeyHead.Free } : line));
            _replay = replay is null ? null : new ReplayProgress(replay);
        }
    }

    /// <summary>Reserves what may be begun in this turn; <see cref="EndTurn"/> gives back what is left. When nothing may: when to look again.</summary>
    public Room BeginTurn()
    {
        lock (_lock)
        {
            // Outcomes of parked deliveries lie outside the window: while they cannot be written, no more are taken. The next flush wakes the producer.
            if (_outdatedUntil.Count >= _window)
            {
                _flow.Pass();
                return new Room(0, null, IsProbing: false);
            }

            var begunSinceOpened = _flow.BreakerState == BreakerState.Closed ? 0 : _inFlight.Values.Count(entry => entry.BegunAt >= _flow.OpenedAt);
            return _flow.Reserve(Now, begunSinceOpened);
        }
    }

    public void EndTurn()
    {
        lock (_lock)
        {
            _flow.EndTurn();
        }
    }

    /// <summary>Whether a new message may go out: false when it is settled already, from before this owner's time.</summary>
    public bool IsSettled(long position)
    {
        lock (_lock)
        {
            return _settled.Contains(position);
        }
    }

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

    /// <summary>The positions that must not be read again: parked and held, or being attempted, or attempted and not written down yet.</summary>
    public List<long> ParkedInHand()
    {
        lock (_lock)
        {
            return
            [
                .. _outdatedUntil.Keys,
                .. _inFlight.Values.Where(entry => !entry.Delivery.IsFresh).Select(entry => entry.Delivery.Message.Position),
                .. _lines?.HeldParked ?? [],
                .. _givenBack.Where(candidate => !candidate.IsFresh).Select(candidate => candidate.Position),
            ];
        }
    }

    /// <summary>Takes up a message whose turn has come: from here on it is this window's business.</summary>
    /// <returns>The delivery to hand to the consumers; null when it waits for its ordering key, in memory or parked.</returns>
    public Delivery? Offer(in Candidate candidate)
    {
        lock (_lock)
        {
            if (candidate.Replay != ReplayKind.None)
            {
                _replay!.Taken(candidate.Position);
            }

            switch (IsKeyed(candidate.Message) ? _lines!.Admit(candidate) : Admission.Send)
            {
                case Admission.Send:
                    return Begin(candidate);
                case Admission.ParkBehind:
                    ParkBehind(candidate);
                    return null;
                default:
                    return null;
            }
        }
    }

    /// <summary>The publisher's filter leaves a message out.</summary>
    public void Skip(in Candidate candidate)
    {
        lock (_lock)
        {
            _pending.Skip(candidate);
            _settled.Add(candidate.Position);
            if (candidate.IsParked)
            {
                _outdatedUntil[candidate.Position] = _sequence + 1;
                if (IsKeyed(candidate.Message))
                {
                    _lines!.LeftOut(candidate);
                }
            }

            if (candidate.Replay != ReplayKind.None)
            {
                _replay!.Taken(candidate.Position);
                _replay.Finished(candidate.Position);
            }
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

    /// <summary>Hands over what the store has parked for these keys.</summary>
    public void Refill(IReadOnlyCollection<string> keys, ILookup<string, Candidate> rows)
    {
        lock (_lock)
        {
            foreach (var key in keys)
            {
                _lines!.Refill(key, [.. rows[key]]);
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
            if (IsFullOfRows)
            {
                // It is not the window that is full.
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

    /// <summary>What a receiver has said to an attempt, for the breaker.</summary>
    public void Record(Delivery delivery, SendResult result)
    {
        lock (_lock)
        {
            _flow.Record(result.Outcome, _inFlight[delivery.Message.Position].BegunAt, Now);
            _parkedWhileDown = _flow.IsDown ? _parkedWhileDown : 0;
        }
    }

    /// <summary>Books an attempt's outcome; it is written with the next flush.</summary>
    /// <returns>Who has something to do now.</returns>
    public Finished Finish(Delivery delivery, SendResult result, Decision decision, TimeSpan duration)
    {
        var position = delivery.Message.Position;
        lock (_lock)
        {
            var waited = _pending.Count;
            _inFlight.Remove(position, out var entry);
            var wasOffline = _flow.Measure(result, entry.BegunAt, duration, Now);
            _lastError = result.Outcome == SendOutcome.Accepted ? null : result.Error ?? decision.Reason;

            // Parked while it ran, and ended before that row is written: then there is no row to take away.
            if (delivery.IsParked && _pending.ForgetPark(position))
            {
                delivery.IsParked = false;
            }

            var blocksKey = IsKeyed(delivery.Message) && _publisher.Settings.OnKeyFailure == KeyFailure.Block;
            _pending.Add(delivery, result, decision, duration, blocksKey);
            if (delivery.IsParked)
            {
                _outdatedUntil[position] = _sequence + 1;
            }

            _settled.Add(position);
            if (delivery.Replay != ReplayKind.None)
            {
                _replay?.Finished(position);
            }

            var goesOn = IsKeyed(delivery.Message) && Order(delivery.Message, decision, blocksKey);
            return new Finished(
                WakeProducer: _flow.Finish() | goesOn,
                WakeSettler: waited == 0 || (waited < _batchSize && _pending.Count >= _batchSize),
                IsBack: _flow.TakeIsBack(),
                IsOnline: wasOffline);
        }
    }

    /// <summary>
    /// Gives a delivery back that was not attempted, or whose attempt does not count: our own stop cut it short, or it failed for a reason of this node's own. A
    /// parked one has its row; any other is the producer's again, for the log has been read beyond it.
    /// </summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="isOurFault">It failed by this node's own fault: nothing is sent for a while.</param>
    /// <returns>Whether that fault is new.</returns>
    public bool GiveBack(Delivery delivery, bool isOurFault = false)
    {
        lock (_lock)
        {
            _inFlight.Remove(delivery.Message.Position);
            _flow.Finish();
            var candidate = new Candidate(delivery.Message, delivery.Attempt - 1, delivery.IsParked, delivery.Replay);
            if (IsKeyed(delivery.Message))
            {
                _lines!.GiveBack(candidate);
            }
            else if (!delivery.IsParked)
            {
                _givenBack.Enqueue(candidate);
            }

            return isOurFault && _flow.Hold(Now);
        }
    }

    /// <returns>All outcomes that wait, as one batch; null when there are none.</returns>
    public SettleBatch? TakeBatch()
    {
        lock (_lock)
        {
            if (_pending.Count == 0 && _replay is not { IsAtEnd: true, Open: 0 })
            {
                return null;
            }

            var mark = _replay?.TakeMark();
            if (_replay is { IsAtEnd: true, Open: 0 })
            {
                _replay = null;
            }

            var outcomes = _pending;
            _pending = new PendingOutcomes();
            return outcomes.ToBatch(_publisher, _lease, ++_sequence, _settled, mark);
        }
    }

    /// <summary>The batch is written: what it says of parked deliveries is in the store now.</summary>
    public void Written(SettleBatch batch)
    {
        lock (_lock)
        {
            _written = batch.Sequence;
            foreach (var position in batch.Parked.Select(parked => parked.Position).Concat(batch.Unparked))
            {
                if (_outdatedUntil.TryGetValue(position, out var sequence) && sequence <= batch.Sequence)
                {
                    _outdatedUntil.Remove(position);
                }
            }
        }
    }

    /// <summary>How the publisher does, for those who ask why a message waits.</summary>
    public PublisherReport? Report(double rate)
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                // A publisher that stops is found until it has stopped: there is nothing left to tell of it.
                return null;
            }

            var (now, clock) = (Now, _time.GetUtcNow());
            return new PublisherReport
            {
                At = clock,
                Breaker = _flow.BreakerState switch { BreakerState.Open => "open", BreakerState.HalfOpen => "half_open", _ => "closed" },
                ProbeAt = clock + (_flow.ProbeAt - now),
                LastError = _lastError,
                MaxDemand = _flow.MaxDemand,
                EffectiveDemand = _flow.EffectiveDemand,
                InFlight = _flow.InFlight,
                Rate = rate,
                RateLimitedUntil = clock + _flow.RateLimitedFor,
                OfflineUntil = clock + (_flow.OfflineUntil - now),
                Sending =
                [
                    .. _inFlight.Values.OrderBy(entry => entry.BegunAt).Take(PublisherReport.MaxSending)
                        .Select(entry => ToReport(entry.Delivery, clock - (now - entry.BegunAt), IsKeyed(entry.Delivery.Message))),
                ],
            };
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _flow.Dispose();
        }
    }

    private static SendingReport ToReport(Delivery delivery, DateTimeOffset since, bool isKeyed)
    {
        var message = delivery.Message;
        return isKeyed
            ? new SendingReport(message.Position, delivery.Attempt, since, message.OrderingKey, message.Id)
            : new SendingReport(message.Position, delivery.Attempt, since);
    }

    private Delivery Begin(in Candidate candidate)
    {
        _flow.Begin();
        var delivery = new Delivery
        {
            Message = candidate.Message,
            Attempt = candidate.Attempts + 1,
            IsParked = candidate.IsParked,
            Replay = candidate.Replay,
        };
        _inFlight.Add(candidate.Position, new InFlight(delivery, Now));
        return delivery;
    }

    private void ParkBehind(in Candidate candidate)
    {
        _parkedWhileDown += _flow.IsDown ? 1 : 0;
        _lines!.ParkedBehind(candidate, _sequence + 1);
        _pending.ParkBehind(candidate);
        _settled.Add(candidate.Position);
        if (candidate.IsParked)
        {
            _outdatedUntil[candidate.Position] = _sequence + 1;
        }

        if (candidate.Replay != ReplayKind.None)
        {
            _replay?.Finished(candidate.Position);
        }
    }

    /// <returns>Whether the key goes on.</returns>
    private bool Order(Message message, Decision decision, bool blocksKey)
    {
        if (decision.Kind == DecisionKind.Deliver || (decision.Kind == DecisionKind.DeadLetter && !blocksKey))
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

    private bool IsKeyed(Message message) => _lines is not null && message.OrderingKey is not null;

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Whom a finished delivery concerns.</summary>
    /// <param name="WakeProducer">More deliveries may be read.</param>
    /// <param name="WakeSettler">The first outcome waits to be written, or a batch is full.</param>
    /// <param name="IsBack">The receiver was down, and has just taken a message.</param>
    /// <param name="IsOnline">This node was at fault itself, and is so no more.</param>
    internal readonly record struct Finished(bool WakeProducer, bool WakeSettler, bool IsBack, bool IsOnline);

    private readonly record struct InFlight(Delivery Delivery, TimeSpan BegunAt);
}
