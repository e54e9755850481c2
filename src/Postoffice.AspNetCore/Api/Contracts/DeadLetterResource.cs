using System.Text.Json;
using System.Text.Json.Serialization;
using Postoffice.Deliveries;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>A dead letter, as lists show it.</summary>
internal record DeadLetterResource
{
    /// <summary>Publisher and position: <c>3-127</c>.</summary>
    public required string Id { get; init; }

    [JsonPropertyName("publisher_id")]
    public required long PublisherId { get; init; }

    public required string Target { get; init; }

    public required string Topic { get; init; }

    public required long Position { get; init; }

    [JsonPropertyName("message_id")]
    public required Guid MessageId { get; init; }

    [JsonPropertyName("ordering_key")]
    public required string? OrderingKey { get; init; }

    /// <summary>Whether its ordering key waits until it is retried or discarded.</summary>
    [JsonPropertyName("blocks_key")]
    public required bool BlocksKey { get; init; }

    public required int Attempts { get; init; }

    [JsonPropertyName("status_code")]
    public required int? StatusCode { get; init; }

    /// <summary>Why it was given up: <c>max-attempts</c>, <c>max-age</c>, <c>blocked-target</c>, <c>invalid-message</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>What the last attempt met.</summary>
    public required string Error { get; init; }

    /// <summary>What it has in common with others: status class and normalised error.</summary>
    public required string Group { get; init; }

    [JsonPropertyName("received_at")]
    public required DateTime ReceivedAt { get; init; }

    [JsonPropertyName("died_at")]
    public required DateTime DiedAt { get; init; }

    public static DeadLetterResource From(DeadLetter letter) => new()
    {
        Id = DeadLetterIds.Format(new DeadLetterId(letter.PublisherId, letter.Position)),
        PublisherId = letter.PublisherId,
        Target = letter.Target,
        Topic = letter.Topic,
        Position = letter.Position,
        MessageId = letter.MessageId,
        OrderingKey = letter.OrderingKey,
        BlocksKey = letter.BlocksKey,
        Attempts = letter.Attempts,
        StatusCode = letter.StatusCode,
        Reason = letter.Reason,
        Error = letter.Error,
        Group = letter.Group,
        ReceivedAt = letter.ReceivedAt.UtcDateTime,
        DiedAt = letter.DiedAt.UtcDateTime,
    };
}

/// <summary>
/// A dead letter with its message. <see cref="Answers.DeadLetterAnswer"/> writes it, with the payload's bytes as they are; this record describes it to API explorers.
/// </summary>
internal sealed record DeadLetterDetail : DeadLetterResource
{
    /// <summary>The payload; missing when it is not JSON.</summary>
    public JsonElement? Payload { get; init; }

    /// <summary>The payload when it is not JSON.</summary>
    [JsonPropertyName("payload_base64")]
    public string? PayloadBase64 { get; init; }

    public required Dictionary<string, string> Attributes { get; init; }

    [JsonPropertyName("content_type")]
    public required string ContentType { get; init; }

    /// <summary>The failed attempts, oldest first; at most the newest 100.</summary>
    [JsonPropertyName("failed_attempts")]
    public required IReadOnlyList<FailedAttemptResource> FailedAttempts { get; init; }
}

/// <summary>Dead letters that died of the same.</summary>
/// <param name="Reason">Their reason.</param>
/// <param name="Group">Status class and normalised error.</param>
/// <param name="Count">How many there are.</param>
/// <param name="FirstDiedAt">When the first of them died.</param>
/// <param name="LastDiedAt">When the last of them died.</param>
/// <param name="Sample">The one that died last.</param>
internal sealed record DeadLetterGroupResource(
    string Reason,
    string Group,
    long Count,
    [property: JsonPropertyName("first_died_at")] DateTime FirstDiedAt,
    [property: JsonPropertyName("last_died_at")] DateTime LastDiedAt,
    DeadLetterResource Sample)
{
    public static DeadLetterGroupResource From(DeadLetterGroup group) => new(
        group.Reason, group.Group, group.Count, group.FirstDiedAt.UtcDateTime, group.LastDiedAt.UtcDateTime, DeadLetterResource.From(group.Sample));
}

/// <summary>What became of one dead letter.</summary>
/// <param name="Id">The dead letter that was.</param>
/// <param name="State"><c>parked</c>: it is due now, with all its attempts before it; <c>discarded</c>.</param>
internal sealed record DeadLetterChanged(string Id, string State);

/// <summary>What became of many dead letters.</summary>
/// <param name="Matched">How many were meant.</param>
/// <param name="Retried">How many are parked again and due now; missing when they were to be discarded.</param>
/// <param name="Discarded">How many are given up for good; missing when they were to be retried.</param>
/// <param name="Remaining">How many of those that were meant are still there: ask again.</param>
/// <param name="DryRun">Whether they were only counted.</param>
internal sealed record DeadLettersChanged(
    long Matched,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Retried,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Discarded,
    long Remaining,
    [property: JsonPropertyName("dry_run")] bool DryRun);
