using System.Text.Json.Serialization;
using Postoffice.Deliveries;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>A replay that is under way.</summary>
/// <param name="Position">The next position that is sent again.</param>
/// <param name="Until">The last one.</param>
/// <param name="OnlyFailed">Dead letters only.</param>
/// <param name="RequestedAt">When it was asked for.</param>
internal sealed record ReplayResource(
    long Position,
    long Until,
    [property: JsonPropertyName("only_failed")] bool OnlyFailed,
    [property: JsonPropertyName("requested_at")] DateTime RequestedAt)
{
    public static ReplayResource From(Replay replay) => new(replay.Position + 1, replay.Until, replay.OnlyFailed, replay.RequestedAt.UtcDateTime);
}

/// <summary>What a request for a replay came to.</summary>
/// <param name="Messages">How many messages it sends.</param>
/// <param name="Position">The first position.</param>
/// <param name="Until">The last one.</param>
/// <param name="OnlyFailed">Dead letters only.</param>
/// <param name="DryRun">Whether it was only counted.</param>
internal sealed record ReplayStarted(
    long Messages,
    long Position,
    long Until,
    [property: JsonPropertyName("only_failed")] bool OnlyFailed,
    [property: JsonPropertyName("dry_run")] bool DryRun);
