using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Messages;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>What is sent to a publisher's target to see how it answers. Everything may be left out.</summary>
/// <param name="Payload">A JSON object; <c>{"postoffice":"test"}</c> unless given.</param>
/// <param name="Attributes">Names and values beside the payload.</param>
internal sealed record TestRequest(JsonElement? Payload = null, Dictionary<string, string>? Attributes = null)
{
    private static readonly MemberNames Members = new("payload", "attributes");

    /// <summary>What a request without a body means.</summary>
    public static TestMessage Default { get; } = new("""{"postoffice":"test"}"""u8.ToArray(), MessageAttributes.Empty);

    public static bool TryRead(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out TestMessage? message, [NotNullWhen(false)] out Problem? problem)
    {
        message = null;
        if (!Fields.TryOpen(body, Members, out var fields, out problem))
        {
            return false;
        }

        fields.RefuseUnknown();
        var payload = fields["payload"].IsMissing ? Default.Payload : MessageMembers.Payload(fields).ToArray();
        var attributes = MessageMembers.Attributes(fields, required: false);
        problem = fields.Errors.ToProblem();
        message = problem is null ? new TestMessage(payload, attributes) : null;
        return problem is null;
    }
}

/// <summary>The message of a test.</summary>
internal sealed record TestMessage(ReadOnlyMemory<byte> Payload, MessageAttributes Attributes);

/// <summary>How a target answered a test.</summary>
/// <param name="Outcome"><c>accepted</c>, <c>rejected</c>, <c>unavailable</c>, <c>throttled</c>, <c>gone</c>, <c>blocked</c> or <c>invalid</c>.</param>
/// <param name="StatusCode">The status of its answer; null when there was none.</param>
/// <param name="DurationMs">How long it took.</param>
/// <param name="Error">What went wrong; null when it was accepted.</param>
/// <param name="Answer">The beginning of the answer's body; null when it is empty, or the transport has none.</param>
/// <param name="MessageId">The id under which it was sent.</param>
internal sealed record TestResource(
    string Outcome,
    [property: JsonPropertyName("status_code")] int? StatusCode,
    [property: JsonPropertyName("duration_ms")] int DurationMs,
    string? Error,
    string? Answer,
    [property: JsonPropertyName("message_id")] Guid MessageId);
