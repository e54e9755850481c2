using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Postoffice.Pipeline;

/// <summary>
/// What one running publisher has in hand: its demand, its breaker, what is in flight, what has finished and is not yet written, and how far all is settled.
/// Producer, consumers and settler meet here and nowhere else; one short lock guards it.
/// </summary>
internal sealed class DeliveryWindow
{
    private readonly Publisher _publisher;
    private readonly Lease _lease;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Lock _lock = new();
    private readonly Demand _demand;
    private readonly Breaker _breaker = new();
    private readonly SettledSet _settled;
    private readonly Dictionary<long, InFlight> _inFlight = [];

    /// <summary>Parked deliveries whose row in the store is out of date, and must not be read again, until the batch of this number is written.</summary>
    private readonly Dictionary<long, long> _outdatedUntil = [];
    private readonly Queue<Message> _givenBack = new();
    private readonly int _window;
    private readonly int _batchSize;
    private PendingOutcomes _pending = new();
    private long _sequence;

    public DeliveryWindow(Publisher publisher, Lease lease, PipelineOptions options, TimeProvider time)
    {
        _publisher = publisher;
        _lease = lease;
        _time = time;
        _start = time.GetTimestamp();
        _window = options.WindowSize;
        _batchSize = options.SettleBatchSize;
        _settled = SettledSet.Restore(lease.Cursor, lease.SettledAbove, options.WindowSize);

        var max = publisher.Settings.MaxDemand ?? options.MaxDemand;
        var min = publisher.Settings.MinDemand ?? options.MinDemand ?? max / 2;
        _demand = new Demand(max, Math.Min(min, max - 1));
    }

    /// <summary>The bound on what is in flight.</summary>
    public int MaxDemand => _demand.Max;

