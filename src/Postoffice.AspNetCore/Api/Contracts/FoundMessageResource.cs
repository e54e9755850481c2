using System.Text.Json.Serialization;
using Postoffice.Messages;
using Postoffice.Search;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>A message, as a search shows it.</summary>
internal sealed record FoundMessageResource
{
    public required Guid Id { get; init; }

    public required string Topic { get; init; }

    /// <summary>Its place in the topic's log.</summary>
    public required long Position { get; init; }

    [JsonPropertyName("received_at")]
    public required DateTime ReceivedAt { get; init; }

    [JsonPropertyName("ordering_key")]
    public required string? OrderingKey { get; init; }

    [JsonPropertyName("content_type")]
    public required string ContentType { get; init; }

    public required IReadOnlyDictionary<string, string> Attributes { get; init; }

    /// <summary>How many bytes the payload has.</summary>
    public required int Size { get; init; }

    /// <summary>The first 200 characters of the payload, read as UTF-8.</summary>
    public required string Excerpt { get; init; }

    /// <summary>For how many publishers it stands how.</summary>
    public required DeliveryCountsResource Deliveries { get; init; }

    public static FoundMessageResource From(FoundMessage message) => new()
    {
        Id = message.Id,
        Topic = message.Topic,
        Position = message.Position,
        ReceivedAt = message.ReceivedAt.UtcDateTime,
        OrderingKey = message.OrderingKey,
        ContentType = message.ContentType,
        Attributes = message.Attributes.ToDictionary(StringComparer.Ordinal),
        Size = message.Size,
        Excerpt = message.Excerpt,
        Deliveries = DeliveryCountsResource.From(message.Deliveries),
    };
}

/// <summary>For how many publishers a message stands how; those that it was never meant for are left out.</summary>
/// <param name="Waiting">Not settled and not parked.</param>
/// <param name="Parked">Failed and waiting for the next attempt, or behind another of the ordering key.</param>
/// <param name="DeadLettered">Given up.</param>
/// <param name="Settled">Delivered, skipped or discarded.</param>
internal sealed record DeliveryCountsResource(
    long Waiting, long Parked, [property: JsonPropertyName("dead_lettered")] long DeadLettered, long Settled)
{
    public static DeliveryCountsResource From(DeliveryCounts counts) => new(counts.Waiting, counts.Parked, counts.DeadLettered, counts.Settled);
}

/// <summary>What a search has found so far.</summary>
/// <param name="Data">The messages, newest first.</param>
/// <param name="Next">The value of <c>after</c> that goes on; null when all is searched.</param>
/// <param name="SearchedTo">The search has come back to this time; null when all is searched.</param>
/// <param name="Scanned">How many messages it has looked at.</param>
internal sealed record FoundMessages(
    IReadOnlyList<FoundMessageResource> Data, string? Next, [property: JsonPropertyName("searched_to")] DateTime? SearchedTo, long Scanned)
{
    public static FoundMessages From(SearchAnswer answer) => new(
        [.. answer.Messages.Select(FoundMessageResource.From)],
        answer.Next is { } place ? MessagePlaces.Format(place) : null,
        answer.Next?.ReceivedAt.UtcDateTime,
        answer.Scanned);
}
