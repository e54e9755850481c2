using Postoffice.Deliveries;
using Postoffice.Messages;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>The books of the publishers: settle, parked deliveries that are due, and where a message stands.</summary>
internal sealed class PostgresDeliveryStore : IDeliveryStore
{
    // Each part of a settle takes its rows FROM fence: without the epoch, and the turn within the epoch, there is no row there and nothing is written.
    private const string FenceSql = """
        WITH fence AS (
            UPDATE postoffice.publisher_cursors SET cursor = @cursor, settled_above = @settled_above, sequence = @sequence,
                delivered = delivered + cardinality(@delivered_positions)
        """;

    private const string DeliveredSql = """

            WHERE publisher_id = @publisher_id AND epoch = @epoch AND sequence = @sequence - 1
            RETURNING postoffice.current_instant() AS now
        ), delivered AS (
            INSERT INTO postoffice.delivery_log (topic_id, publisher_id, block, outcome, settled_at, positions, attempts, status_codes, durations_ms)
            SELECT @topic_id, @publisher_id, entry.position / 1024, 1, fence.now, array_agg(entry.position ORDER BY entry.position),
                array_agg(entry.attempts ORDER BY entry.position), array_agg(entry.status_code ORDER BY entry.position),
                array_agg(entry.duration_ms ORDER BY entry.position)
            FROM fence, unnest(@delivered_positions, @delivered_attempts, @delivered_status_codes, @delivered_durations)
                AS entry (position, attempts, status_code, duration_ms)
            GROUP BY entry.position / 1024, fence.now
        )
        """;

    // When all went well, which is nearly always, half of the statement need not be planned.
    private const string SettleDeliveredSql = FenceSql + DeliveredSql + """

        SELECT FROM fence
        """;

    // The replay's mark is written, or its row removed, only while it is still this replay: another may have been asked for since.
    private const string SettleSql = FenceSql + ", skipped = skipped + cardinality(@skipped)" + DeliveredSql + $"""
        , skipped AS (
            INSERT INTO postoffice.delivery_log (topic_id, publisher_id, block, outcome, settled_at, positions, attempts, status_codes, durations_ms)
            SELECT @topic_id, @publisher_id, entry.position / 1024, 2, fence.now, array_agg(entry.position ORDER BY entry.position),
                array_agg(0), array_agg(NULL::integer), array_agg(0)
            FROM fence, unnest(@skipped) AS entry (position)
            GROUP BY entry.position / 1024, fence.now
        ), failed AS (
            INSERT INTO postoffice.failed_attempts (topic_id, publisher_id, position, attempt, failed_at, status_code, duration_ms, error)
            SELECT @topic_id, @publisher_id, entry.position, entry.attempt, fence.now, entry.status_code, entry.duration_ms, entry.error
            FROM fence, unnest(@failed_positions, @failed_attempts, @failed_status_codes, @failed_durations, @failed_errors)
                AS entry (position, attempt, status_code, duration_ms, error)
        ), parked AS (
            INSERT INTO postoffice.parked_deliveries (topic_id, publisher_id, position, attempts, due_at, reason, ordering_key)
            SELECT @topic_id, @publisher_id, entry.position, entry.attempts, coalesce(fence.now + entry.delay, {ParkedRow.Never}), entry.reason, entry.ordering_key
            FROM fence, unnest(@parked_positions, @parked_attempts, @parked_delays, @parked_reasons, @parked_keys)
                AS entry (position, attempts, delay, reason, ordering_key)
            ON CONFLICT (topic_id, publisher_id, position) DO UPDATE SET
                attempts = excluded.attempts, due_at = excluded.due_at, reason = excluded.reason, ordering_key = excluded.ordering_key
        ), unparked AS (
            DELETE FROM postoffice.parked_deliveries USING fence
            WHERE topic_id = @topic_id AND publisher_id = @publisher_id AND position = ANY (@unparked)
        ), dead AS (
            INSERT INTO postoffice.dead_letters
                (topic_id, publisher_id, position, attempts, status_code, reason, error, error_group, ordering_key, blocks_key, died_at)
            SELECT @topic_id, @publisher_id, entry.position, entry.attempts, entry.status_code, entry.reason, entry.error, entry.error_group,
                entry.ordering_key, entry.blocks_key, fence.now
            FROM fence,
                unnest(@dead_positions, @dead_attempts, @dead_status_codes, @dead_reasons, @dead_errors, @dead_groups, @dead_keys, @dead_blocks)
                AS entry (position, attempts, status_code, reason, error, error_group, ordering_key, blocks_key)
            ON CONFLICT (topic_id, publisher_id, position) DO UPDATE SET
                attempts = excluded.attempts, status_code = excluded.status_code, reason = excluded.reason, error = excluded.error,
                error_group = excluded.error_group, ordering_key = excluded.ordering_key, blocks_key = excluded.blocks_key, died_at = excluded.died_at
        ), revived AS (
            DELETE FROM postoffice.dead_letters USING fence
            WHERE topic_id = @topic_id AND publisher_id = @publisher_id AND position = ANY (@revived)
        ), replay_moved AS (
            UPDATE postoffice.replays SET position = @replay_position FROM fence
            WHERE publisher_id = @publisher_id AND id = @replay_id AND until > @replay_position
        ), replay_ended AS (
            DELETE FROM postoffice.replays USING fence
            WHERE publisher_id = @publisher_id AND id = @replay_id AND until <= @replay_position
        )
        SELECT FROM fence
        """;

