namespace Postoffice.Publishers;

/// <summary>A subscription: sends the messages of one topic to one target.</summary>
public sealed record Publisher
{
    /// <summary>Its number, given by the store.</summary>
    public required long Id { get; init; }

    /// <summary>The number of its topic.</summary>
    public required long TopicId { get; init; }

    /// <summary>The name of its topic.</summary>
    public required string Topic { get; init; }

    /// <summary>Which transport sends its deliveries: <c>http</c>, <c>pubsub</c>, ….</summary>
    public required string Type { get; init; }

    /// <summary>Where it sends to, in the transport's canonical spelling; for <c>http</c> a URL.</summary>
    public required string Target { get; init; }

    /// <summary>Whether it delivers. A paused publisher keeps its place in the log and loses nothing.</summary>
    public required bool Active { get; init; }

    /// <summary>Why it is paused; null while it is active, and when an operator paused it without a reason.</summary>
    public string? PausedReason { get; init; }

    /// <summary>Since when it is paused, by the clock of the store; null while it is active.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>How it delivers.</summary>
    public required PublisherSettings Settings { get; init; }

    /// <summary>Messages up to this position are from before the publisher's time and not delivered by it; 0 for the complete log.</summary>
    public required long StartPosition { get; init; }

    /// <summary>Grows by one with every change; a running pipeline is rebuilt when it differs.</summary>
    public required int Version { get; init; }

    /// <summary>When it was created, by the clock of the store.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed, by the clock of the store.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}
