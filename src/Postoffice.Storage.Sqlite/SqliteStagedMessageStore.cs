using Postoffice.Messages;

namespace Postoffice.Storage.Sqlite;

internal sealed class SqliteStagedMessageStore(SqliteDatabase database) : IStagedMessageStore
{
    private const string HasTopicSql = "SELECT 1 FROM topics WHERE id = @topic_id";

    // The same message, or an earlier one with its idempotency key: staged, or in the log by now.
    private const string FindEarlierSql = """
        SELECT id FROM staged_messages WHERE topic_id = @topic_id AND idempotency_key = @idempotency_key
        UNION ALL SELECT id FROM messages WHERE topic_id = @topic_id AND idempotency_key = @idempotency_key
        UNION ALL SELECT id FROM staged_messages WHERE id = @id
        UNION ALL SELECT id FROM messages WHERE id = @id
        LIMIT 1
        """;

    private const string StageSql = """
        INSERT INTO staged_messages (id, topic_id, deliver_at, content_type, attributes, ordering_key, idempotency_key, traceparent, payload)
        VALUES (@id, @topic_id, @deliver_at, @content_type, @attributes, @ordering_key, @idempotency_key, @traceparent, @payload)
        """;

    private const string FindSql = """
        SELECT topic_id, deliver_at, content_type, attributes, ordering_key, idempotency_key, traceparent, payload FROM staged_messages WHERE id = @id
        """;

    // One look into the index a topic, however many messages are staged for later.
    private const string DueTopicsSql = """
        SELECT id FROM topics t WHERE EXISTS (SELECT 1 FROM staged_messages s WHERE s.topic_id = t.id AND s.deliver_at <= postoffice_now()) ORDER BY id
        """;

    private const string HeadSql = "SELECT last_position, postoffice_now() FROM topic_heads WHERE topic_id = @topic_id";

    private const string DueSql = "SELECT rowid FROM staged_messages WHERE topic_id = @topic_id AND deliver_at <= @now ORDER BY deliver_at, rowid LIMIT @max";

    // Left out: what was published before, under its idempotency key or (the same object published twice) its id. row_number() counts what is left.
    private const string MoveSql = $"""
        INSERT INTO messages (topic_id, position, id, content_type, attributes, ordering_key, idempotency_key, traceparent, received_at, payload)
        SELECT s.topic_id, @head + row_number() OVER (ORDER BY s.deliver_at, s.rowid),
            s.id, s.content_type, s.attributes, s.ordering_key, s.idempotency_key, s.traceparent, @now, s.payload
        FROM staged_messages s
        WHERE s.rowid IN ({DueSql})
            AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.topic_id = s.topic_id AND m.idempotency_key = s.idempotency_key)
            AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = s.id)
        """;

    private const string UnstageSql = $"DELETE FROM staged_messages WHERE rowid IN ({DueSql})";

    private const string RaiseHeadSql = "UPDATE topic_heads SET last_position = last_position + @count WHERE topic_id = @topic_id";

    private const string NextDueSql = "SELECT min(deliver_at) - postoffice_now() FROM staged_messages";

    public Task<Guid?> StageAsync(StagedMessage message, CancellationToken cancellationToken) =>
        database.Writer.WriteAsync(session => Stage(session, message), message.Message.Payload.Length, cancellationToken);

    public Task<StagedMessage?> FindAsync(Guid id, CancellationToken cancellationToken) => database.ReadAsync(session => Find(session, id), cancellationToken);

    public async Task<IReadOnlyList<RelayedTopic>> RelayDueAsync(int maxPerTopic, CancellationToken cancellationToken)
    {
        var relayed = new List<RelayedTopic>();
        foreach (var topicId in await database.ReadAsync(ReadDueTopics, cancellationToken).ConfigureAwait(false))
        {
            if (await database.WriteAsync(session => Relay(session, topicId, maxPerTopic), cancellationToken).ConfigureAwait(false) is { } topic)
            {
                relayed.Add(topic);
            }
        }

        return relayed;
    }

    public Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<TimeSpan?>(static session => session.Scalar(NextDueSql) is long due ? SqliteTime.ToDuration(due) : null, cancellationToken);

    private static Guid? Stage(SqliteSession session, StagedMessage staged)
    {
        var message = staged.Message;
        if (session.Scalar(HasTopicSql, ("@topic_id", staged.TopicId)) is null)
        {
            return null;
        }

        var id = MessageRow.Text(message.Id);
        if (session.Scalar(FindEarlierSql, ("@topic_id", staged.TopicId), ("@idempotency_key", message.IdempotencyKey), ("@id", id)) is string earlier)
        {
            return Guid.Parse(earlier);
        }

        session.Execute(
            StageSql,
            ("@id", id),
            ("@topic_id", staged.TopicId),
            ("@deliver_at", staged.DeliverAt.ToMicroseconds()),
            ("@content_type", message.ContentType),
            ("@attributes", message.Attributes.ToJson()),
            ("@ordering_key", message.OrderingKey),
            ("@idempotency_key", message.IdempotencyKey),
            ("@traceparent", message.TraceParent),
            ("@payload", MessageRow.ToArray(message.Payload)));
        return message.Id;
    }

    private static StagedMessage? Find(SqliteSession session, Guid id)
    {
        using var reader = session.Query(FindSql, ("@id", MessageRow.Text(id)));
        if (!reader.Read())
        {
            return null;
        }

        var message = new NewMessage
        {
            Id = id,
            ContentType = reader.GetString(2),
            Attributes = MessageAttributes.FromJson(reader.GetString(3)),
            OrderingKey = reader.IsDBNull(4) ? null : reader.GetString(4),
            IdempotencyKey = reader.IsDBNull(5) ? null : reader.GetString(5),
            TraceParent = reader.IsDBNull(6) ? null : reader.GetString(6),
            Payload = reader.GetFieldValue<byte[]>(7),
        };
        return new StagedMessage(reader.GetInt64(0), message, SqliteTime.ToTime(reader.GetInt64(1)));
    }

    private static List<long> ReadDueTopics(SqliteSession session)
    {
        using var reader = session.Query(DueTopicsSql);
        var topicIds = new List<long>();
        while (reader.Read())
        {
            topicIds.Add(reader.GetInt64(0));
        }

        return topicIds;
    }

    private static RelayedTopic? Relay(SqliteSession session, long topicId, int max)
    {
        long head;
        long now;
        using (var reader = session.Query(HeadSql, ("@topic_id", topicId)))
        {
            if (!reader.Read())
            {
                return null;
            }

            (head, now) = (reader.GetInt64(0), reader.GetInt64(1));
        }

        var appended = session.Execute(MoveSql, ("@topic_id", topicId), ("@now", now), ("@max", max), ("@head", head));
        var moved = session.Execute(UnstageSql, ("@topic_id", topicId), ("@now", now), ("@max", max));
        if (appended > 0)
        {
            session.Execute(RaiseHeadSql, ("@topic_id", topicId), ("@count", appended));
        }

        return moved == 0 ? null : new RelayedTopic(topicId, head + appended, moved);
    }
}
