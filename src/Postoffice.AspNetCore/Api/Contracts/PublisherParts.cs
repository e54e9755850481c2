using System.Text.Json.Serialization;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>The most attempts that are started in a span of time.</summary>
/// <param name="Permits">How many; 1 to 1,000,000.</param>
/// <param name="PerSeconds">The span; 1 to 86,400.</param>
internal sealed record RateLimitResource(int Permits, [property: JsonPropertyName("per_seconds")] int PerSeconds);

/// <summary>A node.</summary>
/// <param name="Id">New at each start.</param>
/// <param name="Host">Where it runs.</param>
internal sealed record NodeResource(Guid Id, string Host);

/// <summary>What a publisher makes of its receiver.</summary>
/// <param name="State"><c>closed</c>: all is well; <c>open</c>: nothing is sent; <c>half_open</c>: probes, then more and more.</param>
/// <param name="ProbeAt">When the next probe may go out, while it is open.</param>
/// <param name="LastError">What the last attempt met; null when it succeeded.</param>
internal sealed record BreakerResource(
    string State,
    [property: JsonPropertyName("probe_at")] DateTime? ProbeAt,
    [property: JsonPropertyName("last_error")] string? LastError);

/// <summary>How many deliveries a publisher may have in flight.</summary>
/// <param name="Max">Its hard bound.</param>
/// <param name="Effective">What the adaptive window makes of it now.</param>
/// <param name="InFlight">How many are.</param>
internal sealed record DemandResource(int Max, int Effective, [property: JsonPropertyName("in_flight")] int InFlight);
