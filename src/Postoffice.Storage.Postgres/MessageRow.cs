using Npgsql;
using Postoffice.Messages;

namespace Postoffice.Storage.Postgres;

/// <summary>A message of the log as a row: its columns, in the order in which <see cref="Read"/> takes them.</summary>
internal static class MessageRow
{
    public const string Columns = """
        messages.id, messages.topic_id, messages.position, messages.payload, messages.content_type, messages.attributes, messages.ordering_key,
            messages.traceparent, messages.received_at
        """;

    public const int Count = 9;

    public static Message Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        TopicId = reader.GetInt64(1),
        Position = reader.GetInt64(2),
        Payload = reader.GetFieldValue<byte[]>(3),
        ContentType = reader.GetString(4),
        Attributes = MessageAttributes.FromJson(reader.GetString(5)),
        OrderingKey = reader.GetNullableString(6),
        TraceParent = reader.GetNullableString(7),
        ReceivedAt = reader.GetFieldValue<DateTimeOffset>(8),
    };
}
