namespace Postoffice.Deliveries;

/// <summary>A delivery that was given up, with everything that is needed to retry it.</summary>
internal sealed record DeadLetter
{
    public required long PublisherId { get; init; }

    /// <summary>The publisher's target.</summary>
    public required string Target { get; init; }

    public required long TopicId { get; init; }

    /// <summary>The topic's name.</summary>
    public required string Topic { get; init; }

    public required long Position { get; init; }

    public required Guid MessageId { get; init; }

    public string? OrderingKey { get; init; }

    /// <summary>Whether it holds its ordering key up.</summary>
    public bool BlocksKey { get; init; }

    public required int Attempts { get; init; }

    public int? StatusCode { get; init; }

    /// <summary>Why it was given up: <c>max-attempts</c>, <c>max-age</c>, <c>blocked-target</c>, <c>invalid-message</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>What the last attempt met, with an excerpt of the answer.</summary>
    public required string Error { get; init; }

    /// <summary>What it has in common with others: see <see cref="Outcomes.ErrorGroup"/>.</summary>
    public required string Group { get; init; }

    /// <summary>When its message entered the log.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    public required DateTimeOffset DiedAt { get; init; }
}

/// <summary>Names one dead letter.</summary>
internal readonly record struct DeadLetterId(long PublisherId, long Position);

/// <summary>Which dead letters are meant; members that are null leave nothing out. Those of deleted publishers are never meant.</summary>
internal sealed record DeadLetterFilter
{
    public long? PublisherId { get; init; }

    public long? TopicId { get; init; }

    /// <summary>Exactly this reason.</summary>
    public string? Reason { get; init; }

    /// <summary>Exactly this group.</summary>
    public string? Group { get; init; }

    /// <summary>Died at this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Died before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only these.</summary>
    public IReadOnlyCollection<DeadLetterId>? Ids { get; init; }
}

/// <summary>Dead letters that died of the same.</summary>
/// <param name="Reason">Their reason.</param>
/// <param name="Group">Status class and normalised error.</param>
/// <param name="Count">How many there are.</param>
/// <param name="FirstDiedAt">When the first of them died.</param>
/// <param name="LastDiedAt">When the last of them died.</param>
/// <param name="Sample">The one that died last.</param>
internal sealed record DeadLetterGroup(string Reason, string Group, long Count, DateTimeOffset FirstDiedAt, DateTimeOffset LastDiedAt, DeadLetter Sample);
