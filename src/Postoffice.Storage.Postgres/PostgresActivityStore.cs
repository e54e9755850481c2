using Npgsql;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>What the nodes have told of themselves, minute by minute.</summary>
internal sealed class PostgresActivityStore : IActivityStore
{
    // Arrays of different lengths are no array of arrays, so each comes as text. The time is told whether there are rows or not.
    private const string WriteSql = """
        WITH written AS (
            INSERT INTO postoffice.activity
                (minute, topic_id, publisher_id, node_id, received, advanced, delivered, failed, skipped, dead, latencies)
            SELECT minute, topic_id, publisher_id, @node_id, received, advanced, delivered, failed, skipped, dead, latencies::integer[]
            FROM unnest(@minutes, @topic_ids, @publisher_ids, @received, @advanced, @delivered, @failed, @skipped, @dead, @latencies)
                AS told (minute, topic_id, publisher_id, received, advanced, delivered, failed, skipped, dead, latencies)
            ON CONFLICT (minute, topic_id, publisher_id, node_id) DO UPDATE SET
                received = excluded.received, advanced = excluded.advanced, delivered = excluded.delivered, failed = excluded.failed,
                skipped = excluded.skipped, dead = excluded.dead, latencies = excluded.latencies
        )
        SELECT postoffice.current_instant()
        """;

    /// <summary>The time and the minute that it is in, asked once.</summary>
    internal const string Clock = """
        clock AS MATERIALIZED (
            SELECT time.now, date_trunc('minute', time.now) AS minute FROM (SELECT postoffice.current_instant() AS now) AS time
        )
        """;

    internal const string NowSql = "SELECT postoffice.current_instant()";

    // Both ends are given: of an open range the planner, which does not know the time yet, would fear a third of the table.
    internal const string MinutesSql = $"""
        WITH {Clock}
        SELECT minute, sum(received)::bigint, sum(delivered)::bigint, sum(failed)::bigint, sum(skipped)::bigint, sum(dead)::bigint
        FROM postoffice.activity
        WHERE minute >= (SELECT minute FROM clock) - interval '59 minutes' AND minute <= (SELECT minute FROM clock) {Scope}
        GROUP BY minute ORDER BY minute
        """;

    internal const string LatenciesSql = $"""
        WITH {Clock}
        SELECT sum(bucket.count)::bigint
        FROM postoffice.activity CROSS JOIN LATERAL unnest(activity.latencies) WITH ORDINALITY AS bucket (count, number)
        WHERE minute >= (SELECT minute FROM clock) - interval '5 minutes' AND minute <= (SELECT minute FROM clock) {Scope}
        GROUP BY bucket.number ORDER BY bucket.number
        """;

    internal const string AttemptsSql = $"""
        WITH {Clock}
        SELECT publisher_id, sum(delivered)::bigint, sum(failed)::bigint
        FROM postoffice.activity
        WHERE minute >= (SELECT minute FROM clock) - interval '5 minutes' AND minute <= (SELECT minute FROM clock) AND publisher_id = ANY (@publisher_ids)
        GROUP BY publisher_id HAVING sum(delivered) + sum(failed) > 0
        """;

    // By row address, which holds as the rows are locked: a join might read the whole table. SKIP LOCKED: several nodes may clean up at once.
    internal const string PruneSql = """
        DELETE FROM postoffice.activity WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM postoffice.activity
            WHERE minute < (SELECT postoffice.current_instant()) - @age
            ORDER BY minute LIMIT @max FOR UPDATE SKIP LOCKED
        ))
        """;

    private const string Scope = "/* scope */";
    private const string OfTopic = "AND topic_id = @topic_id";
    private const string OfPublisher = "AND topic_id = @topic_id AND publisher_id = ANY (@publisher_ids)";

    private readonly PostgresDatabase _database;
    private readonly string _writeSql;
    private readonly string _nowSql;
    private readonly string _minutesSql;
    private readonly string _latenciesSql;
    private readonly string _attemptsSql;
    private readonly string _pruneSql;

