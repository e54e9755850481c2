namespace Postoffice.Storage.Sqlite;

/// <summary>What the node, and those before it on the same file, have told of themselves, minute by minute.</summary>
internal sealed class SqliteActivityStore(SqliteDatabase database) : IActivityStore
{
    public const string NowSql = "SELECT postoffice_now()";

    private const string WriteSql = """
        INSERT INTO activity (minute, topic_id, publisher_id, node_id, received, advanced, delivered, failed, skipped, dead, latencies)
        VALUES (@minute, @topic_id, @publisher_id, @node_id, @received, @advanced, @delivered, @failed, @skipped, @dead, @latencies)
        ON CONFLICT (minute, topic_id, publisher_id, node_id) DO UPDATE SET
            received = excluded.received, advanced = excluded.advanced, delivered = excluded.delivered, failed = excluded.failed,
            skipped = excluded.skipped, dead = excluded.dead, latencies = excluded.latencies
        """;

    // A scope that is not given leaves nothing out; 0 stands for what the topic has received. The range of minutes bounds the walk in any case.
    private const string Scope = """
        minute BETWEEN @from AND @to AND topic_id = coalesce(@topic_id, topic_id) AND (@publisher_id IS NULL OR publisher_id IN (0, @publisher_id))
        """;

    internal const string MinutesSql = $"""
        SELECT minute, sum(received), sum(delivered), sum(failed), sum(skipped), sum(dead) FROM activity WHERE {Scope} GROUP BY minute ORDER BY minute
        """;

    internal const string LatenciesSql = $"""
        SELECT bucket.key, sum(bucket.value) FROM activity, json_each(activity.latencies) AS bucket WHERE {Scope} GROUP BY bucket.key ORDER BY bucket.key
        """;

    internal const string AttemptsSql = """
        SELECT publisher_id, sum(delivered), sum(failed) FROM activity
        WHERE minute BETWEEN @from AND @to AND publisher_id IN (SELECT value FROM json_each(@publisher_ids))
        GROUP BY publisher_id HAVING sum(delivered) + sum(failed) > 0
        """;

    internal const string PruneSql = """
        DELETE FROM activity WHERE (minute, topic_id, publisher_id, node_id) IN (
            SELECT minute, topic_id, publisher_id, node_id FROM activity WHERE minute < @until ORDER BY minute LIMIT @max
        )
        """;

    public Task<DateTimeOffset> WriteAsync(Guid nodeId, IReadOnlyCollection<ActivityRow> rows, CancellationToken cancellationToken)
    {
        // To ask for the time is no reason to write to the disk.
        return rows.Count == 0
            ? database.ReadAsync(static session => SqliteTime.ToTime(Now(session)), cancellationToken)
            : database.WriteAsync(
                session =>
                {
                    foreach (var row in rows)
                    {
                        session.Execute(
                            WriteSql,
                            ("@minute", row.Minute.ToMicroseconds()), ("@topic_id", row.TopicId), ("@publisher_id", row.PublisherId),
                            ("@node_id", nodeId.ToString("D")), ("@received", row.Received), ("@advanced", row.Advanced), ("@delivered", row.Delivered),
                            ("@failed", row.Failed), ("@skipped", row.Skipped), ("@dead", row.Dead),
                            ("@latencies", JsonArray.Of(row.Latencies, count => count)));
                    }

                    return SqliteTime.ToTime(Now(session));
                },
                cancellationToken);
    }

    public Task<ActivityReading> ReadAsync(ActivityScope scope, CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.Snapshot(snapshot => Read(snapshot, scope, Now(snapshot))), cancellationToken);

    public Task<IReadOnlyDictionary<long, AttemptCounts>> AttemptsAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<long, AttemptCounts>>(
            session =>
            {
                var minute = Minute(Now(session));
                using var reader = session.Query(
                    AttemptsSql, ("@from", Before(minute, 5)), ("@to", minute), ("@publisher_ids", JsonArray.Of(publisherIds)));
                var attempts = new Dictionary<long, AttemptCounts>();
                while (reader.Read())
                {
                    attempts.Add(reader.GetInt64(0), new AttemptCounts(reader.GetInt64(1), reader.GetInt64(2)));
                }

                return attempts;
            },
            cancellationToken);

    public Task<int> PruneAsync(TimeSpan age, int max, CancellationToken cancellationToken) =>
        database.WriteAsync(session => session.Execute(PruneSql, ("@until", Now(session) - age.ToMicroseconds()), ("@max", max)), cancellationToken);

    /// <summary>Read once: each call of the function tells another time.</summary>
    public static long Now(SqliteSession session) => (long)session.Scalar(NowSql)!;

    public static long Minute(long now) => now - (now % TimeSpan.FromMinutes(1).ToMicroseconds());

    public static long Before(long minute, int minutes) => minute - TimeSpan.FromMinutes(minutes).ToMicroseconds();

    public static ActivityReading Read(SqliteSession session, ActivityScope scope, long now)
    {
        var minutes = new List<ActivityMinute>();
        using (var reader = session.Query(MinutesSql, Parameters(scope, now, minutes: 59)))
        {
            while (reader.Read())
            {
                minutes.Add(new ActivityMinute(
                    SqliteTime.ToTime(reader.GetInt64(0)), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5)));
            }
        }

        var latencies = new List<long>();
        using (var reader = session.Query(LatenciesSql, Parameters(scope, now, minutes: 5)))
        {
            while (reader.Read())
            {
                latencies.Add(reader.GetInt64(1));
            }
        }

        return new ActivityReading(SqliteTime.ToTime(now), minutes, latencies);
    }

    private static (string Name, object? Value)[] Parameters(ActivityScope scope, long now, int minutes) =>
        [("@from", Before(Minute(now), minutes)), ("@to", Minute(now)), ("@topic_id", scope.TopicId), ("@publisher_id", scope.PublisherId)];
}
