using Microsoft.Data.Sqlite;
using Postoffice.Deliveries;
using Postoffice.Messages;

namespace Postoffice.Storage.Sqlite;

/// <summary>Looks through the logs, one stretch at a time.</summary>
internal sealed class SqliteMessageSearchStore(SqliteDatabase database) : IMessageSearchStore
{
    // So much payload is looked through in a few tenths of a second.
    private const long MaxBytes = 32 * 1024 * 1024;

    private const int Ordinal = 5;

    private const string HeadSql = "SELECT last_position FROM topic_heads WHERE topic_id = @topic_id";

    public Task<SearchedChunk> SearchAsync(
        MessageQuery query, LogStretch stretch, MessagePlace? after, int chunk, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
            {
                using var reader = session.Query(MessageSearchQuery.Sql(query), Parameters(query, stretch, after, chunk, limit + 1));
                return Read(reader, chunk, limit);
            },
            cancellationToken);

    public Task<long> FirstPositionAsync(long topicId, DateTimeOffset time, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session => session.Scalar(HeadSql, ("@topic_id", topicId)) is long head
                ? SqlitePositionByTime.Find(session, topicId, time.ToMicroseconds(), head)
                : 1,
            cancellationToken);

    /// <summary>In the same order for each edition of the statement.</summary>
    private static (string Name, object? Value)[] Parameters(MessageQuery query, LogStretch stretch, MessagePlace? after, int chunk, int limit)
    {
        var to = query.To?.ToMicroseconds() ?? long.MaxValue;
        return
        [
            ("@topic_id", query.TopicId),
            ("@publisher_id", query.PublisherId),
            ("@first", stretch.First),
            ("@end", Math.Min(stretch.End, after?.Position ?? long.MaxValue)),
            ("@outcome", Outcome(query.State)),
            ("@from", query.From?.ToMicroseconds() ?? long.MinValue),

            // What follows a place begins at its time: the walk starts there, and is not left to find it.
            ("@to", after is { } place ? Math.Min(to, place.ReceivedAt.ToMicroseconds() + 1) : to),
            ("@after_received_at", after?.ReceivedAt.ToMicroseconds() ?? long.MaxValue),
            ("@after_topic_id", after?.TopicId ?? long.MaxValue),
            ("@after_position", after?.Position ?? long.MaxValue),
            ("@attributes", query.Attributes.ToJson()),
            ("@text", query.Text is { } text ? MessageRow.ToArray(text) : null),
            ("@max_bytes", MaxBytes),
            ("@excerpt", PayloadExcerpt.Bytes),
            ("@chunk", chunk),
            ("@limit", limit),
        ];
    }

    private static int? Outcome(DeliveryStatus? state) => state switch
    {
        DeliveryStatus.Delivered => SqliteDeliveryLog.Delivered,
        DeliveryStatus.Skipped => SqliteDeliveryLog.Skipped,
        DeliveryStatus.Discarded => SqliteDeliveryLog.Discarded,
        _ => null,
    };

    private static SearchedChunk Read(SqliteDataReader reader, int chunk, int limit)
    {
        var found = new List<FoundMessage>();
        var (scanned, ordinal) = (0, 0);
        MessagePlace? last = null;
        while (reader.Read())
        {
            // One more than is returned: the next call begins after the last that is, and finds this one again.
            if (found.Count == limit)
            {
                return new SearchedChunk(found, ordinal, found[^1].Place);
            }

            scanned = reader.GetInt32(1);
            last = scanned == reader.GetInt32(0) && scanned < chunk
                ? null
                : new MessagePlace(SqliteTime.ToTime(reader.GetInt64(2)), reader.GetInt64(3), reader.GetInt64(4));
            if (!reader.IsDBNull(Ordinal))
            {
                ordinal = reader.GetInt32(Ordinal);
                found.Add(ReadMessage(reader, Ordinal + 1));
            }
        }

        return new SearchedChunk(found, scanned, last);
    }

    private static FoundMessage ReadMessage(SqliteDataReader reader, int first) => new()
    {
        Id = Guid.Parse(reader.GetString(first)),
        TopicId = reader.GetInt64(first + 1),
        Topic = reader.GetString(first + 2),
        Position = reader.GetInt64(first + 3),
        ReceivedAt = SqliteTime.ToTime(reader.GetInt64(first + 4)),
        OrderingKey = reader.IsDBNull(first + 5) ? null : reader.GetString(first + 5),
        ContentType = reader.GetString(first + 6),
        Attributes = MessageAttributes.FromJson(reader.GetString(first + 7)),
        Size = reader.GetInt32(first + 8),
        Excerpt = PayloadExcerpt.Of(reader.GetFieldValue<byte[]>(first + 9)),
        Deliveries = new DeliveryCounts(
            reader.GetInt64(first + 10), reader.GetInt64(first + 11), reader.GetInt64(first + 12), reader.GetInt64(first + 13)),
    };
}
