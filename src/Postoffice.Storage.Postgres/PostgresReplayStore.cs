using Npgsql;
using Postoffice.Deliveries;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>Replays: one at a time for each publisher.</summary>
internal sealed class PostgresReplayStore : IReplayStore
{
    // Before anything else of the publisher, as its deletion does; of those that begin a replay at once the second finds the first's.
    private const string LockPublisherSql = "SELECT FROM postoffice.publishers WHERE id = @publisher_id AND deleted_at IS NULL FOR NO KEY UPDATE";

    // Until the commit no settle moves the cursor: what it passes later is not the replay's.
    private const string LockCursorSql = "SELECT FROM postoffice.publisher_cursors WHERE publisher_id = @publisher_id FOR NO KEY UPDATE";

    // Positions have no gap but below the lowest, which retention leaves behind, so the count is arithmetic but for the rows of what went wrong.
    private const string StretchSql = $"""
        WITH RECURSIVE stand AS MATERIALIZED (
            SELECT publishers.id, publishers.topic_id, publisher_cursors.cursor, topic_heads.last_position AS head,
                coalesce(
                    (SELECT position FROM postoffice.messages WHERE topic_id = publishers.topic_id ORDER BY position LIMIT 1),
                    topic_heads.last_position + 1) AS lowest,
                EXISTS (SELECT FROM postoffice.replays WHERE replays.publisher_id = publishers.id) AS is_replaying,
                postoffice.current_instant() AS now
            FROM postoffice.publishers
            JOIN postoffice.publisher_cursors ON publisher_cursors.publisher_id = publishers.id
            JOIN postoffice.topic_heads ON topic_heads.topic_id = publishers.topic_id
            WHERE publishers.id = @publisher_id AND publishers.deleted_at IS NULL
        ), {PositionByTime.SearchSql}, stretch AS MATERIALIZED (
            SELECT stand.*, coalesce((SELECT search.low FROM search WHERE search.low >= search.high LIMIT 1), greatest(@position, 1)) - 1 AS start FROM stand
        )
        """;

    private const string MessagesSql = """
        SELECT stretch.is_replaying, stretch.start, stretch.cursor, stretch.now,
            CASE WHEN @only_failed
            THEN (
                SELECT count(*) FROM postoffice.dead_letters AS dead
                WHERE dead.topic_id = stretch.topic_id AND dead.publisher_id = stretch.id
                    AND dead.position > stretch.start AND dead.position <= stretch.cursor
            )
            ELSE greatest(0, stretch.cursor - greatest(stretch.start, stretch.lowest - 1)) - (
                SELECT count(*) FROM postoffice.parked_deliveries AS parked
                WHERE parked.topic_id = stretch.topic_id AND parked.publisher_id = stretch.id
                    AND parked.position > stretch.start AND parked.position <= stretch.cursor
            )
            END
        FROM stretch
        """;

    internal const string TryOutSql = $"""
        {StretchSql}
        {MessagesSql}
        """;

    private const string StartSql = $"""
        {StretchSql}, started AS (
            INSERT INTO postoffice.replays (publisher_id, topic_id, id, position, until, only_failed, requested_at)
            SELECT id, topic_id, @id, start, cursor, @only_failed, now FROM stretch WHERE NOT is_replaying AND start < cursor
            RETURNING publisher_id
        ), changed AS (
            UPDATE postoffice.publishers SET version = version + 1 FROM started WHERE publishers.id = started.publisher_id
        )
        {MessagesSql}
        """;

    private const string CancelSql = """
        WITH gone AS (
            DELETE FROM postoffice.replays USING postoffice.publishers
            WHERE replays.publisher_id = @publisher_id AND publishers.id = @publisher_id AND publishers.deleted_at IS NULL
            RETURNING replays.publisher_id
        )
        UPDATE postoffice.publishers SET version = version + 1 FROM gone WHERE publishers.id = gone.publisher_id
        RETURNING publishers.id
        """;

    // A node of the version before leaves the replay behind when it deletes the publisher.
    private const string FindSql = """
        SELECT replays.id, replays.position, replays.until, replays.only_failed, replays.requested_at
        FROM postoffice.replays JOIN postoffice.publishers ON publishers.id = replays.publisher_id
        WHERE replays.publisher_id = @publisher_id AND publishers.deleted_at IS NULL
        """;

    // The bounds are said of the parked rows too: so both are walked side by side, by their keys, from the place where the replay stands.
    // A publisher that is deleted has no cursor.
    internal const string ReadSql = $"""
        SELECT {MessageRow.Columns}, dead.position IS NOT NULL
        FROM (
            SELECT topic_id, position FROM postoffice.messages AS log
            WHERE topic_id = @topic_id AND position > @after AND position <= @until AND NOT EXISTS (
                SELECT FROM postoffice.parked_deliveries AS parked
                WHERE parked.topic_id = @topic_id AND parked.publisher_id = @publisher_id AND parked.position = log.position
                    AND parked.position > @after AND parked.position <= @until
            ) AND EXISTS (SELECT FROM postoffice.publisher_cursors WHERE publisher_id = @publisher_id)
            ORDER BY position LIMIT @max
        ) AS next
        JOIN postoffice.messages ON messages.topic_id = @topic_id AND messages.position = next.position
        LEFT JOIN postoffice.dead_letters AS dead ON dead.topic_id = @topic_id AND dead.publisher_id = @publisher_id AND dead.position = next.position
        ORDER BY next.position
        """;

