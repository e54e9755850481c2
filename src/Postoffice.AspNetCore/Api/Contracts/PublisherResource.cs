using System.Text.Json.Serialization;
using Postoffice.Publishers;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>A publisher and where it stands, as answers show it.</summary>
internal sealed record PublisherResource(
    long Id,
    string Topic,
    string Type,
    string Target,
    bool Active,
    [property: JsonPropertyName("paused_reason")] string? PausedReason,
    [property: JsonPropertyName("start_position")] long StartPosition,
    [property: JsonPropertyName("seconds_timeout")] double SecondsTimeout,
    [property: JsonPropertyName("seconds_retry")] double SecondsRetry,
    [property: JsonPropertyName("chunk_size")] int? ChunkSize,
    [property: JsonPropertyName("max_demand")] int? MaxDemand,
    [property: JsonPropertyName("min_demand")] int? MinDemand,
    [property: JsonPropertyName("max_attempts")] int MaxAttempts,
    string Ordering,
    IReadOnlyDictionary<string, string> Headers,
    long Cursor,
    long Head,
    long Lag,
    long Parked,
    long Dead,
    [property: JsonPropertyName("created_at")] DateTime CreatedAt,
    [property: JsonPropertyName("updated_at")] DateTime UpdatedAt)
{
    public static PublisherResource From(PublisherStatus status)
    {
        var (publisher, settings) = (status.Publisher, status.Publisher.Settings);
        return new PublisherResource(
            publisher.Id,
            publisher.Topic,
            publisher.Type,
            publisher.Target,
            publisher.Active,
            publisher.PausedReason,
            publisher.StartPosition,
            settings.Timeout.TotalSeconds,
            settings.RetryDelay.TotalSeconds,
            settings.ChunkSize,
            settings.MaxDemand,
            settings.MinDemand,
            settings.MaxAttempts,
            PublisherMembers.NoOrdering,
            settings.Headers,
            status.Cursor,
            status.Head,
            Math.Max(0, status.Head - status.Cursor),
            status.Parked,
            status.Dead,
            publisher.CreatedAt.UtcDateTime,
            publisher.UpdatedAt.UtcDateTime);
    }
}
