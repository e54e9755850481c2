using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.Pipeline;

/// <summary>
/// What one running publisher has in hand: what may be begun, what is in flight, what waits for its ordering key, what has finished and is not yet written, and how
/// far all is settled. Producer, consumers and settler meet here and nowhere else; one short lock guards it.
/// </summary>
internal sealed partial class DeliveryWindow : IDisposable
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

    private readonly OutdatedRows _outdated = new();
    private readonly Queue<Candidate> _givenBack = new();
    private readonly int _window;
    private readonly int _flushSize;

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

    /// <param name="publisher">The publisher, as it stands.</param>
    /// <param name="lease">Where it stands in the log.</param>
    /// <param name="options">The settings.</param>
    /// <param name="maxBatch">How many deliveries go out in one call.</param>
    /// <param name="slots">The node's bound on calls in flight.</param>
    /// <param name="wakeProducer">Called when something may be begun again.</param>
    /// <param name="time">The clock.</param>
    public DeliveryWindow(
        Publisher publisher, Lease lease, PipelineOptions options, int maxBatch, NodeSlots slots, Action wakeProducer, TimeProvider time)
    {
        _publisher = publisher;
        _lease = lease;
        _time = time;
        _start = time.GetTimestamp();
        _window = options.WindowSize;
        _flushSize = options.SettleBatchSize;
        _settled = SettledSet.Restore(lease.Cursor, lease.SettledAbove, options.WindowSize);
        _settledBefore = _settled.Highest;
        _isCaughtUp = _settledBefore == lease.Cursor;
        _lines = publisher.Settings.Ordering == DeliveryOrdering.Key ? new KeyLines() : null;
        _flow = new FlowControl(publisher.Settings, options, maxBatch, slots, wakeProducer);
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
            if (_outdated.Count >= _window)
            {
                _flow.Pass();
                return new Room(0, null, IsProbing: false);
            }

            var begunSinceOpened = _flow.BreakerState == BreakerState.Closed ? 0 : _inFlight.Values.Count(entry => entry.BegunAt >= _flow.OpenedAt);
            return _flow.Reserve(Now, begunSinceOpened);
        }
    }

    /// <summary>Nothing is begun in this turn: a slot of the node that is set aside for this publisher is another's.</summary>
    public void PassTurn()
    {
        lock (_lock)
        {
            _flow.Pass();
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
        // Nearly always beyond: no lock for each message.
        if (position > _settledBefore)
        {
            return false;
        }

        lock (_lock)
        {
            return _settled.Contains(position);
        }
    }

    /// <summary>The positions that must not be read again: parked and held, or being attempted, or attempted and not written down yet.</summary>
    public List<long> ParkedInHand()
    {
        lock (_lock)
        {
            return
            [
                .. _outdated.Positions,
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
                _outdated.Add(candidate.Position, _sequence + 1);
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
            _outdated.Written(batch);
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

    private Delivery Begin(in Candidate candidate)
    {
        _flow.Begin(candidate.Message.Payload.Length);
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

    private bool IsKeyed(Message message) => _lines is not null && message.OrderingKey is not null;

    private TimeSpan Now => _time.GetElapsedTime(_start);

    private readonly record struct InFlight(Delivery Delivery, TimeSpan BegunAt);
}
