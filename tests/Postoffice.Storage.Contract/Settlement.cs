using Postoffice.Cluster;

namespace Postoffice.Storage.Contract;

/// <summary>
/// Builds a <see cref="SettleBatch"/> as a pipeline does: what is delivered, dead or parked is settled, cursor and bitmap follow from that.
/// It begins where the lease says; <see cref="UpTo"/> stands for what earlier batches have settled. Converts to the batch by itself.
/// </summary>
internal sealed class Settlement(long topicId, Lease lease, long sequence = 1)
{
    private readonly SettledSet _settled = SettledSet.Restore(lease.Cursor, lease.SettledAbove, capacity: 8_192);
    private readonly List<DeliveredEntry> _delivered = [];
    private readonly List<FailedEntry> _failed = [];
    private readonly List<ParkEntry> _parked = [];
    private readonly List<long> _unparked = [];
    private readonly List<DeadEntry> _dead = [];

    public static implicit operator SettleBatch(Settlement settlement) => settlement.ToBatch();

    public Settlement Deliver(params long[] positions) => positions.Aggregate(this, (settlement, position) => settlement.Deliver(position, 1, 200, default));

    public Settlement Deliver(long position, int attempts, int? statusCode, TimeSpan duration)
    {
        _settled.Add(position);
        _delivered.Add(new DeliveredEntry(position, attempts, statusCode, duration));
        return this;
    }

    public Settlement Fail(long position, int attempt, int? statusCode = 503, TimeSpan duration = default, string error = "unavailable")
    {
        _failed.Add(new FailedEntry(position, attempt, statusCode, duration, error));
        return this;
    }

    public Settlement Park(long position, TimeSpan delay, int attempts = 1, string reason = "503")
    {
        _settled.Add(position);
        _parked.Add(new ParkEntry(position, attempts, delay, reason));
        return this;
    }

    public Settlement Unpark(long position)
    {
        _unparked.Add(position);
        return this;
    }

    public Settlement Kill(long position, int attempts = 1, int? statusCode = 400, string reason = "attempts", string error = "bad request")
    {
        _settled.Add(position);
        _dead.Add(new DeadEntry(position, attempts, statusCode, reason, error));
        return this;
    }

    /// <summary>Everything up to here is settled, without an entry in any list.</summary>
    public Settlement UpTo(long cursor)
    {
        for (var position = lease.Cursor + 1; position <= cursor; position++)
        {
            _settled.Add(position);
        }

        return this;
    }

    private SettleBatch ToBatch() => new()
    {
        TopicId = topicId,
        PublisherId = lease.PublisherId,
        Epoch = lease.Epoch,
        Sequence = sequence,
        Cursor = _settled.Advance(),
        SettledAbove = _settled.ToArray(),
        Delivered = _delivered,
        Failed = _failed,
        Parked = _parked,
        Unparked = _unparked,
        Dead = _dead,
    };
}
