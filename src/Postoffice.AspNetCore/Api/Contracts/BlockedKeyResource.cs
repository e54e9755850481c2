using System.Text.Json.Serialization;
using Postoffice.Deliveries;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>An ordering key that is held up at a publisher.</summary>
/// <param name="Key">The key.</param>
/// <param name="State"><c>parked</c>: until its head is due; <c>next</c>: its head goes next; <c>dead</c>: until an operator retries or discards its head.</param>
/// <param name="Head">The delivery that holds it up.</param>
/// <param name="Waiting">How many deliveries of the key wait behind it.</param>
internal sealed record BlockedKeyResource(string Key, string State, KeyHeadResource Head, long Waiting)
{
    public static BlockedKeyResource From(BlockedKey key) => new(
        key.Key,
        key.IsDead ? "dead" : key.DueAt is null ? "next" : "parked",
        new KeyHeadResource(key.HeadPosition, key.HeadMessageId, key.Attempts, key.DueAt?.UtcDateTime, key.Reason),
        key.Waiting);
}

/// <summary>The delivery that holds an ordering key up.</summary>
internal sealed record KeyHeadResource(
    long Position,
    [property: JsonPropertyName("message_id")] Guid MessageId,
    int Attempts,
    [property: JsonPropertyName("due_at")] DateTime? DueAt,
    string Reason);
