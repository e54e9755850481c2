using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>
/// A message as answers show it. <see cref="Answers.MessageAnswer"/> writes it, with the payload's bytes as they are;
/// this record describes it to API explorers.
/// </summary>
internal sealed record MessageResource
{
    public required Guid Id { get; init; }

    public required string Topic { get; init; }

    /// <summary>Its place in the topic's log; missing until it is there.</summary>
    public long? Position { get; init; }

    /// <summary><c>in_log</c> or <c>scheduled</c>.</summary>
    public string? State { get; init; }

    /// <summary>The payload; missing when it is not JSON.</summary>
    public JsonElement? Payload { get; init; }

    /// <summary>The payload when it is not JSON.</summary>
    [JsonPropertyName("payload_base64")]
    public string? PayloadBase64 { get; init; }

    public required Dictionary<string, string> Attributes { get; init; }

    [JsonPropertyName("ordering_key")]
    public string? OrderingKey { get; init; }

    [JsonPropertyName("content_type")]
    public required string ContentType { get; init; }

    [JsonPropertyName("received_at")]
    public DateTimeOffset? ReceivedAt { get; init; }

    /// <summary>In the answer to the request that scheduled it.</summary>
    [JsonPropertyName("schedule_at")]
    public DateTimeOffset? ScheduleAt { get; init; }

    /// <summary>While it waits to be due.</summary>
    [JsonPropertyName("scheduled_at")]
    public DateTimeOffset? ScheduledAt { get; init; }

    /// <summary>Where it stands for each publisher of its topic.</summary>
    public IReadOnlyList<DeliveryResource>? Deliveries { get; init; }
}
