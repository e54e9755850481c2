using Postoffice.Publishers;

namespace Postoffice.Storage;

/// <summary>How all is, for people who look at it: figures of topics, publishers and nodes, each read in one round trip.</summary>
internal interface IOverviewStore
{
    Task<OverviewReading> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Asked every second while somebody looks: its cost goes with the number of topics and publishers, never with that of messages.</summary>
    Task<PulseReading> PulseAsync(CancellationToken cancellationToken);

    /// <returns>The nodes that said within the last minute that they live, those that started first before the others.</returns>
    Task<IReadOnlyList<NodeStatus>> NodesAsync(CancellationToken cancellationToken);

    /// <returns>The figures of these topics; one that is not there is missing.</returns>
    Task<IReadOnlyDictionary<long, TopicFigures>> TopicsAsync(IReadOnlyCollection<long> topicIds, CancellationToken cancellationToken);
}

/// <summary>All at one moment.</summary>
/// <param name="Activity">Of everything.</param>
/// <param name="Topics">How many topics there are.</param>
/// <param name="Received">The sum of their last positions.</param>
/// <param name="Publishers">Those that are not deleted, in order of number.</param>
/// <param name="Nodes">Those that live.</param>
internal sealed record OverviewReading(
    ActivityReading Activity, long Topics, long Received, IReadOnlyList<OverviewPublisher> Publishers, IReadOnlyList<NodeStatus> Nodes);

/// <summary>A publisher and how it does, in few columns.</summary>
internal sealed record OverviewPublisher
{
    public required long Id { get; init; }

    public required string Topic { get; init; }

    public required string Type { get; init; }

    public required string Target { get; init; }

    public required bool Active { get; init; }

    public string? PausedReason { get; init; }

    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>When it was created or last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    public required long Cursor { get; init; }

    public required long Head { get; init; }

    /// <summary>Deliveries made since it was created.</summary>
    public long Delivered { get; init; }

    public long Parked { get; init; }

    public long Dead { get; init; }

    /// <summary>When the oldest of its dead letters died.</summary>
    public DateTimeOffset? OldestDead { get; init; }

    /// <summary>Whether a dead letter holds up an ordering key.</summary>
    public bool HasBlockedKey { get; init; }

    /// <summary>Who runs it, by a lease that is valid now, and what that node last said of it; null when nobody does.</summary>
    public PublisherOwner? Owner { get; init; }

    /// <summary>When the lease ran out that nobody gave back; null when it is valid, or was given back.</summary>
    public DateTimeOffset? LeaseEnded { get; init; }

    /// <summary>Why its stored settings cannot be read; looked for only where its node says nothing of it.</summary>
    public string? Fault { get; init; }

    /// <summary>What its topic has received in the last five full minutes.</summary>
    public long RecentlyReceived { get; init; }

    /// <summary>How many positions its cursor has passed in the last five full minutes.</summary>
    public long RecentlyAdvanced { get; init; }

    public long Lag => Math.Max(0, Head - Cursor);

    /// <returns>What is wrong with the settings as they are stored; null when nothing is, or when they were not asked for.</returns>
    public static string? FaultOf(string? settings) => settings is null ? null : PublisherSettings.FromJson(settings).Fault;
}

/// <summary>A node that lives.</summary>
/// <param name="Id">New at each start.</param>
/// <param name="Host">Where it runs.</param>
/// <param name="StartedAt">When it said so first.</param>
/// <param name="HeartbeatAt">When it said so last.</param>
/// <param name="Publishers">How many publishers it runs, by leases that are valid now.</param>
internal sealed record NodeStatus(Guid Id, string Host, DateTimeOffset StartedAt, DateTimeOffset HeartbeatAt, int Publishers);

/// <summary>Where a topic stands.</summary>
internal sealed record TopicFigures
{
    /// <summary>When they were read, by the clock of the store.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Messages that are kept in the log.</summary>
    public required long Messages { get; init; }

    /// <summary>The last position.</summary>
    public required long Head { get; init; }

    /// <summary>Publishers that are not deleted.</summary>
    public required long Publishers { get; init; }

    /// <summary>When the last message was received; null when there is none.</summary>
    public DateTimeOffset? LastReceivedAt { get; init; }

    /// <summary>Messages received in the current minute, as far as nodes have told.</summary>
    public long ReceivedThisMinute { get; init; }

    /// <summary>Messages received in the minute before.</summary>
    public long ReceivedMinuteBefore { get; init; }
}

/// <summary>The least that tells whether anything has changed.</summary>
/// <param name="At">When it was read, by the clock of the store.</param>
/// <param name="Received">The sum of the topics' last positions.</param>
/// <param name="Delivered">Deliveries made by the publishers that are not deleted.</param>
/// <param name="Facts">Numbers of which at least one differs when something that people look at has changed; what each stands for is the store's.</param>
internal sealed record PulseReading(DateTimeOffset At, long Received, long Delivered, IReadOnlyList<long> Facts)
{
    /// <summary>Dead letters are counted no further than this for a pulse; beyond it the time of the oldest and of the newest must tell.</summary>
    public const int MaxDeadCounted = 10_000;

    /// <summary>How long ago a node may have said that it lives.</summary>
    public static readonly TimeSpan NodeLife = TimeSpan.FromMinutes(1);
}