    /// <summary>How many deliveries are in flight.</summary>
    public int InFlightCount
    {
        get
        {
            lock (_lock)
            {
                return _demand.InFlight;
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

    /// <summary>How many may be read now, and when to look again if none may: what the demand, the breaker and the window leave.</summary>
    public Room Room()
    {
        lock (_lock)
        {
            // Outcomes of parked deliveries lie outside the window: while they cannot be written, no more are taken. The next flush wakes the producer.
            if (_outdatedUntil.Count >= _window)
            {
                return new Room(0, null, IsProbing: false);
            }

            var now = Now;
            var allowed = _breaker.AllowedInFlight(now);
            if (_breaker.State == BreakerState.HalfOpen)
            {
                // What was under way before it opened is no probe.
                allowed -= _inFlight.Values.Count(entry => entry.BegunAt >= _breaker.OpenedAt);
            }

            return _breaker.State == BreakerState.Open
                ? new Room(0, _breaker.ProbeAt - now, IsProbing: false)
                : new Room(Math.Max(0, Math.Min(_demand.Pending, allowed)), null, _breaker.IsProbing);
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

    /// <returns>How many positions after <paramref name="position"/> the window can hold.</returns>
    public int RoomAfter(long position)
    {
        lock (_lock)
        {
            return (int)Math.Clamp(_settled.Cursor + _window - position, 0, _window);
        }
    }

    /// <summary>The positions whose parked row is in hand: being attempted, or attempted and not written down yet. They must not be read again.</summary>
    public List<long> ParkedInHand()
    {
        lock (_lock)
        {
            return [.. _outdatedUntil.Keys, .. _inFlight.Values.Where(entry => entry.Delivery.IsParked).Select(entry => entry.Delivery.Message.Position)];
        }
    }

    /// <summary>Takes up a delivery: from here to <see cref="Finish"/> it is in flight.</summary>
    public Delivery Begin(Message message, int attempts, bool isParked)
    {
        var delivery = new Delivery { Message = message, Attempt = attempts + 1, IsParked = isParked };
        lock (_lock)
        {
            _inFlight.Add(message.Position, new InFlight(delivery, Now));
            _demand.Take(1);
        }

        return delivery;
    }

    /// <summary>
    /// The window is full because slow attempts hold the cursor: parks them while they run, due at their own deadline. Their outcome, when it comes,
    /// takes the parked row away or renews it.
    /// </summary>
    /// <returns>Whether there were any.</returns>
    public bool ParkStragglers()
    {
        lock (_lock)
        {
            var found = false;
            foreach (var (position, entry) in _inFlight)
            {
                if (entry.Delivery.IsParked || position > _settled.Cursor + (_window / 2))
                {
                    continue;
                }

                found = true;
                entry.Delivery.IsParked = true;
                _settled.Add(position);
                var untilDeadline = entry.BegunAt + _publisher.Settings.Timeout - Now;
                _pending.ParkRunning(entry.Delivery, untilDeadline > TimeSpan.Zero ? untilDeadline : TimeSpan.Zero);
            }

            return found;
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
            var (wasClosed, wasDown) = (_breaker.State == BreakerState.Closed, _breaker.IsDown);
            _inFlight.Remove(position, out var entry);
            _breaker.Record(result.Outcome, entry.BegunAt, _demand.Max, Now, Random.Shared.NextDouble());

            // Parked while it ran, and ended before that row is written: then there is no row to take away.
            if (delivery.IsParked && _pending.ForgetPark(position))
            {
                delivery.IsParked = false;
            }

            _pending.Add(delivery, result, decision, duration);
            if (delivery.IsParked)
            {
                _outdatedUntil[position] = _sequence + 1;
            }

            _settled.Add(position);
            return new Finished(
                WakeProducer: _demand.Finish() > 0 || !wasClosed || _breaker.State != BreakerState.Closed,
                WakeSettler: waited == 0 || (waited < _batchSize && _pending.Count >= _batchSize),
                IsBack: wasDown && !_breaker.IsDown);
        }
    }

    /// <summary>
    /// Gives a delivery back that was not attempted, or whose attempt our own stop cut short. A parked one has its row; any other is the producer's again, for
    /// the log has been read beyond it.
    /// </summary>
    public void Abandon(Delivery delivery)
    {
        lock (_lock)
        {
            _inFlight.Remove(delivery.Message.Position);
            _demand.Finish();
            if (!delivery.IsParked)
            {
                _givenBack.Enqueue(delivery.Message);
            }
        }
    }

    /// <summary>Whether a message waits that was given back.</summary>
    public bool HasGivenBack
    {
        get
        {
            lock (_lock)
            {
                return _givenBack.Count > 0;
            }
        }
    }

    /// <returns>A message that was given back; null when there is none.</returns>
    public Message? TakeGivenBack()
    {
        lock (_lock)
        {
            return _givenBack.TryDequeue(out var message) ? message : null;
        }
    }

    /// <returns>All outcomes that wait, as one batch; null when there are none.</returns>
    public SettleBatch? TakeBatch()
    {
        lock (_lock)
        {
            if (_pending.Count == 0)
            {
                return null;
            }

            var outcomes = _pending;
            _pending = new PendingOutcomes();
            return outcomes.ToBatch(_publisher, _lease, ++_sequence, _settled);
        }
    }

    /// <summary>The batch is written: what it says of parked deliveries is in the store now.</summary>
    public void Written(SettleBatch batch)
    {
        lock (_lock)
        {
            foreach (var position in batch.Parked.Select(parked => parked.Position).Concat(batch.Unparked))
            {
                if (_outdatedUntil.TryGetValue(position, out var sequence) && sequence <= batch.Sequence)
                {
                    _outdatedUntil.Remove(position);
                }
            }
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Whom a finished delivery concerns.</summary>
    /// <param name="WakeProducer">More deliveries may be read.</param>
    /// <param name="WakeSettler">The first outcome waits to be written, or a batch is full.</param>
    /// <param name="IsBack">The receiver was down, and has just taken a message.</param>
    internal readonly record struct Finished(bool WakeProducer, bool WakeSettler, bool IsBack);

    private readonly record struct InFlight(Delivery Delivery, TimeSpan BegunAt);
}
