using Npgsql;
using Postoffice.Messages;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>The topics' logs: append and read.</summary>
internal sealed class PostgresMessageLog : IMessageLog
{
    // The head row stays locked until commit, so positions become visible in the order in which they were taken:
    // a reader that has seen position p never meets a smaller one later. A sequence would not promise that.
    // received_at is read once, after the lock is ours, so that it grows with the position. No NOTIFY here: it would serialise the commits of all topics.
    internal const string AppendSql = """
        WITH head AS (
            UPDATE postoffice.topic_heads SET last_position = last_position + @count
            WHERE topic_id = @topic_id
            RETURNING last_position - @count AS base, postoffice.current_instant() AS received_at
        ), log AS (
            INSERT INTO postoffice.messages (topic_id, position, id, received_at, payload, attributes, ordering_key, content_type, traceparent)
            SELECT @topic_id, head.base + new.ordinal, new.id, head.received_at, new.payload, new.attributes::jsonb, new.ordering_key,
                new.content_type, new.traceparent
            FROM head, unnest(@ids, @payloads, @attributes, @ordering_keys, @content_types, @traceparents)
                WITH ORDINALITY AS new (id, payload, attributes, ordering_key, content_type, traceparent, ordinal)
        )
        SELECT base, received_at FROM head
        """;

    private const string LockHeadSql = "SELECT FROM postoffice.topic_heads WHERE topic_id = @topic_id FOR UPDATE";

    // Requests with an idempotency key: a statement of its own after the lock, in the same round trip. At READ COMMITTED its snapshot is taken now,
    // so it has the keys of those we waited for; one statement that locks and looks up would look them up in a snapshot from before the wait.
    // A request whose key is there is left out with all of its messages before positions are given, so the log has no gap.
    // LATERAL … LIMIT 1 makes it a look-up by index for each key, whatever the statistics say of the array.
    private const string AppendKeyedSql = """
        WITH repeated AS MATERIALIZED (
            SELECT asked.request, earlier.position, earlier.received_at
            FROM unnest(@keys, @key_requests) AS asked (key, request), LATERAL (
                SELECT position, received_at FROM postoffice.messages
                WHERE topic_id = @topic_id AND idempotency_key = asked.key AND idempotency_key IS NOT NULL LIMIT 1
            ) AS earlier
        ), fresh AS MATERIALIZED (
            SELECT new.*, row_number() OVER (ORDER BY new.ordinal) AS place
            FROM unnest(@ids, @payloads, @attributes, @ordering_keys, @content_types, @traceparents, @idempotency_keys, @requests)
                WITH ORDINALITY AS new (id, payload, attributes, ordering_key, content_type, traceparent, idempotency_key, request, ordinal)
            WHERE new.request NOT IN (SELECT request FROM repeated)
        ), head AS (
            UPDATE postoffice.topic_heads SET last_position = last_position + (SELECT count(*) FROM fresh)
            WHERE topic_id = @topic_id
            RETURNING last_position - (SELECT count(*) FROM fresh) AS base, postoffice.current_instant() AS received_at
        ), log AS (
            INSERT INTO postoffice.messages
                (topic_id, position, id, received_at, payload, attributes, ordering_key, idempotency_key, content_type, traceparent)
            SELECT @topic_id, head.base + fresh.place, fresh.id, head.received_at, fresh.payload, fresh.attributes::jsonb, fresh.ordering_key,
                fresh.idempotency_key, fresh.content_type, fresh.traceparent
            FROM head, fresh
        )
        SELECT -1 AS request, base, received_at FROM head UNION ALL SELECT request, position, received_at FROM repeated
        """;

    // The running sum ends the read in the database, so that what is too much is never fetched. octet_length takes the size of a large payload from
    // its row, without reading the payload itself. The message that would exceed the limit is left out, unless it is the first.
    private const string ReadSql = $"""
        SELECT {MessageRow.Columns}
        FROM (
            SELECT *, sum(octet_length(payload)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING) AS bytes
            FROM postoffice.messages WHERE topic_id = @topic_id AND position > @after ORDER BY position LIMIT @max_count
        ) AS messages
        WHERE bytes <= @max_bytes OR bytes = octet_length(payload)
        ORDER BY position
        """;

    private const string HeadsSql = "SELECT topic_id, last_position FROM postoffice.topic_heads WHERE topic_id = ANY (@topic_ids)";

