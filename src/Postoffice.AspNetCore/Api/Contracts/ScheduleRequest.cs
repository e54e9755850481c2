using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Primitives;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>What publishes one message later.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Payload">A JSON object, at most 1 MiB; delivered byte for byte.</param>
/// <param name="ScheduleAt">When, with an offset; in the past means at once.</param>
/// <param name="Attributes">Names and values beside the payload.</param>
/// <param name="OrderingKey">Messages of one key stay in order, for publishers that ask for it.</param>
internal sealed record ScheduleRequest(
    string Topic,
    JsonElement Payload,
    [property: JsonPropertyName("schedule_at")] DateTimeOffset ScheduleAt,
    Dictionary<string, string>? Attributes = null,
    [property: JsonPropertyName("ordering_key")] string? OrderingKey = null)
{
    private static readonly MemberNames Members = new(["schedule_at", .. MessageMembers.Names]);

    public static bool TryRead(
        ReadOnlyMemory<byte> body,
        StringValues idempotencyKey,
        [NotNullWhen(true)] out AddressedMessage? addressed,
        out DateTimeOffset scheduleAt,
        [NotNullWhen(false)] out Problem? problem)
    {
        addressed = null;
        scheduleAt = default;
        if (!Fields.TryOpen(body, Members, out var fields, out problem))
        {
            return false;
        }

        _ = Rfc3339.TryParse(fields.Text("schedule_at", Check), out scheduleAt);
        addressed = MessageRequest.Read(fields, idempotencyKey);
        problem = fields.Errors.ToProblem();
        return problem is null;
    }

    private static string? Check(string? text) => text is null ? Fields.Blank : Rfc3339.TryParse(text, out _) ? null : Rfc3339.Error;
}
