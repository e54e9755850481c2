using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Primitives;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Messages;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>What publishes one message.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Payload">A JSON object, at most 1 MiB; delivered byte for byte.</param>
/// <param name="Attributes">Names and values beside the payload.</param>
/// <param name="OrderingKey">Messages of one key stay in order, for publishers that ask for it.</param>
internal sealed record MessageRequest(
    string Topic,
    JsonElement Payload,
    Dictionary<string, string>? Attributes = null,
    [property: JsonPropertyName("ordering_key")] string? OrderingKey = null)
{
    private static readonly MemberNames Members = new(MessageMembers.Names);

    public static bool TryRead(
        ReadOnlyMemory<byte> body, StringValues idempotencyKey, [NotNullWhen(true)] out AddressedMessage? addressed, [NotNullWhen(false)] out Problem? problem)
    {
        addressed = null;
        if (!Fields.TryOpen(body, Members, out var fields, out problem))
        {
            return false;
        }

        addressed = Read(fields, idempotencyKey);
        problem = fields.Errors.ToProblem();
        return problem is null;
    }

    /// <returns>The message, or null and the errors in <paramref name="fields"/>.</returns>
    public static AddressedMessage? Read(Fields fields, StringValues idempotencyKey)
    {
        var topic = MessageMembers.Topic(fields);
        var payload = MessageMembers.Payload(fields);
        var attributes = MessageMembers.Attributes(fields, required: false);
        var orderingKey = MessageMembers.OrderingKey(fields);
        var key = IdempotencyKey.Read(idempotencyKey, fields.Errors);
        return fields.Errors.ToProblem() is not null ? null : new AddressedMessage(topic!, new NewMessage
        {
            Payload = payload.ToArray(),
            OwnsPayload = true,
            Attributes = attributes,
            OrderingKey = orderingKey,
            IdempotencyKey = key,
            TraceParent = MessageMembers.TraceParent(),
        });
    }
}

/// <summary>A message and the topic it goes to.</summary>
internal sealed record AddressedMessage(string Topic, NewMessage Message);
