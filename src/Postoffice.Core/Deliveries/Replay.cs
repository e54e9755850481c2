namespace Postoffice.Deliveries;

/// <summary>A stretch of its topic's log that a publisher sends once more, beside what is new and slower than that.</summary>
internal sealed record Replay
{
    public required Guid Id { get; init; }

    public required long PublisherId { get; init; }

    /// <summary>Sent again up to here; starts one before the first message that is replayed.</summary>
    public required long Position { get; init; }

    /// <summary>The last position that is replayed: where the publisher's cursor stood when it was asked for.</summary>
    public required long Until { get; init; }

    /// <summary>Dead letters only.</summary>
    public required bool OnlyFailed { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }
}

/// <summary>What a replay is asked for: from a time or from a position on; with neither, from the start of the log.</summary>
/// <param name="From">From the first message on that was received at this time or later.</param>
/// <param name="Position">From this position on, itself included.</param>
/// <param name="OnlyFailed">Dead letters only.</param>
internal sealed record ReplayRequest(DateTimeOffset? From, long? Position, bool OnlyFailed);

internal enum ReplayStatus
{
    /// <summary>It has begun; or, for a dry run, would have.</summary>
    Started,
    UnknownPublisher,

    /// <summary>One is under way: it must end or be cancelled first.</summary>
    AlreadyRunning,
}

/// <param name="Status">What came of it.</param>
/// <param name="Messages">How many messages it sends: those of the stretch that are not parked; dead letters included.</param>
/// <param name="Replay">The replay as it starts, of a dry run too; null when it was refused.</param>
internal sealed record ReplayResult(ReplayStatus Status, long Messages = 0, Replay? Replay = null);
