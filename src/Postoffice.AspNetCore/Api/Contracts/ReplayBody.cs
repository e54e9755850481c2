using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Deliveries;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>What starts a replay. One of the first three says what is meant; <c>position: 1</c> means everything.</summary>
/// <param name="From">From the first message on that was received at this time or later.</param>
/// <param name="Position">From this position on, itself included.</param>
/// <param name="OnlyFailed">Dead letters only.</param>
/// <param name="DryRun">Only counts, and changes nothing.</param>
internal sealed record ReplayBody(
    DateTimeOffset? From = null,
    long? Position = null,
    [property: JsonPropertyName("only_failed")] bool? OnlyFailed = null,
    [property: JsonPropertyName("dry_run")] bool? DryRun = null)
{
    private const string Missing = "can't be blank: give from, position or only_failed; position 1 replays everything";

    private static readonly MemberNames Members = new("from", "position", "only_failed", "dry_run");

    public static bool TryRead(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out ReplayRequest? request, out bool dryRun, [NotNullWhen(false)] out Problem? problem)
    {
        (request, dryRun) = (null, false);
        if (!Fields.TryOpen(body, Members, out var fields, out problem))
        {
            return false;
        }

        // A misspelt bound that is silently skipped would send more than was meant.
        fields.RefuseUnknown();
        var from = fields.Time("from");
        var position = fields.LongNumber("position", 1, long.MaxValue);
        var onlyFailed = fields.Flag("only_failed") ?? false;
        dryRun = fields.Flag("dry_run") ?? false;
        if (from is not null && position is not null)
        {
            fields.Errors.Add("position", "is invalid: give from or position, not both");
        }

        if (fields["from"].IsMissing && fields["position"].IsMissing && !onlyFailed)
        {
            fields.Errors.Add("position", Missing);
        }

        problem = fields.Errors.ToProblem();
        request = problem is null ? new ReplayRequest(from, position, onlyFailed) : null;
        return problem is null;
    }
}
