using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Postoffice.Pipeline;

/// <summary>Outcomes that wait to be written: the making of one <see cref="SettleBatch"/>. The delivery window's lock guards it.</summary>
internal sealed class PendingOutcomes
{
    private readonly List<DeliveredEntry> _delivered = [];
    private readonly List<FailedEntry> _failed = [];
    private readonly List<ParkEntry> _parked = [];
    private readonly List<long> _unparked = [];
    private readonly List<DeadEntry> _dead = [];
    private readonly List<long> _skipped = [];
    private readonly List<long> _revived = [];

    /// <summary>How many outcomes wait: each attempt, skipped message and parked message once, whatever is written for it.</summary>
    public int Count { get; private set; }

    public void Add(Delivery delivery, SendResult result, Decision decision, TimeSpan duration, TimeSpan? age, bool blocksKey)
    {
        var message = delivery.Message;
        Count++;
        if (decision.Kind == DecisionKind.Deliver)
        {
            _delivered.Add(new DeliveredEntry(message.Position, delivery.Attempt, result.StatusCode, duration, age));
        }
        else
        {
            var error = result.Error ?? decision.Reason;
            _failed.Add(new FailedEntry(message.Position, delivery.Attempt, result.StatusCode, duration, error));
            if (decision.Kind == DecisionKind.DeadLetter)
            {
                _dead.Add(new DeadEntry(
                    message.Position, delivery.Attempt, result.StatusCode, decision.Reason, error, ErrorGroup.Of(result.StatusCode, error),
                    message.OrderingKey, blocksKey));
            }
            else
            {
                _parked.Add(new ParkEntry(message.Position, delivery.Attempt, decision.Delay, decision.Reason, message.OrderingKey));
            }
        }

        // A dead letter that a replay has in hand may have been retried meanwhile: this was its attempt, and no row may outlive it.
        if ((delivery.IsParked || delivery.Replay == ReplayKind.Dead) && decision.Kind is DecisionKind.Deliver or DecisionKind.DeadLetter)
        {
            _unparked.Add(message.Position);
        }

        if (delivery.Replay == ReplayKind.Dead && decision.Kind != DecisionKind.DeadLetter)
        {
            _revived.Add(message.Position);
        }
    }

    /// <summary>The publisher's filter leaves a message out.</summary>
    public void Skip(in Candidate candidate)
    {
        Count++;
        if (candidate.Replay == ReplayKind.None)
        {
            _skipped.Add(candidate.Position);
        }

        if (candidate.IsParked)
        {
            _unparked.Add(candidate.Position);
        }
    }

    /// <summary>A message waits behind another of its ordering key.</summary>
    public void ParkBehind(in Candidate candidate)
    {
        Count++;
        _parked.Add(new ParkEntry(candidate.Position, candidate.Attempts, Delay: null, ParkEntry.BehindKey, candidate.Message.OrderingKey));
        if (candidate.Replay == ReplayKind.Dead)
        {
            _revived.Add(candidate.Position);
        }
    }

    /// <summary>Parks an attempt while it runs: its row counts the attempts before it, and is due when it must have ended.</summary>
    public void ParkRunning(Delivery delivery, TimeSpan untilDeadline)
    {
        Count++;
        _parked.Add(new ParkEntry(delivery.Message.Position, delivery.Attempt - 1, untilDeadline, ParkEntry.InFlight, delivery.Message.OrderingKey));
    }

    /// <returns>Whether a row to be parked for the position was still unwritten; it is not written then.</returns>
    public bool ForgetPark(long position)
    {
        var forgotten = _parked.RemoveAll(entry => entry.Position == position);
        Count -= forgotten;
        return forgotten > 0;
    }

    public SettleBatch ToBatch(Publisher publisher, Lease lease, long sequence, SettledSet settled, ReplayMark? replay) => new()
    {
        TopicId = publisher.TopicId,
        PublisherId = publisher.Id,
        Epoch = lease.Epoch,
        Sequence = sequence,
        Cursor = settled.Advance(),
        SettledAbove = settled.ToArray(),
        Delivered = _delivered,
        Failed = _failed,
        Parked = _parked,
        Unparked = _unparked,
        Dead = _dead,
        Skipped = _skipped,
        Revived = _revived,
        Replay = replay,
    };
}
