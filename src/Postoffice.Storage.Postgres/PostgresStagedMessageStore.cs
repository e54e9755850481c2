using Npgsql;
using Postoffice.Messages;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>Messages that are durable but not yet in the log, and the relay that moves them there.</summary>
internal sealed class PostgresStagedMessageStore : IStagedMessageStore
{
    private const int MaxTries = 3;

    private const string Columns = "id, topic_id, deliver_at, payload, attributes, ordering_key, idempotency_key, content_type, traceparent";

    private const string StageSql = $"""
        INSERT INTO postoffice.staged_messages ({Columns})
        SELECT @id, topics.id, @deliver_at, @payload, @attributes::jsonb, @ordering_key, NULL, @content_type, @traceparent
        FROM postoffice.topics WHERE topics.id = @topic_id
        RETURNING id
        """;

    // All who look for an idempotency key take this lock first, in a statement of its own, so that the next statement's snapshot has what they wrote.
    private const string LockHeadSql = "SELECT FROM postoffice.topic_heads WHERE topic_id = @topic_id FOR UPDATE";

    // An application's transaction stages without the head's lock: ON CONFLICT waits for it, and when it commits, no row comes back;
    // the next try finds its message.
    private const string StageKeyedSql = $"""
        WITH earlier AS MATERIALIZED (
            SELECT id FROM postoffice.messages WHERE topic_id = @topic_id AND idempotency_key = @idempotency_key
            UNION ALL
            SELECT id FROM postoffice.staged_messages WHERE topic_id = @topic_id AND idempotency_key = @idempotency_key
        ), staged AS (
            INSERT INTO postoffice.staged_messages ({Columns})
            SELECT @id, topics.id, @deliver_at, @payload, @attributes::jsonb, @ordering_key, @idempotency_key, @content_type, @traceparent
            FROM postoffice.topics WHERE topics.id = @topic_id AND NOT EXISTS (SELECT FROM earlier)
            ON CONFLICT (topic_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
            RETURNING id
        )
        SELECT id, EXISTS (SELECT FROM postoffice.topics WHERE id = @topic_id)
        FROM (SELECT id FROM earlier UNION ALL SELECT id FROM staged UNION ALL SELECT NULL) AS found LIMIT 1
        """;

    private const string FindSql = $"SELECT {Columns} FROM postoffice.staged_messages WHERE id = @id";

    // Jumps from topic to topic along the index (topic_id, deliver_at, id), whose first row of a topic is the topic's earliest: a step for each topic,
    // however many messages are staged for next week. Asking EXISTS (… deliver_at <= now) would not do: the planner can't know how few are due.
    private const string EarliestSql = """
        WITH RECURSIVE earliest AS (
            (SELECT topic_id, deliver_at FROM postoffice.staged_messages ORDER BY topic_id, deliver_at LIMIT 1)
            UNION ALL
            SELECT next.topic_id, next.deliver_at
            FROM earliest, LATERAL (
                SELECT topic_id, deliver_at FROM postoffice.staged_messages WHERE topic_id > earliest.topic_id ORDER BY topic_id, deliver_at LIMIT 1
            ) AS next
        )
        """;

    private const string DueTopicsSql = EarliestSql + """

        SELECT topic_id FROM earliest WHERE deliver_at <= (SELECT postoffice.current_instant()) ORDER BY topic_id
        """;

    private const string NextDueSql = EarliestSql + """

        SELECT min(deliver_at) - postoffice.current_instant() FROM earliest
        """;

    // After the head's lock, like an append with keys and for the same reason. MATERIALIZED: else the locking SELECT with its LIMIT may run more than once
    // and take too many. (SELECT …) around the clock: a volatile function is no index condition. SKIP LOCKED: a row that somebody else holds is not worth
    // the wait under the head's lock. A message whose id is in the log was moved before and is dropped like one whose key is: it must not block those
    // behind it for ever. LATERAL … LIMIT 1: a look-up by index for each key; under an OR, NOT EXISTS would read the complete log into a hash table.
    private const string RelaySql = $"""
        WITH due AS MATERIALIZED (
            SELECT {Columns} FROM postoffice.staged_messages
            WHERE topic_id = @topic_id AND deliver_at <= (SELECT postoffice.current_instant())
            ORDER BY deliver_at, id LIMIT @max FOR UPDATE SKIP LOCKED
        ), removed AS (
            DELETE FROM postoffice.staged_messages USING due WHERE staged_messages.id = due.id
        ), fresh AS MATERIALIZED (
            SELECT due.*, row_number() OVER (ORDER BY due.deliver_at, due.id) AS place
            FROM due LEFT JOIN LATERAL (
                SELECT position FROM postoffice.messages
                WHERE topic_id = @topic_id AND idempotency_key = due.idempotency_key AND idempotency_key IS NOT NULL LIMIT 1
            ) AS same_key ON true
            WHERE same_key.position IS NULL AND NOT EXISTS (SELECT FROM postoffice.messages WHERE messages.id = due.id)
        ), head AS (
            UPDATE postoffice.topic_heads SET last_position = last_position + (SELECT count(*) FROM fresh)
            WHERE topic_id = @topic_id
            RETURNING last_position, last_position - (SELECT count(*) FROM fresh) AS base, postoffice.current_instant() AS received_at
        ), log AS (
            INSERT INTO postoffice.messages
                (topic_id, position, id, received_at, payload, attributes, ordering_key, idempotency_key, content_type, traceparent)
            SELECT @topic_id, head.base + fresh.place, fresh.id, head.received_at, fresh.payload, fresh.attributes, fresh.ordering_key,
                fresh.idempotency_key, fresh.content_type, fresh.traceparent
            FROM head, fresh
        )
        SELECT last_position, (SELECT count(*) FROM due)::integer FROM head
        """;