    internal const string ReadFailedSql = $"""
        SELECT {MessageRow.Columns}, true
        FROM (
            SELECT position FROM postoffice.dead_letters AS dead
            WHERE topic_id = @topic_id AND publisher_id = @publisher_id AND position > @after AND position <= @until AND NOT EXISTS (
                SELECT FROM postoffice.parked_deliveries AS parked
                WHERE parked.topic_id = @topic_id AND parked.publisher_id = @publisher_id AND parked.position = dead.position
                    AND parked.position > @after AND parked.position <= @until
            ) AND EXISTS (SELECT FROM postoffice.publisher_cursors WHERE publisher_id = @publisher_id)
            ORDER BY position LIMIT @max
        ) AS next
        JOIN postoffice.messages ON messages.topic_id = @topic_id AND messages.position = next.position
        ORDER BY next.position
        """;

    private readonly PostgresDatabase _database;
    private readonly string _lockPublisherSql;
    private readonly string _lockCursorSql;
    private readonly string _tryOutSql;
    private readonly string _startSql;
    private readonly string _cancelSql;
    private readonly string _findSql;
    private readonly string _readSql;
    private readonly string _readFailedSql;

    public PostgresReplayStore(PostgresDatabase database)
    {
        _database = database;
        _lockPublisherSql = database.Qualify(LockPublisherSql);
        _lockCursorSql = database.Qualify(LockCursorSql);
        _tryOutSql = database.Qualify(TryOutSql);
        _startSql = database.Qualify(StartSql);
        _cancelSql = database.Qualify(CancelSql);
        _findSql = database.Qualify(FindSql);
        _readSql = database.Qualify(ReadSql);
        _readFailedSql = database.Qualify(ReadFailedSql);
    }

    public Task<ReplayResult> StartAsync(long publisherId, ReplayRequest request, bool dryRun, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid();
        NpgsqlParameter[] parameters =
            [Of("publisher_id", publisherId), Of("from", request.From), Of("position", request.Position), Of("only_failed", request.OnlyFailed)];
        return dryRun
            ? _database.QueryAsync(_tryOutSql, parameters, ReadAsync, cancellationToken)
            : _database.QueryBatchAsync(
                [
                    (_lockPublisherSql, [Of("publisher_id", publisherId)]), (_lockCursorSql, [Of("publisher_id", publisherId)]),
                    (_startSql, [.. parameters, Of("id", id)]),
                ],
                async (reader, deadline) =>
                {
                    await reader.NextResultAsync(deadline).ConfigureAwait(false);
                    await reader.NextResultAsync(deadline).ConfigureAwait(false);
                    return await ReadAsync(reader, deadline).ConfigureAwait(false);
                },
                cancellationToken);

        async Task<ReplayResult> ReadAsync(NpgsqlDataReader reader, CancellationToken deadline) =>
            !await reader.ReadAsync(deadline).ConfigureAwait(false) ? new(ReplayStatus.UnknownPublisher)
            : reader.GetBoolean(0) && !dryRun ? new(ReplayStatus.AlreadyRunning)
            : new(ReplayStatus.Started, reader.GetInt64(4), new Replay
            {
                Id = id,
                PublisherId = publisherId,
                Position = reader.GetInt64(1),
                Until = reader.GetInt64(2),
                OnlyFailed = request.OnlyFailed,
                RequestedAt = reader.GetFieldValue<DateTimeOffset>(3),
            });
    }

    public Task<bool> CancelAsync(long publisherId, CancellationToken cancellationToken) =>
        _database.QueryBatchAsync(
            [(_lockPublisherSql, [Of("publisher_id", publisherId)]), (_cancelSql, [Of("publisher_id", publisherId)])],
            async (reader, deadline) =>
            {
                await reader.NextResultAsync(deadline).ConfigureAwait(false);
                return await reader.ReadAsync(deadline).ConfigureAwait(false);
            },
            cancellationToken);

    public Task<Replay?> FindAsync(long publisherId, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _findSql,
            [Of("publisher_id", publisherId)],
            async (reader, deadline) => await reader.ReadAsync(deadline).ConfigureAwait(false)
                ? new Replay
                {
                    Id = reader.GetGuid(0),
                    PublisherId = publisherId,
                    Position = reader.GetInt64(1),
                    Until = reader.GetInt64(2),
                    OnlyFailed = reader.GetBoolean(3),
                    RequestedAt = reader.GetFieldValue<DateTimeOffset>(4),
                }
                : null,
            cancellationToken);

    public Task<IReadOnlyList<ReplayedMessage>> ReadAsync(long topicId, Replay replay, long after, int max, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            replay.OnlyFailed ? _readFailedSql : _readSql,
            [
                Of("topic_id", topicId), Of("publisher_id", replay.PublisherId), Of("after", after), Of("until", replay.Until), Of("max", max),
            ],
            (reader, deadline) => reader.ReadListAsync(row => new ReplayedMessage(MessageRow.Read(row), row.GetBoolean(MessageRow.Count)), deadline),
            cancellationToken);
}
