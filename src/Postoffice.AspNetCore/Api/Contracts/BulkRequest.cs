using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Primitives;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Messages;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>What publishes several messages to one topic, all or none.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Payload">Up to 3,000 JSON objects, each at most 1 MiB, together at most 30 MiB.</param>
/// <param name="Attributes">The attributes of each.</param>
/// <param name="OrderingKey">Messages of one key stay in order, for publishers that ask for it.</param>
internal sealed record BulkRequest(
    string Topic,
    IReadOnlyList<JsonElement> Payload,
    Dictionary<string, string> Attributes,
    [property: JsonPropertyName("ordering_key")] string? OrderingKey = null)
{
    private static readonly MemberNames Members = new(MessageMembers.Names);

    public static bool TryRead(
        ReadOnlyMemory<byte> body, StringValues idempotencyKey, [NotNullWhen(true)] out AddressedBulk? bulk, [NotNullWhen(false)] out Problem? problem)
    {
        bulk = null;
        if (!Fields.TryOpen(body, Members, out var fields, out problem))
        {
            return false;
        }

        var topic = MessageMembers.Topic(fields);
        var payloads = Payloads(fields);
        var attributes = MessageMembers.Attributes(fields, required: true);
        var orderingKey = MessageMembers.OrderingKey(fields);
        var key = IdempotencyKey.Read(idempotencyKey, fields.Errors);
        problem = fields.Errors.ToProblem();
        if (problem is not null)
        {
            return false;
        }

        var trace = MessageMembers.TraceParent();
        bulk = new AddressedBulk(topic!, [.. payloads.Select((payload, index) => new NewMessage
        {
            // Each has its own array, so that one message kept in memory does not keep the whole request.
            Payload = payload.ToArray(),
            OwnsPayload = true,
            Attributes = attributes,
            OrderingKey = orderingKey,
            IdempotencyKey = index == 0 ? key : null,
            TraceParent = trace,
        })]);
        return true;
    }

    /// <returns>The bytes of each payload inside the body.</returns>
    private static List<ReadOnlyMemory<byte>> Payloads(Fields fields)
    {
        var payloads = new List<ReadOnlyMemory<byte>>();
        var list = fields["payload"];
        if (list.Kind != JsonTokenType.StartArray)
        {
            fields.Errors.Add("payload", list.IsMissing ? Fields.Blank : "is invalid: give a list of JSON objects");
            return payloads;
        }

        var reader = list.Open();
        var count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            var (kind, start) = (reader.TokenType, (int)reader.TokenStartIndex);
            reader.Skip();
            if (count < MessageRules.MaxBulkMessages)
            {
                payloads.Add(Check(fields.Errors, kind, list.Bytes[start..(int)reader.BytesConsumed], count));
            }
        }

        if (count > MessageRules.MaxBulkMessages)
        {
            fields.Errors.Add("payload", $"is invalid: {count} messages; at most {MessageRules.MaxBulkMessages} are allowed");
        }

        return payloads;
    }

    private static ReadOnlyMemory<byte> Check(FieldErrors errors, JsonTokenType kind, ReadOnlyMemory<byte> payload, int index)
    {
        if (kind != JsonTokenType.StartObject)
        {
            errors.Add("payload", $"is invalid: element {index} is not a JSON object");
        }

        MessageMembers.CheckSize(errors, payload.Length);
        return payload;
    }
}

/// <summary>Messages and the topic they go to; there may be none.</summary>
internal sealed record AddressedBulk(string Topic, IReadOnlyList<NewMessage> Messages);

/// <summary>The ids of the messages, in their order.</summary>
internal sealed record BulkAnswer(IReadOnlyList<Guid> Result);
