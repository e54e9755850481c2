using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postoffice.Publishers;

/// <summary>
/// How a running publisher does, as the node that runs it tells the others with each renewal of its leases: what decides whether a message goes out now, and is
/// in no table. Times are by the clock of that node.
/// </summary>
internal sealed record PublisherReport
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Closed, open or half-open: see <see cref="Outcomes.Breaker"/>.</summary>
    public required string Breaker { get; init; }

    /// <summary>When the next probe may go out; null unless the breaker is open.</summary>
    public DateTimeOffset? ProbeAt { get; init; }

    /// <summary>What the last failed attempt met; null when the last attempt succeeded, or there was none.</summary>
    public string? LastError { get; init; }

    /// <summary>Hard bound on what is in flight.</summary>
    public required int MaxDemand { get; init; }

    /// <summary>What the adaptive window makes of it now.</summary>
    public required int EffectiveDemand { get; init; }

    public required int InFlight { get; init; }

    /// <summary>Deliveries a second, over the last minute.</summary>
    public required double Rate { get; init; }

    /// <summary>Until when the rate limit holds everything back; null while it does not.</summary>
    public DateTimeOffset? RateLimitedUntil { get; init; }

    /// <summary>Until when nothing is sent since this node reaches no target at all; null while it does.</summary>
    public DateTimeOffset? OfflineUntil { get; init; }

    /// <summary>The attempts that are under way longest, at most <see cref="MaxSending"/>.</summary>
    public IReadOnlyList<SendingReport> Sending { get; init; } = [];

    public const int MaxSending = 50;

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.PublisherReport);

    /// <returns>The report; null when it is from a build whose reports this one cannot read.</returns>
    public static PublisherReport? FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ReportJson.Default.PublisherReport);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>An attempt that is under way.</summary>
/// <param name="Position">The message's position.</param>
/// <param name="Attempt">1 for the first.</param>
/// <param name="Since">When it began.</param>
/// <param name="Key">The ordering key that waits for it; null when none does.</param>
/// <param name="MessageId">The message; said with a key only.</param>
internal readonly record struct SendingReport(long Position, int Attempt, DateTimeOffset Since, string? Key = null, Guid? MessageId = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PublisherReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
