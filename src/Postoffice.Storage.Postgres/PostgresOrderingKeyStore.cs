using Npgsql;
using Postoffice.Deliveries;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>The lines that form behind the ordering keys of a publisher.</summary>
internal sealed class PostgresOrderingKeyStore : IOrderingKeyStore
{
    // Without the topic, which is the publisher's: so the index of keys alone tells.
    private const string ParkedSql = """
        SELECT ordering_key, min(position) AS head, count(*) AS rows FROM postoffice.parked_deliveries
            WHERE publisher_id = @publisher_id AND ordering_key IS NOT NULL
        """;

    // Dead letters outlive their publisher, its cursor does not.
    private const string BlockingSql = """
        SELECT ordering_key, min(position) AS head FROM postoffice.dead_letters
            WHERE publisher_id = @publisher_id AND blocks_key AND ordering_key IS NOT NULL
                AND EXISTS (SELECT FROM postoffice.publisher_cursors WHERE publisher_id = @publisher_id)
        """;

    // What is a line's head: the parked row or the dead letter, whichever stands first. least() leaves out what is null.
    private const string LineSql = """
        SELECT coalesce(parked.ordering_key, dead.ordering_key) AS key, least(parked.head, dead.head) AS head, coalesce(parked.rows, 0) AS rows,
                coalesce(dead.head < parked.head, parked.head IS NULL) AS is_dead
            FROM parked FULL JOIN dead ON dead.ordering_key = parked.ordering_key
        """;

    internal const string ReadLinesSql = $"""
        WITH parked AS (
            {ParkedSql} GROUP BY ordering_key
        ), dead AS (
            {BlockingSql} GROUP BY ordering_key
        ), line AS (
            {LineSql}
        )
        SELECT line.key, line.head, line.is_dead, coalesce(waiting.due_at < {ParkedRow.Never}, false), line.rows
        FROM line
        LEFT JOIN postoffice.parked_deliveries AS waiting
            ON waiting.topic_id = @topic_id AND waiting.publisher_id = @publisher_id AND waiting.position = line.head AND NOT line.is_dead
        """;

    // LATERAL … LIMIT: one walk into the index for each key, however long its line is. A key that is asked for twice is one.
    internal const string ReadLineSql = $"""
        SELECT {MessageRow.Columns}, line.attempts
        FROM (SELECT DISTINCT unnest(@keys) COLLATE "C" AS key) AS asked
        CROSS JOIN LATERAL (
            SELECT position, attempts FROM postoffice.parked_deliveries
            WHERE publisher_id = @publisher_id AND topic_id = @topic_id AND ordering_key = asked.key AND ordering_key IS NOT NULL
                AND position <> ALL (@except)
            ORDER BY position LIMIT @max_per_key
        ) AS line
        JOIN postoffice.messages ON messages.topic_id = @topic_id AND messages.position = line.position
        ORDER BY asked.key, line.position
        """;

    // The index of due times leads to what is never due. The cursor is locked first, as a settle does, so that the two cannot lock each other out.
    internal const string DissolveSql = $"""
        WITH fence AS MATERIALIZED (
            SELECT postoffice.current_instant() AS now FROM postoffice.publisher_cursors
            WHERE publisher_id = @publisher_id AND epoch = @epoch FOR NO KEY UPDATE
        )
        UPDATE postoffice.parked_deliveries SET due_at = fence.now
        FROM fence
        WHERE parked_deliveries.publisher_id = @publisher_id AND parked_deliveries.topic_id = @topic_id AND parked_deliveries.due_at >= {ParkedRow.Never}
        """;

    private const string BlockedSql = $"""
        SELECT line.key, line.head, messages.id, line.is_dead, coalesce(dead.attempts, waiting.attempts),
            CASE WHEN waiting.due_at < {ParkedRow.Never} THEN waiting.due_at END,
            coalesce(dead.reason, waiting.reason), line.rows - CASE WHEN line.is_dead THEN 0 ELSE 1 END
        FROM line
        LEFT JOIN postoffice.parked_deliveries AS waiting
            ON waiting.topic_id = @topic_id AND waiting.publisher_id = @publisher_id AND waiting.position = line.head AND NOT line.is_dead
        LEFT JOIN postoffice.dead_letters AS dead
            ON dead.topic_id = @topic_id AND dead.publisher_id = @publisher_id AND dead.position = line.head AND line.is_dead
        JOIN postoffice.messages ON messages.topic_id = @topic_id AND messages.position = line.head
        ORDER BY line.key
        """;

