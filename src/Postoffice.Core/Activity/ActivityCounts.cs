using Postoffice.Storage;

namespace Postoffice.Activity;

/// <summary>What <see cref="ActivityRecorder"/> has counted of one row; its lock guards it.</summary>
internal sealed class ActivityCounts
{
    private long _received;
    private long _advanced;
    private long _delivered;
    private long _failed;
    private long _skipped;
    private long _dead;
    private int[]? _latencies;

    /// <summary>Grows with every change.</summary>
    private long _version;

    /// <summary>The version that the store has.</summary>
    private long _written;

    public bool IsChanged => _version > _written;

    public void AddReceived(int messages)
    {
        _version++;
        _received += messages;
    }

    public void Add(SettleBatch batch, long advanced, ReadOnlySpan<int> latencies)
    {
        _version++;
        _advanced += advanced;
        _delivered += batch.Delivered.Count;
        _failed += batch.Failed.Count;
        _skipped += batch.Skipped.Count;
        _dead += batch.Dead.Count;
        if (batch.Delivered.Count > 0)
        {
            _latencies ??= new int[LatencyHistogram.Buckets];
            for (var bucket = 0; bucket < latencies.Length; bucket++)
            {
                _latencies[bucket] += latencies[bucket];
            }
        }
    }

    public void Written(long version) => _written = Math.Max(_written, version);

    public (ActivityRow Row, long Version) ToRow(ActivityKey key) => (
        new ActivityRow(key.Minute, key.TopicId, key.PublisherId)
        {
            Received = _received,
            Advanced = _advanced,
            Delivered = _delivered,
            Failed = _failed,
            Skipped = _skipped,
            Dead = _dead,
            // Without the zeros at the end, of which there are many.
            Latencies = _latencies is null ? [] : _latencies[..(Array.FindLastIndex(_latencies, static count => count > 0) + 1)],
        },
        _version);
}

/// <summary>Which row: minute, topic, publisher.</summary>
internal readonly record struct ActivityKey(DateTimeOffset Minute, long TopicId, long PublisherId);

/// <summary>Rows to write, each with the version that it shows.</summary>
internal sealed record ActivityChanges(IReadOnlyList<(ActivityRow Row, long Version)> Rows);
