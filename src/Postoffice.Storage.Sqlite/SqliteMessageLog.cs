using Postoffice.Messages;

namespace Postoffice.Storage.Sqlite;

internal sealed class SqliteMessageLog(SqliteDatabase database) : IMessageLog
{
    // What a row costs beside its payload, about: columns, indexes, page overhead.
    private const int RowBytes = 512;

    private const string FindRepeatSql = "SELECT position, received_at FROM messages WHERE topic_id = @topic_id AND idempotency_key = @idempotency_key";

    // One time for all messages of the append.
    private const string RaiseHeadSql = """
        UPDATE topic_heads SET last_position = last_position + @count WHERE topic_id = @topic_id
        RETURNING last_position - @count, postoffice_now()
        """;

    private const string InsertSql = """
        INSERT INTO messages (topic_id, position, id, content_type, attributes, ordering_key, idempotency_key, traceparent, received_at, payload)
        VALUES (@topic_id, @position, @id, @content_type, @attributes, @ordering_key, @idempotency_key, @traceparent, @received_at, @payload)
        """;

    // length() reads the row's header only: a message that no longer fits is never loaded.
    private const string ReadSql = $"""
        SELECT {MessageRow.Columns}, length(m.payload) FROM messages m
        WHERE m.topic_id = @topic_id AND m.position > @after ORDER BY m.position LIMIT @max_count
        """;

    private const string HeadsSql = "SELECT topic_id, last_position FROM topic_heads WHERE topic_id IN (SELECT value FROM json_each(@topic_ids))";

    private const string FindSql = $"SELECT {MessageRow.Columns} FROM messages m WHERE m.id = @id";

    public Task<AppendResult[]?> AppendAsync(long topicId, IReadOnlyList<AppendRequest> requests, CancellationToken cancellationToken)
    {
        var bytes = requests.Sum(request => request.Messages.Sum(message => (long)message.Payload.Length + RowBytes));
        return database.Writer.WriteAsync(session => Append(session, topicId, requests), bytes, cancellationToken);
    }

    public Task<IReadOnlyList<Message>> ReadAsync(long topicId, long after, int maxCount, int maxBytes, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Message>>(
            session =>
            {
                using var reader = session.Query(ReadSql, ("@topic_id", topicId), ("@after", after), ("@max_count", maxCount));
                var messages = new List<Message>();
                var bytes = 0L;
                while (reader.Read())
                {
                    bytes += reader.GetInt64(MessageRow.Count);
                    if (bytes > maxBytes && messages.Count > 0)
                    {
                        break;
                    }

                    messages.Add(MessageRow.Read(reader));
                }

                return messages;
            },
            cancellationToken);

    public Task<IReadOnlyDictionary<long, long>> HeadsAsync(IReadOnlyCollection<long> topicIds, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<long, long>>(
            session =>
            {
                using var reader = session.Query(HeadsSql, ("@topic_ids", JsonArray.Of(topicIds)));
                var heads = new Dictionary<long, long>();
                while (reader.Read())
                {
                    heads.Add(reader.GetInt64(0), reader.GetInt64(1));
                }

                return heads;
            },
            cancellationToken);

    public Task<Message?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
            {
                using var reader = session.Query(FindSql, ("@id", MessageRow.Text(id)));
                return reader.Read() ? MessageRow.Read(reader) : null;
            },
            cancellationToken);

    private static AppendResult[]? Append(SqliteSession session, long topicId, IReadOnlyList<AppendRequest> requests)
    {
        var results = new AppendResult[requests.Count];
        var count = 0;
        for (var i = 0; i < results.Length; i++)
        {
            if (FindRepeat(session, topicId, requests[i].IdempotencyKey) is { } repeated)
            {
                results[i] = repeated;
            }
            else
            {
                count += requests[i].Messages.Count;
            }
        }

        if (count == 0)
        {
            return results;
        }

        if (RaiseHead(session, topicId, count) is not var (position, receivedAt))
        {
            return null;
        }

        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].Repeated)
            {
                continue;
            }

            results[i] = new AppendResult(position + 1, SqliteTime.ToTime(receivedAt), Repeated: false);
            foreach (var message in requests[i].Messages)
            {
                Insert(session, topicId, ++position, message, receivedAt);
            }
        }

        return results;
    }

    private static AppendResult? FindRepeat(SqliteSession session, long topicId, string? idempotencyKey)
    {
        if (idempotencyKey is null)
        {
            return null;
        }

        using var reader = session.Query(FindRepeatSql, ("@topic_id", topicId), ("@idempotency_key", idempotencyKey));
        return reader.Read() ? new AppendResult(reader.GetInt64(0), SqliteTime.ToTime(reader.GetInt64(1)), Repeated: true) : null;
    }

    /// <returns>The position before the first new one, and the time; null when the topic is not there.</returns>
    private static (long Position, long ReceivedAt)? RaiseHead(SqliteSession session, long topicId, int count)
    {
        using var reader = session.Query(RaiseHeadSql, ("@topic_id", topicId), ("@count", count));
        return reader.Read() ? (reader.GetInt64(0), reader.GetInt64(1)) : null;
    }

    private static void Insert(SqliteSession session, long topicId, long position, NewMessage message, long receivedAt) => session.Execute(
        InsertSql,
        ("@topic_id", topicId),
        ("@position", position),
        ("@id", MessageRow.Text(message.Id)),
        ("@content_type", message.ContentType),
        ("@attributes", message.Attributes.ToJson()),
        ("@ordering_key", message.OrderingKey),
        ("@idempotency_key", message.IdempotencyKey),
        ("@traceparent", message.TraceParent),
        ("@received_at", receivedAt),
        ("@payload", MessageRow.ToArray(message.Payload)));
}
