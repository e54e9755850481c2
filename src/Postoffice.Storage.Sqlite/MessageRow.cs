using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Postoffice.Messages;

namespace Postoffice.Storage.Sqlite;

/// <summary>A message's columns, in the log and in staging.</summary>
internal static class MessageRow
{
    /// <summary>How many columns <see cref="Columns"/> has: further ones of a query start here.</summary>
    public const int Count = 9;

    public const string Columns =
        "m.topic_id, m.position, m.id, m.content_type, m.attributes, m.ordering_key, m.traceparent, m.received_at, m.payload";

    public static Message Read(SqliteDataReader reader) => new()
    {
        TopicId = reader.GetInt64(0),
        Position = reader.GetInt64(1),
        Id = Guid.Parse(reader.GetString(2)),
        ContentType = reader.GetString(3),
        Attributes = MessageAttributes.FromJson(reader.GetString(4)),
        OrderingKey = reader.IsDBNull(5) ? null : reader.GetString(5),
        TraceParent = reader.IsDBNull(6) ? null : reader.GetString(6),
        ReceivedAt = SqliteTime.ToTime(reader.GetInt64(7)),
        Payload = reader.GetFieldValue<byte[]>(8),
    };

    /// <summary>The form of an id in the database: 36 lower-case characters.</summary>
    public static string Text(Guid id) => id.ToString("D");

    /// <returns>The payload as an array: itself when it is a complete one, else a copy. The binding knows arrays only.</returns>
    public static byte[] ToArray(ReadOnlyMemory<byte> payload) =>
        MemoryMarshal.TryGetArray(payload, out var segment) && segment is { Array: { } array, Offset: 0 } && segment.Count == array.Length
            ? array
            : payload.ToArray();
}