    // Asked only when the fence was shut, and as a statement of its own: the first try of a repeated settle may have held the row until a moment ago,
    // and the settle's own snapshot is from before that.
    private const string IsRepeatSql = """
        SELECT FROM postoffice.publisher_cursors WHERE publisher_id = @publisher_id AND epoch = @epoch AND sequence >= @sequence
        """;

    // (SELECT …) around the clock: a volatile function is no index condition.
    internal const string ReadDueSql = $"""
        SELECT {MessageRow.Columns}, parked.attempts
        FROM (
            SELECT position, attempts, due_at FROM postoffice.parked_deliveries
            WHERE publisher_id = @publisher_id AND topic_id = @topic_id AND due_at <= (SELECT postoffice.current_instant()) AND position <> ALL (@except)
            ORDER BY due_at, position LIMIT @max
        ) AS parked
        JOIN postoffice.messages ON messages.topic_id = @topic_id AND messages.position = parked.position
        ORDER BY parked.due_at, parked.position
        """;

    // One time for all rows, those that are due already too, so that they come in the order of their positions. Few: what a publisher had in flight when its receiver went away.
    // The cursor is locked first, as a settle does: both change many rows, in different orders, and would else lock each other out.
    internal const string MakeUnavailableDueSql = $"""
        WITH fence AS MATERIALIZED (
            SELECT postoffice.current_instant() AS now FROM postoffice.publisher_cursors
            WHERE publisher_id = @publisher_id AND epoch = @epoch FOR NO KEY UPDATE
        )
        UPDATE postoffice.parked_deliveries SET due_at = fence.now
        FROM fence
        WHERE parked_deliveries.publisher_id = @publisher_id AND parked_deliveries.topic_id = @topic_id
            AND parked_deliveries.reason LIKE '{ParkEntry.Unavailable}%' AND parked_deliveries.due_at < {ParkedRow.Never}
        """;

