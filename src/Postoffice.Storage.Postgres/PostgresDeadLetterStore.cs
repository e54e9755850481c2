using Npgsql;
using Postoffice.Deliveries;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>The dead letters, for those who look after them.</summary>
internal sealed class PostgresDeadLetterStore(PostgresDatabase database) : IDeadLetterStore
{
    /// <summary>Where the conditions of a filter go.</summary>
    private const string Conditions = "/* conditions */";

    // First the page, by an index backwards; then, for its few rows, the rest. The condition on died_at alone says no more than the one on the place: it is for the
    // index of one publisher, whose columns stand in another order.
    internal const string ListSql = $"""
        SELECT {DeadLetterRow.Columns}
        FROM (
            SELECT dead.* FROM {DeadLetterRow.Source}
            WHERE true{Conditions}
            ORDER BY dead.died_at DESC, dead.publisher_id DESC, dead.position DESC LIMIT @limit
        ) AS dead
        {DeadLetterRow.Details}
        ORDER BY dead.died_at DESC, dead.publisher_id DESC, dead.position DESC
        """;

    private const string AfterCondition =
        " AND dead.died_at <= @after_died_at AND (dead.died_at, dead.publisher_id, dead.position) < (@after_died_at, @after_publisher_id, @after_position)";

    private const string CountSql = $"SELECT count(*) FROM {DeadLetterRow.Source} WHERE true{Conditions}";

    // The sample is found by the time of the group's last death, so by index, and not by sorting all of the group.
    internal const string GroupsSql = $"""
        WITH groups AS MATERIALIZED (
            SELECT own.reason, own.error_group, sum(own.count)::bigint AS count, min(own.first_died_at) AS first_died_at, max(own.last_died_at) AS last_died_at
            FROM postoffice.publishers CROSS JOIN LATERAL (
                SELECT dead.reason, dead.error_group, count(*) AS count, min(dead.died_at) AS first_died_at, max(dead.died_at) AS last_died_at
                FROM postoffice.dead_letters AS dead
                WHERE dead.publisher_id = publishers.id AND dead.topic_id = publishers.topic_id{Conditions}
                GROUP BY dead.reason, dead.error_group
            ) AS own
            WHERE publishers.deleted_at IS NULL
            GROUP BY own.reason, own.error_group
            ORDER BY sum(own.count) DESC, max(own.last_died_at) DESC LIMIT @limit
        )
        SELECT {DeadLetterRow.Columns}, groups.count, groups.first_died_at, groups.last_died_at
        FROM groups
        CROSS JOIN LATERAL (
            SELECT dead.* FROM {DeadLetterRow.Source}
            WHERE dead.died_at = groups.last_died_at AND dead.reason = groups.reason AND dead.error_group = groups.error_group{Conditions}
            ORDER BY dead.publisher_id DESC, dead.position DESC LIMIT 1
        ) AS dead
        {DeadLetterRow.Details}
        ORDER BY groups.count DESC, groups.last_died_at DESC
        """;

    // MATERIALIZED, as for leases: the locking SELECT runs once. SKIP LOCKED: two who ask at once divide the letters instead of waiting for one another, and a
    // letter that a settle has in hand is left to it. KEY SHARE of the cursor row, which goes away with its publisher: a deletion waits until our rows are
    // parked and then removes them, while settles and renewals, which leave its key alone, go on.
    internal const string RetrySql = $"""
        WITH chosen AS MATERIALIZED (
            SELECT dead.topic_id, dead.publisher_id, dead.position, dead.ordering_key
            FROM {DeadLetterRow.Source}
            JOIN postoffice.publisher_cursors ON publisher_cursors.publisher_id = dead.publisher_id
            WHERE true{Conditions}
            ORDER BY dead.died_at, dead.publisher_id, dead.position LIMIT @max
            FOR UPDATE OF dead SKIP LOCKED FOR KEY SHARE OF publisher_cursors SKIP LOCKED
        ), clock AS MATERIALIZED (
            SELECT postoffice.current_instant() AS now
        ), gone AS (
            DELETE FROM postoffice.dead_letters AS dead USING chosen
            WHERE dead.topic_id = chosen.topic_id AND dead.publisher_id = chosen.publisher_id AND dead.position = chosen.position
        ), parked AS (
            INSERT INTO postoffice.parked_deliveries (topic_id, publisher_id, position, attempts, due_at, reason, ordering_key)
            SELECT chosen.topic_id, chosen.publisher_id, chosen.position, 0, clock.now, 'retried', chosen.ordering_key FROM chosen, clock
            ON CONFLICT (topic_id, publisher_id, position) DO UPDATE SET
                attempts = excluded.attempts, due_at = excluded.due_at, reason = excluded.reason, ordering_key = excluded.ordering_key
        )
        SELECT count(*) FROM chosen
        """;

