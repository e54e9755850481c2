using Postoffice.Storage;

namespace Postoffice.Activity;

/// <summary>All at one moment, as it is shown.</summary>
internal sealed record Overview
{
    public const int MaxAttention = 50;

    public required DateTimeOffset At { get; init; }

    public required long Received { get; init; }

    public required long Delivered { get; init; }

    /// <summary>Messages a second, over the last minute.</summary>
    public required double ReceivedRate { get; init; }

    public required double DeliveredRate { get; init; }

    /// <summary>Messages beyond the cursors, over all publishers.</summary>
    public required long Waiting { get; init; }

    public required long Parked { get; init; }

    public required long Dead { get; init; }

    public required IReadOnlyList<ActivityMinute> Minutes { get; init; }

    /// <summary>Recent deliveries by how long they took: see <see cref="LatencyHistogram"/>.</summary>
    public required IReadOnlyList<long> Latencies { get; init; }

    public required long Topics { get; init; }

    public required int Publishers { get; init; }

    public required int Paused { get; init; }

    public required IReadOnlyList<(OverviewPublisher Publisher, Attention Attention)> Attention { get; init; }

    public required IReadOnlyList<NodeStatus> Nodes { get; init; }

    public static Overview From(OverviewReading reading)
    {
        var (activity, publishers) = (reading.Activity, reading.Publishers);
        var minutes = ActivityMinutes.Fill(activity);
        return new Overview
        {
            At = activity.At,
            Received = reading.Received,
            Delivered = publishers.Sum(publisher => publisher.Delivered),
            ReceivedRate = ActivityMinutes.PerSecond(minutes[^2].Received, minutes[^1].Received, activity.At),
            DeliveredRate = ActivityMinutes.PerSecond(minutes[^2].Delivered, minutes[^1].Delivered, activity.At),
            Waiting = publishers.Sum(publisher => publisher.Lag),
            Parked = publishers.Sum(publisher => publisher.Parked),
            Dead = publishers.Sum(publisher => publisher.Dead),
            Minutes = minutes,
            Latencies = activity.Latencies,
            Topics = reading.Topics,
            Publishers = publishers.Count,
            Paused = publishers.Count(publisher => !publisher.Active),
            Attention = AttentionPolicy.Judge(publishers, activity.At, MaxAttention),
            Nodes = reading.Nodes,
        };
    }
}
