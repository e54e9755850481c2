using System.Text.Json.Serialization;
using Postoffice.Activity;
using Postoffice.Deliveries;
using Postoffice.Filters;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>A publisher and where it stands, as answers show it.</summary>
internal sealed record PublisherResource
{
    public required long Id { get; init; }

    public required string Topic { get; init; }

    public required string Type { get; init; }

    public required string Target { get; init; }

    public required bool Active { get; init; }

    [JsonPropertyName("paused_reason")]
    public required string? PausedReason { get; init; }

    [JsonPropertyName("paused_at")]
    public required DateTime? PausedAt { get; init; }

    [JsonPropertyName("start_position")]
    public required long StartPosition { get; init; }

    [JsonPropertyName("seconds_timeout")]
    public required double SecondsTimeout { get; init; }

    [JsonPropertyName("seconds_retry")]
    public required double SecondsRetry { get; init; }

    [JsonPropertyName("seconds_max_age")]
    public required double? SecondsMaxAge { get; init; }

    [JsonPropertyName("max_attempts")]
    public required int MaxAttempts { get; init; }

    [JsonPropertyName("chunk_size")]
    public required int? ChunkSize { get; init; }

    [JsonPropertyName("max_demand")]
    public required int? MaxDemand { get; init; }

    [JsonPropertyName("min_demand")]
    public required int? MinDemand { get; init; }

    [JsonPropertyName("demand_mode")]
    public required DemandMode? DemandMode { get; init; }

    [JsonPropertyName("adaptive_demand")]
    public required bool? AdaptiveDemand { get; init; }

    public required DeliveryOrdering Ordering { get; init; }

    [JsonPropertyName("on_key_failure")]
    public required KeyFailure OnKeyFailure { get; init; }

    [JsonPropertyName("rate_limit")]
    public required RateLimitResource? RateLimit { get; init; }

    public required MessageFilter? Filter { get; init; }

    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The position up to which everything is settled.</summary>
    public required long Cursor { get; init; }

    /// <summary>The topic's last position.</summary>
    public required long Head { get; init; }

    public required long Lag { get; init; }

    public required long Parked { get; init; }

    public required long Dead { get; init; }

    /// <summary>Deliveries made since it was created, replays included.</summary>
    public required long Delivered { get; init; }

    /// <summary>Messages that its filter has left out since it was created.</summary>
    public required long Skipped { get; init; }

    /// <summary>The share of attempts of the last minutes that failed; null when there were none.</summary>
    [JsonPropertyName("error_rate")]
    public required double? ErrorRate { get; init; }

    /// <summary>Who runs it; null when nobody does, and so what follows is.</summary>
    public required NodeResource? Node { get; init; }

    public required BreakerResource? Breaker { get; init; }

    public required DemandResource? Demand { get; init; }

    /// <summary>Deliveries a second, over the last minute.</summary>
    public required double? Rate { get; init; }

    /// <summary>Until when its rate limit holds everything back.</summary>
    [JsonPropertyName("rate_limited_until")]
    public required DateTime? RateLimitedUntil { get; init; }

    /// <summary>Until when nothing is sent since its node reaches no target at all.</summary>
    [JsonPropertyName("offline_until")]
    public required DateTime? OfflineUntil { get; init; }

    /// <summary>The replay that is under way; missing when there is none, and in lists.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReplayResource? Replay { get; init; }

    [JsonPropertyName("created_at")]
    public required DateTime CreatedAt { get; init; }

    [JsonPropertyName("updated_at")]
    public required DateTime UpdatedAt { get; init; }

    public static PublisherResource From(PublisherStatus status, PublisherOwner? owner, AttemptCounts attempts = default, Replay? replay = null)
    {
        var (publisher, settings, report) = (status.Publisher, status.Publisher.Settings, owner?.Report);
        return new PublisherResource
        {
            Id = publisher.Id,
            Topic = publisher.Topic,
            Type = publisher.Type,
            Target = publisher.Target,
            Active = publisher.Active,
            PausedReason = publisher.PausedReason,
            PausedAt = publisher.PausedAt?.UtcDateTime,
            StartPosition = publisher.StartPosition,
            SecondsTimeout = settings.Timeout.TotalSeconds,
            SecondsRetry = settings.RetryDelay.TotalSeconds,
            SecondsMaxAge = settings.MaxAge?.TotalSeconds,
            MaxAttempts = settings.MaxAttempts,
            ChunkSize = settings.ChunkSize,
            MaxDemand = settings.MaxDemand,
            MinDemand = settings.MinDemand,
            DemandMode = settings.DemandMode,
            AdaptiveDemand = settings.AdaptiveDemand,
            Ordering = settings.Ordering,
            OnKeyFailure = settings.OnKeyFailure,
            RateLimit = settings.RateLimit is { } limit ? new RateLimitResource(limit.Permits, limit.PerSeconds) : null,
            Filter = settings.Filter,
            Headers = settings.Headers,
            Cursor = status.Cursor,
            Head = status.Head,
            Lag = Math.Max(0, status.Head - status.Cursor),
            Parked = status.Parked,
            Dead = status.Dead,
            Delivered = status.Delivered,
            Skipped = status.Skipped,
            ErrorRate = Rounded.Share(ActivityMinutes.ErrorRate(attempts)),
            Node = owner is null ? null : new NodeResource(owner.NodeId, owner.Host),
            Breaker = report is null ? null : new BreakerResource(report.Breaker, report.ProbeAt?.UtcDateTime, report.LastError),
            Demand = report is null ? null : new DemandResource(report.MaxDemand, report.EffectiveDemand, report.InFlight),
            Rate = report is null ? null : Math.Round(report.Rate, 2),
            RateLimitedUntil = report?.RateLimitedUntil?.UtcDateTime,
            OfflineUntil = report?.OfflineUntil?.UtcDateTime,
            Replay = replay is null ? null : ReplayResource.From(replay),
            CreatedAt = publisher.CreatedAt.UtcDateTime,
            UpdatedAt = publisher.UpdatedAt.UtcDateTime,
        };
    }
}
