using System.Text.Json;
using System.Text.Json.Serialization;
using Postoffice.Filters;

namespace Postoffice.Publishers;

/// <summary>How a publisher delivers. Kept by the stores as one JSON document, so that a new setting needs no migration.</summary>
public sealed record PublisherSettings
{
    /// <summary>The settings of a publisher that names none.</summary>
    internal static readonly PublisherSettings Default = new();

    /// <summary>How long one attempt may take, over connect, TLS, request, headers and body.</summary>
    /// <value>30 seconds; 1 to 300 seconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The pause before the first retry; it doubles with each further attempt, up to one hour.</summary>
    /// <value>30 seconds; 1 second to 1 hour.</value>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After how many attempts a delivery is given up and becomes a dead letter.</summary>
    /// <value>100; 1 to 1,000.</value>
    public int MaxAttempts { get; init; } = 100;

    /// <summary>At which age, counted from when the message was received, a delivery that has just failed is given up and becomes a dead letter.</summary>
    /// <value>None (null) unless set; 1 second to 365 days. Each delivery is attempted once, however old it is.</value>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Hard bound on deliveries asked for and not finished.</summary>
    /// <value>
    /// The node's <c>Postoffice:Pipeline:MaxDemand</c> (null), or four times <see cref="ChunkSize"/> for transports that send batches when that is more, unless set;
    /// 1 to 1,000.
    /// </value>
    public int? MaxDemand { get; init; }

    /// <summary>How many deliveries must have finished before more are asked for.</summary>
    /// <value>The node's <c>Postoffice:Pipeline:MinDemand</c>, else half of the demand (null), unless set; 0 to <see cref="MaxDemand"/> − 1.</value>
    public int? MinDemand { get; init; }

    /// <summary>When more deliveries are asked for.</summary>
    /// <value>The node's <c>Postoffice:Pipeline:DemandMode</c> (null) unless set.</value>
    public DemandMode? DemandMode { get; init; }

    /// <summary>Whether the demand shrinks when the receiver throttles, times out or slows down, and grows again when it recovers.</summary>
    /// <value>The node's <c>Postoffice:Pipeline:AdaptiveDemand</c> (null) unless set.</value>
    public bool? AdaptiveDemand { get; init; }

    /// <summary>The most attempts that are started in a span of time.</summary>
    /// <value>No limit (null) unless set.</value>
    public RateLimit? RateLimit { get; init; }

    /// <summary>Whether messages of one ordering key are sent one at a time, in order.</summary>
    /// <value><see cref="DeliveryOrdering.None"/> unless set.</value>
    public DeliveryOrdering Ordering { get; init; }

    /// <summary>What becomes of an ordering key when a delivery of it is given up.</summary>
    /// <value><see cref="KeyFailure.Skip"/> unless set.</value>
    public KeyFailure OnKeyFailure { get; init; }

    /// <summary>Which messages are delivered; the others are skipped and counted.</summary>
    /// <value>All (null) unless set.</value>
    [JsonConverter(typeof(MessageFilterText))]
    public MessageFilter? Filter { get; init; }

    /// <summary>How many messages go out in one call, for transports that can.</summary>
    /// <value>The transport's default (null) unless set; 1 to 1,000.</value>
    public int? ChunkSize { get; init; }

    /// <summary>Extra headers for each request, for transports that have them.</summary>
    /// <value>Empty unless set. Names are HTTP tokens, values printable ASCII.</value>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Why the stored settings cannot be read; null when they can. A publisher with a fault delivers nothing, and disturbs nobody else.</summary>
    [JsonIgnore]
    internal string? Fault { get; init; }

    internal string ToJson() => JsonSerializer.Serialize(this, PublisherJson.Default.PublisherSettings);

    internal static PublisherSettings FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, PublisherJson.Default.PublisherSettings) ?? new PublisherSettings { Fault = "its settings are null" };
        }
        catch (JsonException exception)
        {
            return new PublisherSettings { Fault = $"its settings cannot be read: {exception.Message}" };
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PublisherSettings))]
internal sealed partial class PublisherJson : JsonSerializerContext;
