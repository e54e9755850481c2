using System.Diagnostics;
using System.Text.Json;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Messages;
using Postoffice.Topics;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>
/// The members that messages are made of, in requests for one, for many, and for later. Anything else in a request is skipped: a message can't name its own target.
/// </summary>
internal static class MessageMembers
{
    public static readonly string[] Names = ["topic", "payload", "attributes", "ordering_key"];

    public static string? Topic(Fields fields) => fields.Text("topic", TopicName.Check);

    public static string? OrderingKey(Fields fields) => fields.Text("ordering_key", MessageRules.CheckKey);

    /// <returns>The bytes of the payload inside the body; what is kept of them must be copied.</returns>
    public static ReadOnlyMemory<byte> Payload(Fields fields)
    {
        var payload = fields["payload"];
        if (payload.IsMissing)
        {
            fields.Errors.Add("payload", Fields.Blank);
        }
        else if (payload.Kind != JsonTokenType.StartObject)
        {
            fields.Errors.Add("payload", "is invalid: give a JSON object; several go to /bulk_messages");
        }

        CheckSize(fields.Errors, payload.Bytes.Length);
        return payload.Bytes;
    }

    public static MessageAttributes Attributes(Fields fields, bool required)
    {
        if (required && fields["attributes"].IsMissing)
        {
            fields.Errors.Add("attributes", Fields.Blank);
        }

        if (fields.Texts("attributes") is not { Count: > 0 } texts)
        {
            return MessageAttributes.Empty;
        }

        var attributes = MessageAttributes.Create(texts);
        fields.Errors.Add("attributes", MessageRules.CheckAttributes(attributes));
        return attributes;
    }

    public static void CheckSize(FieldErrors errors, int bytes)
    {
        if (bytes > MessageRules.MaxPayloadBytes)
        {
            errors.Add(Problem.TooLarge($"A payload has {bytes} bytes; at most {MessageRules.MaxPayloadBytes} are allowed."));
        }
    }

    /// <returns>The trace of the request, whose parent is the caller's <c>traceparent</c>; null when nothing is traced.</returns>
    public static string? TraceParent() => System.Diagnostics.Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;
}