    private readonly PostgresDatabase _database;
    private readonly string _stageSql;
    private readonly string _lockHeadSql;
    private readonly string _stageKeyedSql;
    private readonly string _findSql;
    private readonly string _dueTopicsSql;
    private readonly string _relaySql;
    private readonly string _nextDueSql;

    public PostgresStagedMessageStore(PostgresDatabase database)
    {
        _database = database;
        _stageSql = database.Qualify(StageSql);
        _lockHeadSql = database.Qualify(LockHeadSql);
        _stageKeyedSql = database.Qualify(StageKeyedSql);
        _findSql = database.Qualify(FindSql);
        _dueTopicsSql = database.Qualify(DueTopicsSql);
        _relaySql = database.Qualify(RelaySql);
        _nextDueSql = database.Qualify(NextDueSql);
    }

    public async Task<Guid?> StageAsync(StagedMessage message, CancellationToken cancellationToken)
    {
        try
        {
            return message.Message.IdempotencyKey is null
                ? await _database.QueryAsync(_stageSql, ToParameters(message), ReadIdAsync, cancellationToken).ConfigureAwait(false)
                : await StageKeyedAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            // The topic was deleted while the row was being written.
            return null;
        }
    }

    public Task<StagedMessage?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _findSql,
            [Of("id", id)],
            async (reader, deadline) => await reader.ReadAsync(deadline).ConfigureAwait(false) ? Read(reader) : null,
            cancellationToken);

    public async Task<IReadOnlyList<RelayedTopic>> RelayDueAsync(int maxPerTopic, CancellationToken cancellationToken)
    {
        var topicIds = await _database.QueryAsync(
            _dueTopicsSql, [], (reader, deadline) => reader.ReadListAsync(row => row.GetInt64(0), deadline), cancellationToken).ConfigureAwait(false);

        List<RelayedTopic> relayed = [];
        foreach (var topicId in topicIds)
        {
            if (await RelayAsync(topicId, maxPerTopic, cancellationToken).ConfigureAwait(false) is { Moved: > 0 } topic)
            {
                relayed.Add(topic);
            }
        }

        return relayed;
    }

    public Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _nextDueSql,
            [],
            async (reader, deadline) =>
                await reader.ReadAsync(deadline).ConfigureAwait(false) && !reader.IsDBNull(0) ? reader.GetFieldValue<TimeSpan>(0) : (TimeSpan?)null,
            cancellationToken);

    private async Task<Guid?> StageKeyedAsync(StagedMessage message, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (id, hasTopic) = await _database.QueryBatchAsync(
                [
                    (_lockHeadSql, [Of("topic_id", message.TopicId)]),
                    (_stageKeyedSql, [.. ToParameters(message), Of("idempotency_key", message.Message.IdempotencyKey)]),
                ],
                async (reader, deadline) =>
                {
                    await reader.NextResultAsync(deadline).ConfigureAwait(false);
                    await reader.ReadAsync(deadline).ConfigureAwait(false);
                    return (reader.IsDBNull(0) ? (Guid?)null : reader.GetGuid(0), reader.GetBoolean(1));
                },
                cancellationToken).ConfigureAwait(false);

            if (id is not null || !hasTopic)
            {
                return id;
            }

            if (attempt == MaxTries)
            {
                throw new StorageUnavailableException(
                    "A message with the same idempotency key was being staged by others at each of several tries. Try again later.");
            }
        }
    }

    private async Task<RelayedTopic?> RelayAsync(long topicId, int max, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await _database.QueryBatchAsync(
                    [(_lockHeadSql, [Of("topic_id", topicId)]), (_relaySql, [Of("topic_id", topicId), Of("max", max)])],
                    async (reader, deadline) =>
                    {
                        await reader.NextResultAsync(deadline).ConfigureAwait(false);
                        return await reader.ReadAsync(deadline).ConfigureAwait(false)
                            ? new RelayedTopic(topicId, reader.GetInt64(0), reader.GetInt32(1)) : (RelayedTopic?)null;
                    },
                    cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation && attempt == 1)
            {
                // The same message entered another topic's log meanwhile, which our lock does not hold up; the next snapshot has it.
            }
        }
    }

    private static NpgsqlParameter[] ToParameters(StagedMessage staged) =>
    [
        Of("id", staged.Message.Id), Of("topic_id", staged.TopicId), Of("deliver_at", staged.DeliverAt), Of("payload", staged.Message.Payload),
        Of("attributes", staged.Message.Attributes.ToJson()), Of("ordering_key", staged.Message.OrderingKey), Of("content_type", staged.Message.ContentType),
        Of("traceparent", staged.Message.TraceParent),
    ];

    private static async Task<Guid?> ReadIdAsync(NpgsqlDataReader reader, CancellationToken deadline) =>
        await reader.ReadAsync(deadline).ConfigureAwait(false) ? reader.GetGuid(0) : null;

    private static StagedMessage Read(NpgsqlDataReader reader) => new(
        reader.GetInt64(1),
        new NewMessage
        {
            Id = reader.GetGuid(0),
            Payload = reader.GetFieldValue<byte[]>(3),
            Attributes = MessageAttributes.FromJson(reader.GetString(4)),
            OrderingKey = reader.GetNullableString(5),
            IdempotencyKey = reader.GetNullableString(6),
            ContentType = reader.GetString(7),
            TraceParent = reader.GetNullableString(8),
        },
        reader.GetFieldValue<DateTimeOffset>(2));
}
