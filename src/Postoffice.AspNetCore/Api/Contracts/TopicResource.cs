using System.Text.Json.Serialization;
using Postoffice.Topics;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>A topic as answers show it.</summary>
internal sealed record TopicResource(
    long Id,
    string Name,
    [property: JsonPropertyName("origin_host")] string? OriginHost,
    [property: JsonPropertyName("recovery_enabled")] bool RecoveryEnabled,
    [property: JsonPropertyName("created_at")] DateTime CreatedAt)
{
    public static TopicResource From(Topic topic) => new(topic.Id, topic.Name, topic.OriginHost, topic.RecoveryEnabled, topic.CreatedAt.UtcDateTime);
}
