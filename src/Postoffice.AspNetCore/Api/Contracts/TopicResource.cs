using System.Text.Json.Serialization;
using Postoffice.Activity;
using Postoffice.Storage;
using Postoffice.Topics;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>A topic and where it stands, as answers show it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="OriginHost">Where its messages come from.</param>
/// <param name="RecoveryEnabled">Whether messages are fetched back from there.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="Messages">Messages that are kept in its log.</param>
/// <param name="Head">Its last position.</param>
/// <param name="Publishers">How many publishers it has.</param>
/// <param name="ReceivedRate">Messages a second, over the last minute.</param>
/// <param name="LastReceivedAt">When the last message was received; null when there is none.</param>
internal sealed record TopicResource(
    long Id,
    string Name,
    [property: JsonPropertyName("origin_host")] string? OriginHost,
    [property: JsonPropertyName("recovery_enabled")] bool RecoveryEnabled,
    [property: JsonPropertyName("created_at")] DateTime CreatedAt,
    long Messages,
    long Head,
    long Publishers,
    [property: JsonPropertyName("received_rate")] double ReceivedRate,
    [property: JsonPropertyName("last_received_at")] DateTime? LastReceivedAt)
{
    /// <param name="topic">The topic.</param>
    /// <param name="figures">Where it stands; null when it is new, or was deleted just now.</param>
    public static TopicResource From(Topic topic, TopicFigures? figures = null) => new(
        topic.Id,
        topic.Name,
        topic.OriginHost,
        topic.RecoveryEnabled,
        topic.CreatedAt.UtcDateTime,
        figures?.Messages ?? 0,
        figures?.Head ?? 0,
        figures?.Publishers ?? 0,
        figures is null ? 0 : Rounded.Rate(ActivityMinutes.PerSecond(figures.ReceivedMinuteBefore, figures.ReceivedThisMinute, figures.At)),
        figures?.LastReceivedAt?.UtcDateTime);
}