    // Each side brings its first keys only, and counts no further than those: a key among the first of both together is among the first of each that has it.
    internal const string ListSql = $"""
        WITH parked AS (
            {ParkedSql} AND ordering_key > @after GROUP BY ordering_key ORDER BY ordering_key LIMIT @limit
        ), dead AS (
            {BlockingSql} AND ordering_key > @after GROUP BY ordering_key ORDER BY ordering_key LIMIT @limit
        ), line AS (
            {LineSql}
            ORDER BY key LIMIT @limit
        )
        {BlockedSql}
        """;

    internal const string FindSql = $"""
        WITH parked AS (
            {ParkedSql} AND ordering_key = @key GROUP BY ordering_key
        ), dead AS (
            {BlockingSql} AND ordering_key = @key GROUP BY ordering_key
        ), line AS (
            {LineSql}
        )
        {BlockedSql}
        """;

    private readonly PostgresDatabase _database;
    private readonly string _readLinesSql;
    private readonly string _readLineSql;
    private readonly string _dissolveSql;
    private readonly string _listSql;
    private readonly string _findSql;

    public PostgresOrderingKeyStore(PostgresDatabase database)
    {
        _database = database;
        _readLinesSql = database.Qualify(ReadLinesSql);
        _readLineSql = database.Qualify(ReadLineSql);
        _dissolveSql = database.Qualify(DissolveSql);
        _listSql = database.Qualify(ListSql);
        _findSql = database.Qualify(FindSql);
    }

    public Task<IReadOnlyList<KeyLine>> ReadLinesAsync(long topicId, long publisherId, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _readLinesSql,
            [Of("topic_id", topicId), Of("publisher_id", publisherId)],
            (reader, deadline) => reader.ReadListAsync(ReadLine, deadline),
            cancellationToken);

    public Task<IReadOnlyList<DueDelivery>> ReadLineAsync(
        long topicId, long publisherId, IReadOnlyCollection<string> keys, IReadOnlyCollection<long> except, int maxPerKey, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _readLineSql,
            [
                Of("topic_id", topicId), Of("publisher_id", publisherId), Of("keys", keys.ToArray()), Of("except", except.ToArray()),
                Of("max_per_key", maxPerKey),
            ],
            (reader, deadline) => reader.ReadListAsync(row => new DueDelivery(MessageRow.Read(row), row.GetInt32(MessageRow.Count)), deadline),
            cancellationToken);

    public Task DissolveAsync(long topicId, long publisherId, long epoch, CancellationToken cancellationToken) =>
        _database.ExecuteAsync(_dissolveSql, [Of("topic_id", topicId), Of("publisher_id", publisherId), Of("epoch", epoch)], cancellationToken);

    // No key is empty, so the empty one stands before all.
    public Task<IReadOnlyList<BlockedKey>> ListAsync(long topicId, long publisherId, string? after, int limit, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _listSql,
            [Of("topic_id", topicId), Of("publisher_id", publisherId), Of("after", after ?? ""), Of("limit", limit)],
            (reader, deadline) => reader.ReadListAsync(ReadBlocked, deadline),
            cancellationToken);

    public Task<BlockedKey?> FindAsync(long topicId, long publisherId, string key, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _findSql,
            [Of("topic_id", topicId), Of("publisher_id", publisherId), Of("key", key)],
            async (reader, deadline) => await reader.ReadAsync(deadline).ConfigureAwait(false) ? ReadBlocked(reader) : null,
            cancellationToken);

    private static KeyLine ReadLine(NpgsqlDataReader row) => new(
        row.GetString(0),
        row.GetInt64(1),
        row.GetBoolean(2) ? KeyHead.Dead : row.GetBoolean(3) ? KeyHead.Parked : KeyHead.Free,
        (int)row.GetInt64(4));

    private static BlockedKey ReadBlocked(NpgsqlDataReader row) => new()
    {
        Key = row.GetString(0),
        HeadPosition = row.GetInt64(1),
        HeadMessageId = row.GetGuid(2),
        IsDead = row.GetBoolean(3),
        Attempts = row.GetInt32(4),
        DueAt = row.GetNullableTime(5),
        Reason = row.GetString(6),
        Waiting = row.GetInt64(7),
    };
}