    // The publishers are locked in order of their numbers, so that two who discard letters of the same publishers can't lock each other out.
    private const string DiscardSql = $"""
        WITH chosen AS MATERIALIZED (
            SELECT dead.topic_id, dead.publisher_id, dead.position, dead.attempts, dead.status_code, dead.blocks_key
            FROM {DeadLetterRow.Source}
            WHERE true{Conditions}
            ORDER BY dead.died_at, dead.publisher_id, dead.position LIMIT @max
            FOR UPDATE OF dead SKIP LOCKED
        ), clock AS MATERIALIZED (
            SELECT postoffice.current_instant() AS now
        ), gone AS (
            DELETE FROM postoffice.dead_letters AS dead USING chosen
            WHERE dead.topic_id = chosen.topic_id AND dead.publisher_id = chosen.publisher_id AND dead.position = chosen.position
        ), discarded AS (
            INSERT INTO postoffice.delivery_log (topic_id, publisher_id, block, outcome, settled_at, positions, attempts, status_codes, durations_ms)
            SELECT chosen.topic_id, chosen.publisher_id, chosen.position / 1024, 3, clock.now, array_agg(chosen.position ORDER BY chosen.position),
                array_agg(chosen.attempts ORDER BY chosen.position), array_agg(chosen.status_code ORDER BY chosen.position), array_agg(0)
            FROM chosen, clock
            GROUP BY chosen.topic_id, chosen.publisher_id, chosen.position / 1024, clock.now
        ), freed AS MATERIALIZED (
            SELECT id FROM postoffice.publishers
            WHERE id IN (SELECT publisher_id FROM chosen WHERE blocks_key) AND deleted_at IS NULL
            ORDER BY id FOR NO KEY UPDATE
        ), changed AS (
            UPDATE postoffice.publishers SET version = version + 1 FROM freed WHERE publishers.id = freed.id
        )
        SELECT count(*) FROM chosen
        """;

    public Task<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterFilter filter, DeadLetterPlace? after, int limit, CancellationToken cancellationToken) =>
        database.LookAsync(
            [(Statement(ListSql, filter, after), [.. DeadLetterRow.Parameters(filter), .. PlaceParameters(after), Of("limit", limit)])],
            (reader, deadline) => reader.ReadListAsync(DeadLetterRow.Read, deadline),
            cancellationToken);

    public async Task<DeadLetter?> FindAsync(DeadLetterId id, CancellationToken cancellationToken) =>
        await ListAsync(new DeadLetterFilter { Ids = [id] }, after: null, limit: 1, cancellationToken).ConfigureAwait(false) is [var letter] ? letter : null;

    public Task<long> CountAsync(DeadLetterFilter filter, CancellationToken cancellationToken) =>
        CountRowsAsync(Statement(CountSql, filter), DeadLetterRow.Parameters(filter), cancellationToken);

    public Task<IReadOnlyList<DeadLetterGroup>> GroupsAsync(DeadLetterFilter filter, int limit, CancellationToken cancellationToken) =>
        database.LookAsync(
            [(Statement(GroupsSql, filter), [.. DeadLetterRow.Parameters(filter), Of("limit", limit)])],
            (reader, deadline) => reader.ReadListAsync(ReadGroup, deadline),
            cancellationToken);

    public Task<int> RetryAsync(DeadLetterFilter filter, int max, CancellationToken cancellationToken) => ChangeAsync(RetrySql, filter, max, cancellationToken);

    public Task<int> DiscardAsync(DeadLetterFilter filter, int max, CancellationToken cancellationToken) => ChangeAsync(DiscardSql, filter, max, cancellationToken);

    private async Task<int> ChangeAsync(string sql, DeadLetterFilter filter, int max, CancellationToken cancellationToken) =>
        (int)await CountRowsAsync(
            Statement(sql, filter), [.. DeadLetterRow.Parameters(filter), Of("max", max)], cancellationToken).ConfigureAwait(false);

    private Task<long> CountRowsAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken) =>
        database.QueryAsync(
            sql,
            parameters,
            async (reader, deadline) =>
            {
                await reader.ReadAsync(deadline).ConfigureAwait(false);
                return reader.GetInt64(0);
            },
            cancellationToken);

    private string Statement(string sql, DeadLetterFilter filter, DeadLetterPlace? after = null) => database.Qualify(Compose(sql, filter, after));

    internal static string Compose(string sql, DeadLetterFilter filter, DeadLetterPlace? after = null) =>
        sql.Replace(Conditions, DeadLetterRow.Conditions(filter) + (after is null ? "" : AfterCondition), StringComparison.Ordinal);

    internal static NpgsqlParameter[] PlaceParameters(DeadLetterPlace? after) => after is { } place
        ? [Of("after_died_at", place.DiedAt), Of("after_publisher_id", place.PublisherId), Of("after_position", place.Position)]
        : [];

    private static DeadLetterGroup ReadGroup(NpgsqlDataReader row)
    {
        const int Next = DeadLetterRow.Count;
        var sample = DeadLetterRow.Read(row);
        return new(
            sample.Reason, sample.Group, row.GetInt64(Next), row.GetFieldValue<DateTimeOffset>(Next + 1), row.GetFieldValue<DateTimeOffset>(Next + 2), sample);
    }
}
