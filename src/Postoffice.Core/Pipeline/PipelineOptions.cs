using Postoffice.Publishers;

namespace Postoffice.Pipeline;

/// <summary>How messages are delivered: section <c>Postoffice:Pipeline</c>.</summary>
public sealed class PipelineOptions
{
    /// <summary>Whether this node delivers at all; a node that only takes messages in sets it to false.</summary>
    /// <value>True.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Hard bound on deliveries asked for and not finished, for publishers that name none.</summary>
    /// <value>50; 1 to 1,000. A publisher whose transport sends batches asks for four of them when that is more, up to 1,000.</value>
    public int MaxDemand { get; set; } = 50;

    /// <summary>How many deliveries must have finished before more are asked for, for publishers that name none.</summary>
    /// <value>Half of the demand (null), as always for a publisher whose transport sends batches; 0 to <see cref="MaxDemand"/> − 1.</value>
    public int? MinDemand { get; set; }

    /// <summary>When more deliveries are asked for, for publishers that do not say.</summary>
    /// <value><see cref="DemandMode.Completed"/>.</value>
    public DemandMode DemandMode { get; set; } = DemandMode.Completed;

    /// <summary>Whether the demand of publishers that do not say shrinks when the receiver throttles, times out or slows down, and grows again when it recovers.</summary>
    /// <value>True.</value>
    public bool AdaptiveDemand { get; set; } = true;

    /// <summary>
    /// The most deliveries in flight on this node, over all publishers, which share them fairly; no publisher's demand may be higher, whatever its settings say.
    /// </summary>
    /// <value>1,000; 1 to 100,000.</value>
    public int MaxInFlight { get; set; } = 1_000;

    /// <summary>How often the node looks for messages, due deliveries and changed publishers that nobody told it of.</summary>
    /// <value>1 second, ±20 %; 10 milliseconds to 1 minute.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a finished attempt may wait for others before it is written.</summary>
    /// <value>50 milliseconds; 0 to 1 second.</value>
    public TimeSpan SettleDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How many finished attempts are written at once without waiting longer.</summary>
    /// <value>200; 1 to 10,000.</value>
    public int SettleBatchSize { get; set; } = 200;

    /// <summary>How many positions a publisher may be ahead of its cursor; an attempt that holds the window up is parked while it runs.</summary>
    /// <value>4,096; 256 to 65,536.</value>
    public int WindowSize { get; set; } = 4_096;

    /// <summary>How long a stopping node waits for attempts that are under way.</summary>
    /// <value>30 seconds; 0 to 10 minutes. The host's shutdown timeout must be longer.</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
