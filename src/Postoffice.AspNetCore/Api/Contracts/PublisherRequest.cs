using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Publishers;
using Postoffice.Topics;
using Postoffice.Transports;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>What creates a publisher.</summary>
/// <param name="Active">False to create it paused.</param>
/// <param name="Topic">The name of the topic whose messages it sends.</param>
/// <param name="Target">Where it sends to: for <c>http</c> a URL, for <c>pubsub</c> a topic's id or its full name, <c>projects/…/topics/…</c>.</param>
/// <param name="Type">How it sends: <c>http</c>, <c>pubsub</c>, ….</param>
/// <param name="FromNow">True to start at the topic's head; otherwise the complete log is delivered.</param>
internal sealed record PublisherRequest(
    bool Active,
    string Topic,
    string Target,
    string Type,
    [property: JsonPropertyName("from_now")] bool? FromNow = null) : PublisherSettingsBody
{
    private static readonly MemberNames Members = new(["active", "topic", "target", "type", "from_now", .. PublisherMembers.Names]);

    public static bool TryRead(
        ReadOnlyMemory<byte> body,
        IEnumerable<ITransport> transports,
        IEnumerable<UnconfiguredTransport> unconfigured,
        [NotNullWhen(true)] out NewPublisher? publisher,
        [NotNullWhen(false)] out Problem? problem)
    {
        publisher = null;
        if (!Fields.TryOpen(body, Members, out var fields, out problem))
        {
            return false;
        }

        var active = PublisherMembers.RequiredFlag(fields, "active");
        var fromNow = fields.Flag("from_now") ?? false;
        var topic = fields.Text("topic", TopicName.Check);
        var settings = PublisherMembers.Read(fields, PublisherSettings.Default);
        var type = fields.Text("type", Required);
        var target = fields.Text("target", Required);
        target = Find(fields.Errors, transports, unconfigured, type) is { } transport ? CheckTarget(fields.Errors, transport, target, settings) : null;

        problem = fields.Errors.ToProblem();
        if (problem is not null)
        {
            return false;
        }

        publisher = new NewPublisher(topic!, type!, target!, active, fromNow, settings);
        return true;
    }

    private static string? Required(string? text) => string.IsNullOrWhiteSpace(text) ? Fields.Blank : null;

    private static ITransport? Find(FieldErrors errors, IEnumerable<ITransport> transports, IEnumerable<UnconfiguredTransport> unconfigured, string? type)
    {
        if (string.IsNullOrWhiteSpace(type))
        {
            return null;
        }

        if (transports.FirstOrDefault(candidate => candidate.Type == type) is { } transport)
        {
            return transport;
        }

        errors.Add("type", unconfigured.FirstOrDefault(candidate => candidate.Type == type) is { } missing
            ? $"is invalid: {missing.Type} is not set up here; {missing.Remedy}"
            : $"is invalid: give one of {string.Join(", ", transports.Select(candidate => candidate.Type))}");
        return null;
    }

    /// <returns>The target in the spelling by which it is known; null when something is wrong with it.</returns>
    private static string? CheckTarget(FieldErrors errors, ITransport transport, string? target, PublisherSettings settings)
    {
        if (string.IsNullOrWhiteSpace(target))
        {
            return null;
        }

        var check = transport.CheckTarget(target, settings);
        errors.Add("target", check.Error);
        return check.Target;
    }
}

/// <summary>The settings of a publisher, in the body that creates or changes it.</summary>
internal abstract record PublisherSettingsBody
{
    /// <summary>1 to 300; 30 unless set.</summary>
    [JsonPropertyName("seconds_timeout")]
    public int? SecondsTimeout { get; init; }

    /// <summary>1 to 3,600; 30 unless set.</summary>
    [JsonPropertyName("seconds_retry")]
    public int? SecondsRetry { get; init; }

    /// <summary>1 to 31,536,000: at this age a delivery that has just failed is given up; no limit unless set.</summary>
    [JsonPropertyName("seconds_max_age")]
    public int? SecondsMaxAge { get; init; }

    /// <summary>1 to 1,000.</summary>
    [JsonPropertyName("chunk_size")]
    public int? ChunkSize { get; init; }

    /// <summary>1 to 1,000.</summary>
    [JsonPropertyName("max_demand")]
    public int? MaxDemand { get; init; }

    /// <summary>0 to max_demand − 1.</summary>
    [JsonPropertyName("min_demand")]
    public int? MinDemand { get; init; }

    /// <summary>When more deliveries are asked for; the node's unless set.</summary>
    [JsonPropertyName("demand_mode")]
    public DemandMode? DemandMode { get; init; }

    /// <summary>Whether the demand shrinks when the receiver throttles, times out or slows down; the node's unless set.</summary>
    [JsonPropertyName("adaptive_demand")]
    public bool? AdaptiveDemand { get; init; }

    /// <summary>1 to 1,000; 100 unless set.</summary>
    [JsonPropertyName("max_attempts")]
    public int? MaxAttempts { get; init; }

    /// <summary>Extra headers for each request.</summary>
    public Dictionary<string, string>? Headers { get; init; }

    /// <summary>With <c>key</c>, messages of one ordering key are sent one at a time, in order.</summary>
    public DeliveryOrdering? Ordering { get; init; }

    /// <summary>Whether an ordering key goes on when a delivery of it is given up, or waits for an operator.</summary>
    [JsonPropertyName("on_key_failure")]
    public KeyFailure? OnKeyFailure { get; init; }

    /// <summary>The most attempts that are started in a span of time; no limit unless set.</summary>
    [JsonPropertyName("rate_limit")]
    public RateLimitResource? RateLimit { get; init; }

    /// <summary>Which messages are delivered; all unless set.</summary>
    public JsonElement? Filter { get; init; }
}
