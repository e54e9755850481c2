using System.Text.Json.Serialization;

namespace Postoffice.Testing.Hosting;

/// <summary>A publisher to create; what is null is not sent.</summary>
public sealed record NewPublisherView(string Topic, Uri Target)
{
    public bool Active { get; init; } = true;

    public string Type { get; init; } = "http";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? FromNow { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? SecondsTimeout { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? SecondsRetry { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxDemand { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ChunkSize { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxAttempts { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Ordering { get; init; }
}

/// <summary>A publisher and where it stands.</summary>
public sealed record PublisherView(long Id, bool Active, string? PausedReason, long Cursor, long Head, long Lag, long Parked, long Dead, long Delivered);

public sealed record PostedMessage(Guid Id, long Position);

/// <summary>A message and where it stands for each publisher.</summary>
public sealed record MessageView(Guid Id, string State, IReadOnlyList<DeliveryView> Deliveries);

public sealed record DeliveryView(
    long PublisherId, string State, int Attempts, int? StatusCode, string? Reason, DateTimeOffset? DueAt, IReadOnlyList<FailedAttemptView> FailedAttempts);

public sealed record FailedAttemptView(int Attempt, DateTimeOffset At, int? StatusCode, double DurationMs, string Error);

internal sealed record ScheduledMessage(Guid Id);

internal sealed record BulkResult(IReadOnlyList<Guid> Result);

internal sealed record Wrapped<T>(T Data);
