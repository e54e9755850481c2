using System.Text.Json.Serialization;
using Postoffice.Deliveries;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>One publisher's delivery of a message, as answers show it.</summary>
internal sealed record DeliveryResource(
    [property: JsonPropertyName("publisher_id")] long PublisherId,
    string Target,
    string Type,
    string State,
    int Attempts,
    [property: JsonPropertyName("settled_at")] DateTime? SettledAt,
    [property: JsonPropertyName("due_at")] DateTime? DueAt,
    [property: JsonPropertyName("status_code")] int? StatusCode,
    [property: JsonPropertyName("duration_ms")] double? DurationMs,
    string? Reason,
    [property: JsonPropertyName("failed_attempts")] IReadOnlyList<FailedAttemptResource> FailedAttempts)
{
    public static DeliveryResource From(DeliveryState delivery) => new(
        delivery.Publisher.Id,
        delivery.Publisher.Target,
        delivery.Publisher.Type,
        Name(delivery.Status),
        delivery.Attempts,
        delivery.SettledAt?.UtcDateTime,
        delivery.DueAt?.UtcDateTime,
        delivery.StatusCode,
        delivery.Duration?.TotalMilliseconds,
        delivery.Reason,
        [.. delivery.FailedAttempts.Select(FailedAttemptResource.From)]);

    private static string Name(DeliveryStatus status) => status switch
    {
        DeliveryStatus.NotSubscribed => "not_subscribed",
        DeliveryStatus.Waiting => "waiting",
        DeliveryStatus.Parked => "parked",
        DeliveryStatus.Delivered => "delivered",
        DeliveryStatus.DeadLettered => "dead_lettered",
        DeliveryStatus.Skipped => "skipped",
        DeliveryStatus.Discarded => "discarded",
        _ => "settled",
    };
}

/// <summary>One failed attempt, as answers show it.</summary>
internal sealed record FailedAttemptResource(
    int Attempt,
    DateTime At,
    [property: JsonPropertyName("status_code")] int? StatusCode,
    [property: JsonPropertyName("duration_ms")] double DurationMs,
    string Error)
{
    public static FailedAttemptResource From(FailedAttempt failed) =>
        new(failed.Attempt, failed.At.UtcDateTime, failed.StatusCode, failed.Duration.TotalMilliseconds, failed.Error);
}