    private const string FindSql = $"SELECT {MessageRow.Columns} FROM postoffice.messages WHERE id = @id";

    private readonly PostgresDatabase _database;
    private readonly string _appendSql;
    private readonly string _lockHeadSql;
    private readonly string _appendKeyedSql;
    private readonly string _readSql;
    private readonly string _headsSql;
    private readonly string _findSql;

    public PostgresMessageLog(PostgresDatabase database)
    {
        _database = database;
        _appendSql = database.Qualify(AppendSql);
        _lockHeadSql = database.Qualify(LockHeadSql);
        _appendKeyedSql = database.Qualify(AppendKeyedSql);
        _readSql = database.Qualify(ReadSql);
        _headsSql = database.Qualify(HeadsSql);
        _findSql = database.Qualify(FindSql);
    }

    public Task<AppendResult[]?> AppendAsync(long topicId, IReadOnlyList<AppendRequest> requests, CancellationToken cancellationToken)
    {
        var columns = new MessageColumns(requests);
        return columns.Keys.Count == 0
            ? _database.QueryAsync(
                _appendSql,
                [Of("topic_id", topicId), Of("count", (long)columns.Ids.Length), .. columns.ToParameters()],
                (reader, deadline) => ReadAppendedAsync(reader, requests, deadline),
                cancellationToken)
            : _database.QueryBatchAsync(
                [
                    (_lockHeadSql, [Of("topic_id", topicId)]),
                    (_appendKeyedSql, [Of("topic_id", topicId), .. columns.ToParameters(), .. columns.ToKeyParameters()]),
                ],
                (reader, deadline) => ReadKeyedAppendedAsync(reader, requests, deadline),
                cancellationToken);
    }

    public Task<IReadOnlyList<Message>> ReadAsync(long topicId, long after, int maxCount, int maxBytes, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _readSql,
            [Of("topic_id", topicId), Of("after", after), Of("max_count", maxCount), Of("max_bytes", (long)maxBytes)],
            (reader, deadline) => reader.ReadListAsync(MessageRow.Read, deadline),
            cancellationToken);

    public Task<IReadOnlyDictionary<long, long>> HeadsAsync(IReadOnlyCollection<long> topicIds, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _headsSql, [Of("topic_ids", topicIds.ToArray())], (reader, deadline) => reader.ReadDictionaryAsync<long>(deadline), cancellationToken);

    public Task<Message?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _findSql,
            [Of("id", id)],
            async (reader, deadline) => await reader.ReadAsync(deadline).ConfigureAwait(false) ? MessageRow.Read(reader) : null,
            cancellationToken);

    private static async Task<AppendResult[]?> ReadAppendedAsync(NpgsqlDataReader reader, IReadOnlyList<AppendRequest> requests, CancellationToken deadline) =>
        await reader.ReadAsync(deadline).ConfigureAwait(false)
            ? GivePositions(requests, new AppendResult[requests.Count], reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1))
            : null;

    private static async Task<AppendResult[]?> ReadKeyedAppendedAsync(
        NpgsqlDataReader reader, IReadOnlyList<AppendRequest> requests, CancellationToken deadline)
    {
        await reader.NextResultAsync(deadline).ConfigureAwait(false);

        var results = new AppendResult[requests.Count];
        (long Base, DateTimeOffset ReceivedAt)? head = null;
        while (await reader.ReadAsync(deadline).ConfigureAwait(false))
        {
            var (request, position, receivedAt) = (reader.GetInt32(0), reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2));
            if (request < 0)
            {
                head = (position, receivedAt);
            }
            else
            {
                results[request] = new(position, receivedAt, Repeated: true);
            }
        }

        return head is { } found ? GivePositions(requests, results, found.Base, found.ReceivedAt) : null;
    }

    /// <summary>The positions follow the requests, as the statement numbered them; repeated requests took none.</summary>
    private static AppendResult[] GivePositions(IReadOnlyList<AppendRequest> requests, AppendResult[] results, long head, DateTimeOffset receivedAt)
    {
        for (var request = 0; request < results.Length; request++)
        {
            if (!results[request].Repeated)
            {
                results[request] = new(head + 1, receivedAt, Repeated: false);
                head += requests[request].Messages.Count;
            }
        }

        return results;
    }
}
