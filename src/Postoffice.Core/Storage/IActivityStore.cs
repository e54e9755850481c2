namespace Postoffice.Storage;

/// <summary>What the nodes did minute by minute, as each of them tells of itself. Minutes are those of the clock of the store.</summary>
internal interface IActivityStore
{
    /// <summary>Writes rows of this node, each as a whole: what stood there before is overwritten, so writing twice changes nothing.</summary>
    /// <param name="nodeId">The node.</param>
    /// <param name="rows">At most one for each minute, topic and publisher; none at all only asks for the time.</param>
    /// <param name="cancellationToken">Cancels the wait; the rows may be written all the same.</param>
    /// <returns>The time on the clock of the store.</returns>
    Task<DateTimeOffset> WriteAsync(Guid nodeId, IReadOnlyCollection<ActivityRow> rows, CancellationToken cancellationToken);

    /// <returns>What all nodes together did in the last hour.</returns>
    Task<ActivityReading> ReadAsync(ActivityScope scope, CancellationToken cancellationToken);

    /// <returns>The attempts of these publishers in the current minute and the five before it; one that made none is missing.</returns>
    Task<IReadOnlyDictionary<long, AttemptCounts>> AttemptsAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken);

    /// <summary>Removes what is older than <paramref name="age"/>, the oldest first, at most <paramref name="max"/> rows.</summary>
    /// <returns>How many.</returns>
    Task<int> PruneAsync(TimeSpan age, int max, CancellationToken cancellationToken);
}

/// <summary>What one node did in one minute: received by a topic, or delivered by a publisher.</summary>
/// <param name="Minute">When the minute began.</param>
/// <param name="TopicId">The topic.</param>
/// <param name="PublisherId">The publisher; 0 for what the topic has received.</param>
internal sealed record ActivityRow(DateTimeOffset Minute, long TopicId, long PublisherId)
{
    public long Received { get; init; }

    /// <summary>How many positions the cursor has passed.</summary>
    public long Advanced { get; init; }

    public long Delivered { get; init; }

    /// <summary>Attempts that failed.</summary>
    public long Failed { get; init; }

    public long Skipped { get; init; }

    public long Dead { get; init; }

    /// <summary>How many deliveries took so long: see <see cref="Activity.LatencyHistogram"/>. May be shorter than the next.</summary>
    public IReadOnlyList<int> Latencies { get; init; } = [];
}

/// <summary>Whose activity: of everything, of a topic with all its publishers, or of one publisher with what its topic has received.</summary>
internal readonly record struct ActivityScope(long? TopicId = null, long? PublisherId = null)
{
    public static ActivityScope All => default;

    public static ActivityScope OfTopic(long topicId) => new(topicId);

    public static ActivityScope OfPublisher(long topicId, long publisherId) => new(topicId, publisherId);
}

/// <summary>The activity of the last hour.</summary>
/// <param name="At">When it was read, by the clock of the store.</param>
/// <param name="Minutes">The current minute and the 59 before it, oldest first; one without activity is missing.</param>
/// <param name="Latencies">The deliveries of the current minute and the five before it, by how long they took.</param>
internal sealed record ActivityReading(DateTimeOffset At, IReadOnlyList<ActivityMinute> Minutes, IReadOnlyList<long> Latencies);

/// <summary>One minute of all nodes.</summary>
internal readonly record struct ActivityMinute(DateTimeOffset At, long Received, long Delivered, long Failed, long Skipped, long Dead);

/// <summary>Attempts of a publisher.</summary>
internal readonly record struct AttemptCounts(long Delivered, long Failed);