    public PostgresActivityStore(PostgresDatabase database)
    {
        _database = database;
        _writeSql = database.Qualify(WriteSql);
        _nowSql = database.Qualify(NowSql);
        _minutesSql = database.Qualify(MinutesSql);
        _latenciesSql = database.Qualify(LatenciesSql);
        _attemptsSql = database.Qualify(AttemptsSql);
        _pruneSql = database.Qualify(PruneSql);
    }

    public Task<DateTimeOffset> WriteAsync(Guid nodeId, IReadOnlyCollection<ActivityRow> rows, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _writeSql,
            [
                Of("node_id", nodeId),
                Of("minutes", rows.Select(row => row.Minute).ToArray()),
                Of("topic_ids", rows.Select(row => row.TopicId).ToArray()),
                Of("publisher_ids", rows.Select(row => row.PublisherId).ToArray()),
                Of("received", rows.Select(row => row.Received).ToArray()),
                Of("advanced", rows.Select(row => row.Advanced).ToArray()),
                Of("delivered", rows.Select(row => row.Delivered).ToArray()),
                Of("failed", rows.Select(row => row.Failed).ToArray()),
                Of("skipped", rows.Select(row => row.Skipped).ToArray()),
                Of("dead", rows.Select(row => row.Dead).ToArray()),
                Of("latencies", rows.Select(row => $"{{{string.Join(',', row.Latencies)}}}").ToArray()),
            ],
            ReadTimeAsync,
            cancellationToken);

    public Task<ActivityReading> ReadAsync(ActivityScope scope, CancellationToken cancellationToken) =>
        _database.LookAsync(
            [
                (_nowSql, []),
                (Scoped(_minutesSql, scope), Parameters(scope)),
                (Scoped(_latenciesSql, scope), Parameters(scope)),
            ],
            ReadAsync,
            cancellationToken);

    public Task<IReadOnlyDictionary<long, AttemptCounts>> AttemptsAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _attemptsSql,
            [Of("publisher_ids", publisherIds.ToArray())],
            (reader, deadline) => reader.ReadDictionaryAsync(row => new AttemptCounts(row.GetInt64(1), row.GetInt64(2)), deadline),
            cancellationToken);

    public Task<int> PruneAsync(TimeSpan age, int max, CancellationToken cancellationToken) =>
        _database.ExecuteAsync(_pruneSql, [Of("age", age), Of("max", max)], cancellationToken);

    /// <summary>Reads three result sets: the time, the minutes, the latencies.</summary>
    public static async Task<ActivityReading> ReadAsync(NpgsqlDataReader reader, CancellationToken deadline)
    {
        var at = await ReadTimeAsync(reader, deadline).ConfigureAwait(false);
        await reader.NextResultAsync(deadline).ConfigureAwait(false);
        var minutes = await reader.ReadListAsync(ReadMinute, deadline).ConfigureAwait(false);
        await reader.NextResultAsync(deadline).ConfigureAwait(false);
        return new ActivityReading(at, minutes, await reader.ReadListAsync(row => row.GetInt64(0), deadline).ConfigureAwait(false));
    }

    /// <returns>The statement for the scope: there are three of each.</returns>
    internal static string Scoped(string sql, ActivityScope scope) =>
        sql.Replace(Scope, scope.PublisherId is not null ? OfPublisher : scope.TopicId is not null ? OfTopic : "", StringComparison.Ordinal);

    // 0 stands for what the topic has received.
    internal static NpgsqlParameter[] Parameters(ActivityScope scope) => scope switch
    {
        { TopicId: { } topicId, PublisherId: { } publisherId } => [Of("topic_id", topicId), Of("publisher_ids", [0L, publisherId])],
        { TopicId: { } topicId } => [Of("topic_id", topicId)],
        _ => [],
    };

    private static async Task<DateTimeOffset> ReadTimeAsync(NpgsqlDataReader reader, CancellationToken deadline)
    {
        await reader.ReadAsync(deadline).ConfigureAwait(false);
        return reader.GetFieldValue<DateTimeOffset>(0);
    }

    private static ActivityMinute ReadMinute(NpgsqlDataReader row) => new(
        row.GetFieldValue<DateTimeOffset>(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5));
}
