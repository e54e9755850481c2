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
    private readonly List<long> _skipped = [];
    private readonly List<long> _revived = [];
    private ReplayMark? _replay;

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

    public Settlement Park(long position, TimeSpan delay, int attempts = 1, string reason = "503", string? key = null)
    {
        _settled.Add(position);
        _parked.Add(new ParkEntry(position, attempts, delay, reason, key));
        return this;
    }

    /// <summary>Parks behind another of the key: with no due time.</summary>
    public Settlement ParkBehind(string key, params long[] positions)
    {
        foreach (var position in positions)
        {
            _settled.Add(position);
            _parked.Add(new ParkEntry(position, Attempts: 0, Delay: null, ParkEntry.BehindKey, key));
        }

        return this;
    }

    public Settlement Unpark(long position)
    {
        _unparked.Add(position);
        return this;
    }

    public Settlement Kill(
        long position, int attempts = 1, int? statusCode = 400, string reason = "attempts", string error = "bad request",
        string group = "", string? key = null, bool blocksKey = false)
    {
        _settled.Add(position);
        _dead.Add(new DeadEntry(position, attempts, statusCode, reason, error, group, key, blocksKey));
        return this;
    }

    public Settlement Skip(params long[] positions)
    {
        foreach (var position in positions)
        {
            _settled.Add(position);
            _skipped.Add(position);
        }

        return this;
    }

    /// <summary>A replay has delivered or parked the dead letter.</summary>
    public Settlement Revive(long position)
    {
        _revived.Add(position);
        return this;
    }

    /// <summary>The replay has come so far.</summary>
    public Settlement Replayed(Guid replayId, long upTo)
    {
        _replay = new ReplayMark(replayId, upTo);
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
        Skipped = _skipped,
        Revived = _revived,
        Replay = _replay,
    };
}
