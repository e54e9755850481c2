using System.Text.Json;
using System.Text.Json.Serialization;
using Postoffice.Activity;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>How all is.</summary>
internal sealed record OverviewResource
{
    /// <summary>When it was read, by the clock of the store.</summary>
    public required DateTime At { get; init; }

    /// <summary>Messages received since ever.</summary>
    public required long Received { get; init; }

    /// <summary>Deliveries made by the publishers that are there.</summary>
    public required long Delivered { get; init; }

    /// <summary>Messages a second, over the last minute.</summary>
    [JsonPropertyName("received_rate")]
    public required double ReceivedRate { get; init; }

    [JsonPropertyName("delivered_rate")]
    public required double DeliveredRate { get; init; }

    /// <summary>Messages beyond the cursors, over all publishers.</summary>
    public required long Waiting { get; init; }

    public required long Parked { get; init; }

    public required long Dead { get; init; }

    public required LatencyResource? Latency { get; init; }

    /// <summary>60 of them, oldest first.</summary>
    public required IReadOnlyList<OverviewMinuteResource> Minutes { get; init; }

    public required long Topics { get; init; }

    public required int Publishers { get; init; }

    public required int Paused { get; init; }

    /// <summary>Publishers that somebody should look at, the worst first, at most 50.</summary>
    public required IReadOnlyList<AttentionResource> Attention { get; init; }

    public required IReadOnlyList<NodeStatusResource> Nodes { get; init; }

    public static OverviewResource From(Overview overview) => new()
    {
        At = overview.At.UtcDateTime,
        Received = overview.Received,
        Delivered = overview.Delivered,
        ReceivedRate = Rounded.Rate(overview.ReceivedRate),
        DeliveredRate = Rounded.Rate(overview.DeliveredRate),
        Waiting = overview.Waiting,
        Parked = overview.Parked,
        Dead = overview.Dead,
        Latency = LatencyResource.From(overview.Latencies),
        Minutes = [.. overview.Minutes.Select(minute => new OverviewMinuteResource(minute.At.UtcDateTime, minute.Received, minute.Delivered, minute.Failed))],
        Topics = overview.Topics,
        Publishers = overview.Publishers,
        Paused = overview.Paused,
        Attention = [.. overview.Attention.Select(judged => AttentionResource.From(judged.Publisher, judged.Attention))],
        Nodes = [.. overview.Nodes.Select(NodeStatusResource.From)],
    };
}

/// <summary>One minute of everything.</summary>
internal sealed record OverviewMinuteResource(DateTime At, long Received, long Delivered, long Failed);

/// <summary>A publisher that somebody should look at.</summary>
/// <param name="PublisherId">The publisher.</param>
/// <param name="Topic">Its topic.</param>
/// <param name="Type">Its type.</param>
/// <param name="Target">Its target.</param>
/// <param name="Reason">The gravest reason, in one word.</param>
/// <param name="Text">The same as a sentence for a person.</param>
/// <param name="Since">Since when; null when that is not known.</param>
/// <param name="Lag">Messages beyond its cursor.</param>
/// <param name="Parked">Deliveries that wait for another attempt.</param>
/// <param name="Dead">Its dead letters.</param>
internal sealed record AttentionResource(
    [property: JsonPropertyName("publisher_id")] long PublisherId,
    string Topic,
    string Type,
    string Target,
    string Reason,
    string Text,
    DateTime? Since,
    long Lag,
    long Parked,
    long Dead)
{
    private static readonly string[] Reasons = [.. Enum.GetNames<AttentionReason>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    public static AttentionResource From(OverviewPublisher publisher, Attention attention) => new(
        publisher.Id, publisher.Topic, publisher.Type, publisher.Target, Reasons[(int)attention.Reason], attention.Text, attention.Since?.UtcDateTime,
        publisher.Lag, publisher.Parked, publisher.Dead);
}

/// <summary>A node that lives.</summary>
/// <param name="Id">New at each start.</param>
/// <param name="Host">Where it runs.</param>
/// <param name="StartedAt">When it said first that it lives.</param>
/// <param name="HeartbeatAt">When it said so last.</param>
/// <param name="Publishers">How many publishers it runs.</param>
internal sealed record NodeStatusResource(
    Guid Id,
    string Host,
    [property: JsonPropertyName("started_at")] DateTime StartedAt,
    [property: JsonPropertyName("heartbeat_at")] DateTime HeartbeatAt,
    int Publishers)
{
    public static NodeStatusResource From(NodeStatus node) =>
        new(node.Id, node.Host, node.StartedAt.UtcDateTime, node.HeartbeatAt.UtcDateTime, node.Publishers);
}
