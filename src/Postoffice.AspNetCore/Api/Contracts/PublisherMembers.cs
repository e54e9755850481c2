using System.Text.Json;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Publishers;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>The members by which a publisher's settings are given, when it is created and when it is changed.</summary>
internal static class PublisherMembers
{
    public const string NoOrdering = "none";

    private const string NotSupported = "is not supported by this version";
    private const int MaxSeconds = 300;
    private const int MaxRetrySeconds = 3_600;
    private const int MaxCount = 1_000;

    public static readonly string[] Names =
    [
        "seconds_timeout", "seconds_retry", "chunk_size", "max_demand", "min_demand", "max_attempts", "headers", "ordering", "rate_limit", "filter", "secret",
    ];

    /// <returns>The settings: what the request gives, and for the rest <paramref name="current"/>.</returns>
    public static PublisherSettings Read(Fields fields, PublisherSettings current)
    {
        fields.Refuse(NotSupported, "rate_limit", "filter", "secret");
        CheckOrdering(fields);

        var maxDemand = fields.Number("max_demand", 1, MaxCount) ?? current.MaxDemand;
        return current with
        {
            Timeout = Seconds(fields.Number("seconds_timeout", 1, MaxSeconds)) ?? current.Timeout,
            RetryDelay = Seconds(fields.Number("seconds_retry", 1, MaxRetrySeconds)) ?? current.RetryDelay,
            ChunkSize = fields.Number("chunk_size", 1, MaxCount) ?? current.ChunkSize,
            MaxDemand = maxDemand,
            MinDemand = CheckMinDemand(fields, fields.Number("min_demand", 0, MaxCount - 1) ?? current.MinDemand, maxDemand),
            MaxAttempts = fields.Number("max_attempts", 1, MaxCount) ?? current.MaxAttempts,
            Headers = ReadHeaders(fields) ?? current.Headers,
        };
    }

    /// <summary>A member of true or false that must be there.</summary>
    public static bool RequiredFlag(Fields fields, string name)
    {
        fields.Errors.Add(name, fields[name].IsMissing ? Fields.Blank : null);
        return fields.Flag(name) ?? false;
    }

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

    private static void CheckOrdering(Fields fields)
    {
        var ordering = fields["ordering"];
        if (ordering.IsMissing || (ordering.Kind == JsonTokenType.String && ordering.Open().ValueTextEquals(NoOrdering)))
        {
            return;
        }

        var isPlanned = ordering.Kind == JsonTokenType.String && ordering.Open().ValueTextEquals("key"u8);
        fields.Errors.Add("ordering", isPlanned ? NotSupported : "is invalid: give none");
    }
}
