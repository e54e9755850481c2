using Postoffice.Storage;

namespace Postoffice.Activity;

/// <summary>
/// Counts in memory what this node does, by minute, topic and publisher; <see cref="ActivityWriter"/> writes it down. Told once for each append and each settled
/// flush, never for a single message.
/// </summary>
internal sealed class ActivityRecorder(TimeProvider time)
{
    /// <summary>Nobody is shown more; during a long outage what is older is dropped.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    /// <summary>
    /// How long a minute stays here after its end though it is written: a row is overwritten as a whole, so a clock that is set back a little must find it.
    /// </summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<ActivityKey, ActivityCounts> _counts = [];
    private long _offsetTicks;

    /// <summary>By how much the clock of the store is ahead of this node's; zero until the first write.</summary>
    public TimeSpan ClockOffset => TimeSpan.FromTicks(Interlocked.Read(ref _offsetTicks));

    /// <summary>A topic's log has grown.</summary>
    public void Received(long topicId, int messages)
    {
        lock (_lock)
        {
            At(topicId, publisherId: 0).AddReceived(messages);
        }
    }

    /// <summary>A flush of a publisher is written.</summary>
    /// <param name="batch">The flush.</param>
    /// <param name="advanced">How many positions the cursor has passed with it.</param>
    public void Settled(SettleBatch batch, long advanced)
    {
        // Sorted before the lock is taken, which all publishers share.
        Span<int> latencies = stackalloc int[LatencyHistogram.Buckets];
        latencies.Clear();
        var offset = ClockOffset;
        for (var index = 0; index < batch.Delivered.Count; index++)
        {
            if (batch.Delivered[index].Age is { } age)
            {
                latencies[LatencyHistogram.BucketOf(age + offset)]++;
            }
        }

        lock (_lock)
        {
            At(batch.TopicId, batch.PublisherId).Add(batch, advanced, latencies);
        }
    }

    /// <returns>The rows that have changed since they were written.</returns>
    public ActivityChanges Changes()
    {
        var minute = Minute();
        lock (_lock)
        {
            foreach (var (key, counts) in _counts)
            {
                if (key.Minute < minute - Kept || (key.Minute < minute - Settling && !counts.IsChanged))
                {
                    _counts.Remove(key);
                }
            }

            return new ActivityChanges([.. _counts.Where(entry => entry.Value.IsChanged).Select(entry => entry.Value.ToRow(entry.Key))]);
        }
    }

    /// <summary>The store has the rows.</summary>
    public void Written(ActivityChanges changes)
    {
        lock (_lock)
        {
            foreach (var (row, version) in changes.Rows)
            {
                if (_counts.TryGetValue(new ActivityKey(row.Minute, row.TopicId, row.PublisherId), out var counts))
                {
                    counts.Written(version);
                }
            }
        }
    }

    /// <summary>The store has told its time.</summary>
    /// <param name="storeTime">What it said.</param>
    /// <param name="nodeTime">What this node's clock showed in the middle of the question.</param>
    public void Measured(DateTimeOffset storeTime, DateTimeOffset nodeTime) => Interlocked.Exchange(ref _offsetTicks, (storeTime - nodeTime).Ticks);

    private ActivityCounts At(long topicId, long publisherId)
    {
        var key = new ActivityKey(Minute(), topicId, publisherId);
        if (!_counts.TryGetValue(key, out var counts))
        {
            counts = new ActivityCounts();
            _counts.Add(key, counts);
        }

        return counts;
    }

    private DateTimeOffset Minute() => ActivityMinutes.Of(time.GetUtcNow() + ClockOffset);
}