    // An attempt that is under way is due at its deadline for the sake of another owner, who knows nothing of it. One row, so one lock: whatever a settle
    // does to the row at the same time, one of the two comes first. The answer is from before the update.
    internal const string MakeDueSql = $"""
        WITH changed AS (
            UPDATE postoffice.parked_deliveries SET due_at = least(due_at, postoffice.current_instant())
            WHERE topic_id = @topic_id AND publisher_id = @publisher_id AND position = @position
                AND due_at < {ParkedRow.Never} AND reason <> '{ParkEntry.InFlight}'
        )
        SELECT due_at < {ParkedRow.Never} FROM postoffice.parked_deliveries
        WHERE topic_id = @topic_id AND publisher_id = @publisher_id AND position = @position
        """;

    // LATERAL … LIMIT 1: one step into the index for each publisher, however many deliveries it has parked.
    internal const string NextDueSql = $"""
        SELECT asked.id, parked.due_at - (SELECT postoffice.current_instant())
        FROM (SELECT DISTINCT unnest(@publisher_ids) AS id) AS asked,
            LATERAL (
                SELECT due_at FROM postoffice.parked_deliveries WHERE publisher_id = asked.id AND due_at < {ParkedRow.Never} ORDER BY due_at LIMIT 1
            ) AS parked
        """;

    private const string StatesSql = $"""
        SELECT {PublisherRow.Columns}, publisher_cursors.cursor, publisher_cursors.settled_above,
            dead.attempts, dead.died_at, dead.status_code, dead.reason,
            parked.attempts, CASE WHEN parked.due_at < {ParkedRow.Never} THEN parked.due_at END, parked.reason,
            log.outcome, log.settled_at, log.attempts, log.status_code, log.duration_ms
        FROM postoffice.publishers
        JOIN postoffice.topics ON topics.id = publishers.topic_id
        JOIN postoffice.publisher_cursors ON publisher_cursors.publisher_id = publishers.id
        LEFT JOIN postoffice.dead_letters AS dead ON dead.topic_id = @topic_id AND dead.publisher_id = publishers.id AND dead.position = @position
        LEFT JOIN postoffice.parked_deliveries AS parked ON parked.topic_id = @topic_id AND parked.publisher_id = publishers.id AND parked.position = @position
        LEFT JOIN LATERAL (
            SELECT outcome, settled_at, entry.attempts[entry.place] AS attempts, entry.status_codes[entry.place] AS status_code,
                entry.durations_ms[entry.place] AS duration_ms
            FROM (
                SELECT *, array_position(positions, @position) AS place FROM postoffice.delivery_log
                WHERE topic_id = @topic_id AND publisher_id = publishers.id AND block = @position / 1024 AND @position = ANY (positions)
            ) AS entry
            ORDER BY settled_at DESC LIMIT 1
        ) AS log ON true
        WHERE publishers.topic_id = @topic_id AND publishers.deleted_at IS NULL
        ORDER BY publishers.id
        """;

    private const string FailedAttemptsSql = """
        SELECT publisher_id, attempt, failed_at, status_code, duration_ms, error
        FROM (
            SELECT *, row_number() OVER (PARTITION BY publisher_id ORDER BY id DESC) AS age
            FROM postoffice.failed_attempts WHERE topic_id = @topic_id AND position = @position
        ) AS failed
        WHERE age <= 100
        ORDER BY publisher_id, id
        """;

    private readonly PostgresDatabase _database;
    private readonly string _settleDeliveredSql;
    private readonly string _settleSql;
    private readonly string _isRepeatSql;
    private readonly string _readDueSql;
    private readonly string _makeUnavailableDueSql;
    private readonly string _makeDueSql;
    private readonly string _nextDueSql;
    private readonly string _statesSql;
    private readonly string _failedAttemptsSql;

    public PostgresDeliveryStore(PostgresDatabase database)
    {
        _database = database;
        _settleDeliveredSql = database.Qualify(SettleDeliveredSql);
        _settleSql = database.Qualify(SettleSql);
        _isRepeatSql = database.Qualify(IsRepeatSql);
        _readDueSql = database.Qualify(ReadDueSql);
        _makeUnavailableDueSql = database.Qualify(MakeUnavailableDueSql);
        _makeDueSql = database.Qualify(MakeDueSql);
        _nextDueSql = database.Qualify(NextDueSql);
        _statesSql = database.Qualify(StatesSql);
        _failedAttemptsSql = database.Qualify(FailedAttemptsSql);
    }

