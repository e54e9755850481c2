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

    /// <summary>A failed attempt counts once, whatever follows from it; an attempt parked while it runs has not failed.</summary>
    public int Count => _delivered.Count + Math.Max(_failed.Count, _parked.Count);

    public void Add(Delivery delivery, SendResult result, Decision decision, TimeSpan duration)
    {
        var position = delivery.Message.Position;
        if (decision.Kind == DecisionKind.Deliver)
        {
            _delivered.Add(new DeliveredEntry(position, delivery.Attempt, result.StatusCode, duration));
        }
        else
        {
            var error = result.Error ?? decision.Reason;
            _failed.Add(new FailedEntry(position, delivery.Attempt, result.StatusCode, duration, error));
            if (decision.Kind == DecisionKind.DeadLetter)
            {
                _dead.Add(new DeadEntry(position, delivery.Attempt, result.StatusCode, decision.Reason, error));
            }
            else
            {
                _parked.Add(new ParkEntry(position, delivery.Attempt, decision.Delay, decision.Reason));
            }
        }

        if (delivery.IsParked && decision.Kind is DecisionKind.Deliver or DecisionKind.DeadLetter)
        {
            _unparked.Add(position);
        }
    }

    /// <summary>Parks an attempt while it runs: its row counts the attempts before it, and is due when it must have ended.</summary>
    public void ParkRunning(Delivery delivery, TimeSpan untilDeadline) =>
        _parked.Add(new ParkEntry(delivery.Message.Position, delivery.Attempt - 1, untilDeadline, "in flight"));

    /// <returns>Whether a row to be parked for the position was still unwritten; it is not written then.</returns>
    public bool ForgetPark(long position) => _parked.RemoveAll(entry => entry.Position == position) > 0;

    public SettleBatch ToBatch(Publisher publisher, Lease lease, long sequence, SettledSet settled) => new()
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
    };
}
