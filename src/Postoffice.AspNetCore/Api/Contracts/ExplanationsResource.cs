using System.Text.Json;
using System.Text.Json.Serialization;
using Postoffice.Explanations;
using Postoffice.Publishers;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>A message, and for each publisher of its topic why it is, or is not, delivered.</summary>
/// <param name="Id">The message.</param>
/// <param name="Topic">Its topic.</param>
/// <param name="State"><c>in_log</c> or <c>scheduled</c>.</param>
/// <param name="Position">Its position; null until it is in the log.</param>
/// <param name="OrderingKey">Its ordering key.</param>
/// <param name="ReceivedAt">When it entered the log.</param>
/// <param name="ScheduledAt">When it will, while it is scheduled.</param>
/// <param name="Publishers">One reason for each publisher; none while it is scheduled.</param>
internal sealed record ExplanationsResource(
    Guid Id,
    string Topic,
    string State,
    long? Position,
    [property: JsonPropertyName("ordering_key")] string? OrderingKey,
    [property: JsonPropertyName("received_at")] DateTime? ReceivedAt,
    [property: JsonPropertyName("scheduled_at")] DateTime? ScheduledAt,
    IReadOnlyList<ExplanationResource> Publishers);

/// <summary>Why one publisher has, or has not, delivered a message.</summary>
/// <param name="PublisherId">The publisher.</param>
/// <param name="Target">Its target.</param>
/// <param name="Type">Its type.</param>
/// <param name="Reason">The one reason.</param>
/// <param name="Text">The same as a sentence for a person.</param>
/// <param name="Facts">What decides it; those that do not belong to the reason are missing.</param>
internal sealed record ExplanationResource(
    [property: JsonPropertyName("publisher_id")] long PublisherId,
    string Target,
    string Type,
    string Reason,
    string Text,
    ExplanationFactsResource Facts)
{
    public static ExplanationResource From(Publisher publisher, Explanation explanation) => new(
        publisher.Id,
        publisher.Target,
        publisher.Type,
        JsonNamingPolicy.SnakeCaseLower.ConvertName(explanation.Reason.ToString()),
        explanation.Text,
        ExplanationFactsResource.From(explanation.Facts));
}

/// <summary>The facts that decide; those that do not belong to the reason are missing.</summary>
internal sealed record ExplanationFactsResource
{
    /// <summary>When it was delivered, filtered or discarded.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTime? At { get; init; }

    /// <summary>Since when it is dead or in flight, or its publisher paused.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTime? Since { get; init; }

    /// <summary>Until when it is parked, its publisher rate limited, or its node offline.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTime? Until { get; init; }

    /// <summary>When the next probe may go out; missing while one is under way.</summary>
    [JsonPropertyName("probe_at"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTime? ProbeAt { get; init; }

    /// <summary>How many attempts were made.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Attempts { get; init; }

    /// <summary>Which attempt is in flight: 1 for the first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Attempt { get; init; }

    [JsonPropertyName("status_code"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? StatusCode { get; init; }

    /// <summary>Why it is parked or dead, or its publisher paused or not run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>What the last failed attempt met: its own, or with an open breaker the receiver's last.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>The position at which the publisher started.</summary>
    [JsonPropertyName("start_position"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? StartPosition { get; init; }

    /// <summary>The node that runs the publisher.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NodeResource? Node { get; init; }

    /// <summary>The ordering key, and what holds it up.</summary>
    [JsonPropertyName("blocked_key"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BlockedKeyResource? BlockedKey { get; init; }

    /// <summary>How many messages go before it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Ahead { get; init; }

    /// <summary>About how many seconds those take, at the rate of the last minute.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Seconds { get; init; }

    public static ExplanationFactsResource From(ExplanationFacts facts) => new()
    {
        At = facts.At?.UtcDateTime,
        Since = facts.Since?.UtcDateTime,
        Until = facts.Until?.UtcDateTime,
        ProbeAt = facts.ProbeAt?.UtcDateTime,
        Attempts = facts.Attempts,
        Attempt = facts.Attempt,
        StatusCode = facts.StatusCode,
        Reason = facts.Reason,
        Error = facts.Error,
        StartPosition = facts.StartPosition,
        Node = facts.Node is { } node ? new NodeResource(node.Id, node.Host) : null,
        BlockedKey = facts.Key is { } key ? BlockedKeyResource.From(key) : null,
        Ahead = facts.Ahead,
        Seconds = facts.Seconds,
    };
}
