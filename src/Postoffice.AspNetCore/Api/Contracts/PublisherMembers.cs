using System.Text.Json;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Filters;
using Postoffice.Publishers;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>The members by which a publisher's settings are given, when it is created and when it is changed.</summary>
internal static class PublisherMembers
{
    private const string NotSupported = "is not supported by this version";
    private const string RateLimitError = "is invalid: give {\"permits\": 1 to 1000000, \"per_seconds\": 1 to 86400}";
    private const int MaxSeconds = 300;
    private const int MaxRetrySeconds = 3_600;
    private const int MaxAgeSeconds = 31_536_000;
    private const int MaxCount = 1_000;
    private const int MaxPermits = 1_000_000;
    private const int MaxPerSeconds = 86_400;

    public static readonly string[] Names =
    [
        "seconds_timeout", "seconds_retry", "seconds_max_age", "chunk_size", "max_demand", "min_demand", "demand_mode", "adaptive_demand", "max_attempts",
        "headers", "ordering", "on_key_failure", "rate_limit", "filter", "secret",
    ];

    private static readonly MemberNames RateLimitNames = new("permits", "per_seconds");

    private static readonly Dictionary<string, DeliveryOrdering> Orderings = new() { ["none"] = DeliveryOrdering.None, ["key"] = DeliveryOrdering.Key };
    private static readonly Dictionary<string, KeyFailure> KeyFailures = new() { ["skip"] = KeyFailure.Skip, ["block"] = KeyFailure.Block };
    private static readonly Dictionary<string, DemandMode> DemandModes = new() { ["completed"] = DemandMode.Completed, ["low_watermark"] = DemandMode.LowWatermark };

    /// <returns>
    /// The settings: what the request gives, and for the rest <paramref name="current"/>. Null takes back a setting that may be unset, and means nothing for the others.
    /// </returns>
    public static PublisherSettings Read(Fields fields, PublisherSettings current)
    {
        fields.Refuse(NotSupported, "secret");

        var maxDemand = Optional(fields, "max_demand", fields.Number("max_demand", 1, MaxCount), current.MaxDemand);
        var minDemand = Optional(fields, "min_demand", fields.Number("min_demand", 0, MaxCount - 1), current.MinDemand);
        return current with
        {
            Timeout = Seconds(fields.Number("seconds_timeout", 1, MaxSeconds)) ?? current.Timeout,
            RetryDelay = Seconds(fields.Number("seconds_retry", 1, MaxRetrySeconds)) ?? current.RetryDelay,
            MaxAge = Optional(fields, "seconds_max_age", Seconds(fields.Number("seconds_max_age", 1, MaxAgeSeconds)), current.MaxAge),
            ChunkSize = Optional(fields, "chunk_size", fields.Number("chunk_size", 1, MaxCount), current.ChunkSize),
            MaxDemand = maxDemand,
            MinDemand = CheckMinDemand(fields, minDemand, maxDemand),
            DemandMode = Optional(fields, "demand_mode", fields.OneOf("demand_mode", DemandModes), current.DemandMode),
            AdaptiveDemand = Optional(fields, "adaptive_demand", fields.Flag("adaptive_demand"), current.AdaptiveDemand),
            MaxAttempts = fields.Number("max_attempts", 1, MaxCount) ?? current.MaxAttempts,
            Headers = ReadHeaders(fields) ?? current.Headers,
            Ordering = fields.OneOf("ordering", Orderings) ?? current.Ordering,
            OnKeyFailure = fields.OneOf("on_key_failure", KeyFailures) ?? current.OnKeyFailure,
            RateLimit = fields.IsNull("rate_limit") ? null : ReadRateLimit(fields) ?? current.RateLimit,
            Filter = fields.IsNull("filter") ? null : ReadFilter(fields) ?? current.Filter,
        };
    }

    /// <summary>A member of true or false that must be there.</summary>
    public static bool RequiredFlag(Fields fields, string name)
    {
        fields.Errors.Add(name, fields[name].IsMissing ? Fields.Blank : null);
        return fields.Flag(name) ?? false;
    }

    private static T? Optional<T>(Fields fields, string name, T? given, T? current)
        where T : struct => fields.IsNull(name) ? null : given ?? current;

    private static TimeSpan? Seconds(int? seconds) => seconds is { } given ? TimeSpan.FromSeconds(given) : null;

    private static int? CheckMinDemand(Fields fields, int? minDemand, int? maxDemand)
    {
        if (minDemand >= maxDemand)
        {
            fields.Errors.Add("min_demand", $"is invalid: {minDemand}; it must be less than max_demand, {maxDemand}");
        }

        return minDemand;
    }

    private static Dictionary<string, string>? ReadHeaders(Fields fields)
    {
        var headers = fields.Texts("headers");
        fields.Errors.Add("headers", headers is null ? null : HeaderRules.Check(headers));
        return headers;
    }

    private static RateLimit? ReadRateLimit(Fields fields)
    {
        var slice = fields["rate_limit"];
        if (slice.IsMissing)
        {
            return null;
        }

        if (slice.Kind == JsonTokenType.StartObject)
        {
            if (!Fields.TryOpen(slice.Bytes, RateLimitNames, out var inner, out var problem))
            {
                fields.Errors.Add(problem);
                return null;
            }

            var (permits, perSeconds) = (inner.Number("permits", 1, MaxPermits), inner.Number("per_seconds", 1, MaxPerSeconds));
            if (permits is not null && perSeconds is not null && inner.Unknown.Count == 0)
            {
                return new RateLimit(permits.Value, perSeconds.Value);
            }
        }

        fields.Errors.Add("rate_limit", RateLimitError);
        return null;
    }

    private static MessageFilter? ReadFilter(Fields fields)
    {
        var slice = fields["filter"];
        if (slice.IsMissing)
        {
            return null;
        }

        if (slice.Kind != JsonTokenType.StartObject)
        {
            fields.Errors.Add("filter", "is invalid: give an object of conditions");
            return null;
        }

        fields.Errors.Add("filter", MessageFilter.TryParse(slice.Bytes.Span, out var filter, out var error) ? null : error);
        return filter;
    }
}