    public async Task<SettleStatus> SettleAsync(SettleBatch batch, CancellationToken cancellationToken)
    {
        var allDelivered = batch.Replay is null
            && batch.Failed.Count + batch.Parked.Count + batch.Unparked.Count + batch.Dead.Count + batch.Skipped.Count + batch.Revived.Count == 0;
        var isSettled = await _database.QueryAsync(
            allDelivered ? _settleDeliveredSql : _settleSql,
            allDelivered ? SettleParameters.OfDelivered(batch) : SettleParameters.OfAll(batch),
            (reader, deadline) => reader.ReadAsync(deadline),
            cancellationToken).ConfigureAwait(false);

        return isSettled || await IsRepeatAsync(batch, cancellationToken).ConfigureAwait(false) ? SettleStatus.Settled : SettleStatus.LeaseLost;
    }

    public Task<IReadOnlyList<DueDelivery>> ReadDueAsync(
        long topicId, long publisherId, IReadOnlyCollection<long> except, int max, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _readDueSql,
            [Of("topic_id", topicId), Of("publisher_id", publisherId), Of("except", except.ToArray()), Of("max", max)],
            (reader, deadline) => reader.ReadListAsync(row => new DueDelivery(MessageRow.Read(row), row.GetInt32(MessageRow.Count)), deadline),
            cancellationToken);

    public Task<int> MakeUnavailableDueAsync(long topicId, long publisherId, long epoch, CancellationToken cancellationToken) =>
        _database.ExecuteAsync(
            _makeUnavailableDueSql, [Of("topic_id", topicId), Of("publisher_id", publisherId), Of("epoch", epoch)], cancellationToken);

    public Task<MakeDueStatus> MakeDueAsync(long topicId, long publisherId, long position, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _makeDueSql,
            [Of("topic_id", topicId), Of("publisher_id", publisherId), Of("position", position)],
            async (reader, deadline) => !await reader.ReadAsync(deadline).ConfigureAwait(false) ? MakeDueStatus.NotParked
                : reader.GetBoolean(0) ? MakeDueStatus.Due
                : MakeDueStatus.BehindKey,
            cancellationToken);

    public Task<IReadOnlyDictionary<long, TimeSpan>> NextDueAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _nextDueSql,
            [Of("publisher_ids", publisherIds.ToArray())],
            (reader, deadline) => reader.ReadDictionaryAsync<TimeSpan>(deadline),
            cancellationToken);

    public Task<IReadOnlyList<DeliveryState>> StatesAsync(Message message, CancellationToken cancellationToken) =>
        _database.QueryBatchAsync(
            [
                (_failedAttemptsSql, [Of("topic_id", message.TopicId), Of("position", message.Position)]),
                (_statesSql, [Of("topic_id", message.TopicId), Of("position", message.Position)]),
            ],
            async (reader, deadline) =>
            {
                var attempts = await reader.ReadListAsync(DeliveryStateRow.ReadFailed, deadline).ConfigureAwait(false);
                var failed = attempts.ToLookup(row => row.PublisherId, row => row.Attempt);
                await reader.NextResultAsync(deadline).ConfigureAwait(false);
                return await reader.ReadListAsync(row => DeliveryStateRow.Read(row, message.Position, failed), deadline).ConfigureAwait(false);
            },
            cancellationToken);

    private Task<bool> IsRepeatAsync(SettleBatch batch, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _isRepeatSql,
            [Of("publisher_id", batch.PublisherId), Of("epoch", batch.Epoch), Of("sequence", batch.Sequence)],
            (reader, deadline) => reader.ReadAsync(deadline),
            cancellationToken);
}
