namespace Postoffice.Messages;

/// <summary>A message as a search shows it: without the payload but for its beginning.</summary>
internal sealed record FoundMessage
{
    public required Guid Id { get; init; }

    public required long TopicId { get; init; }

    /// <summary>The topic's name.</summary>
    public required string Topic { get; init; }

    public required long Position { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public string? OrderingKey { get; init; }

    public required string ContentType { get; init; }

    public required MessageAttributes Attributes { get; init; }

    /// <summary>How many bytes the payload has.</summary>
    public required int Size { get; init; }

    /// <summary>How the payload begins, as text.</summary>
    public required string Excerpt { get; init; }

    public required DeliveryCounts Deliveries { get; init; }

    public MessagePlace Place => new(ReceivedAt, TopicId, Position);
}

/// <summary>For how many publishers a message stands how; those that it was never meant for are left out.</summary>
/// <param name="Waiting">Not settled and not parked.</param>
/// <param name="Parked">Failed and waiting for the next attempt, or behind another of the ordering key.</param>
/// <param name="DeadLettered">Given up.</param>
/// <param name="Settled">Delivered, skipped or discarded.</param>
internal readonly record struct DeliveryCounts(long Waiting, long Parked, long DeadLettered, long Settled);
