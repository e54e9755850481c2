using System.Text.Json.Serialization;
using Postoffice.Activity;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>What was done in the last hour.</summary>
/// <param name="Minutes">60 of them, oldest first.</param>
/// <param name="Latency">How long deliveries of the last minutes took; null when there were none.</param>
/// <param name="ErrorRate">The share of attempts of the last minutes that failed; null when there were none.</param>
internal sealed record ActivityResource(
    IReadOnlyList<ActivityMinuteResource> Minutes,
    LatencyResource? Latency,
    [property: JsonPropertyName("error_rate")] double? ErrorRate)
{
    public static ActivityResource From(ActivityReading reading)
    {
        var minutes = ActivityMinutes.Fill(reading);
        return new ActivityResource(
            [.. minutes.Select(minute => new ActivityMinuteResource(
                minute.At.UtcDateTime, minute.Received, minute.Delivered, minute.Failed, minute.Skipped, minute.Dead))],
            LatencyResource.From(reading.Latencies),
            Rounded.Share(ActivityMinutes.ErrorRate(minutes)));
    }
}

/// <summary>One minute.</summary>
internal sealed record ActivityMinuteResource(DateTime At, long Received, long Delivered, long Failed, long Skipped, long Dead);

/// <summary>From received to delivered, in milliseconds.</summary>
/// <param name="P50Ms">Half of the deliveries took no longer.</param>
/// <param name="P99Ms">99 of 100 took no longer.</param>
internal sealed record LatencyResource(
    [property: JsonPropertyName("p50_ms")] double P50Ms,
    [property: JsonPropertyName("p99_ms")] double P99Ms)
{
    public static LatencyResource? From(IReadOnlyList<long> latencies) =>
        LatencyHistogram.Quantile(latencies, 0.5) is { } median && LatencyHistogram.Quantile(latencies, 0.99) is { } worst
            ? new LatencyResource(Math.Round(median.TotalMilliseconds, 1), Math.Round(worst.TotalMilliseconds, 1))
            : null;
}

/// <summary>Figures as people read them.</summary>
internal static class Rounded
{
    public static double Rate(double perSecond) => Math.Round(perSecond, 2);

    public static double? Share(double? share) => share is { } given ? Math.Round(given, 4) : null;
}
