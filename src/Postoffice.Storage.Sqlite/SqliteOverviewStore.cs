using Microsoft.Data.Sqlite;
using Postoffice.Publishers;

namespace Postoffice.Storage.Sqlite;

/// <summary>How all is, for people who look at it.</summary>
internal sealed class SqliteOverviewStore(SqliteDatabase database) : IOverviewStore
{
    private const string TotalsSql = "SELECT count(*), coalesce(sum(last_position), 0) FROM topic_heads";

    // Settings are wanted only where the node says nothing of the publisher, which may be why. What minutes tell comes from a statement of its own.
    internal const string PublishersSql = """
        SELECT p.id, t.name, p.type, p.target, p.active, p.paused_reason, p.paused_at, p.updated_at, c.cursor, h.last_position, c.delivered,
            (SELECT count(*) FROM parked_deliveries d WHERE d.topic_id = p.topic_id AND d.publisher_id = p.id),
            (SELECT count(*) FROM dead_letters d WHERE d.publisher_id = p.id),
            (SELECT min(d.died_at) FROM dead_letters d WHERE d.publisher_id = p.id),
            EXISTS (SELECT 1 FROM dead_letters d WHERE d.publisher_id = p.id AND d.blocks_key = 1 AND d.ordering_key IS NOT NULL),
            CASE WHEN c.lease_until > @now THEN c.owner END, coalesce(n.host, ''), r.report,
            CASE WHEN c.lease_until <= @now THEN c.lease_until END,
            CASE WHEN r.report IS NULL THEN p.settings END,
            p.topic_id
        FROM publishers p JOIN topics t ON t.id = p.topic_id JOIN topic_heads h ON h.topic_id = p.topic_id JOIN publisher_cursors c ON c.publisher_id = p.id
        LEFT JOIN nodes n ON n.id = c.owner
        LEFT JOIN publisher_reports r ON r.publisher_id = c.publisher_id AND r.epoch = c.epoch AND r.node_id = c.owner
        WHERE p.deleted_at IS NULL
        ORDER BY p.id
        """;

    internal const string RecentSql = """
        SELECT topic_id, publisher_id, sum(received), sum(advanced) FROM activity WHERE minute >= @from AND minute < @minute GROUP BY topic_id, publisher_id
        """;

    private const string NodesSql = """
        SELECT n.id, n.host, n.started_at, n.heartbeat_at, coalesce(held.publishers, 0)
        FROM nodes n
        LEFT JOIN (SELECT owner, count(*) AS publishers FROM publisher_cursors WHERE lease_until > @now GROUP BY owner) AS held ON held.owner = n.id
        WHERE n.heartbeat_at > @alive
        ORDER BY n.started_at, n.id
        """;

    // Dead letters are counted to a bound, and the ends of their index looked at: a million of them must not be counted every second.
    // Of the reports that come with each renewal only that counts which takes a publisher from one state to another, found in their text without parsing it.
    internal const string PulseSql = """
        SELECT (SELECT coalesce(sum(last_position), 0) FROM topic_heads), c.delivered,
            (SELECT count(*) FROM topic_heads), p.count, p.version, c.cursor, c.skipped, c.epoch, c.sequence, c.leases,
            (SELECT count(*) FROM replays),
            (SELECT count(*) FROM (SELECT 1 FROM dead_letters ORDER BY died_at LIMIT @max_dead)),
            (SELECT coalesce(min(died_at), 0) FROM dead_letters),
            (SELECT coalesce(max(died_at), 0) FROM dead_letters),
            (SELECT count(*) FROM nodes WHERE heartbeat_at > @alive),
            (SELECT coalesce(sum(received + advanced + delivered + failed + skipped + dead), 0) FROM activity WHERE minute BETWEEN @from AND @to),
            r.open, r.half_open, r.failing, r.idle, r.limited, r.offline
        FROM
            (SELECT coalesce(sum(delivered), 0) AS delivered, coalesce(sum(cursor), 0) AS cursor, coalesce(sum(skipped), 0) AS skipped,
                coalesce(sum(epoch), 0) AS epoch, coalesce(sum(sequence), 0) AS sequence, coalesce(sum(lease_until > @now), 0) AS leases
            FROM publisher_cursors) AS c,
            (SELECT count(*) AS count, coalesce(sum(version), 0) AS version FROM publishers WHERE deleted_at IS NULL) AS p,
            (SELECT coalesce(sum(instr(report, '"breaker":"open"') > 0), 0) AS open, coalesce(sum(instr(report, '"breaker":"half_open"') > 0), 0) AS half_open,
                coalesce(sum(instr(report, '"last_error":') > 0), 0) AS failing, coalesce(sum(instr(report, '"in_flight":0,') > 0), 0) AS idle,
                coalesce(sum(instr(report, '"rate_limited_until":') > 0), 0) AS limited, coalesce(sum(instr(report, '"offline_until":') > 0), 0) AS offline
            FROM publisher_reports) AS r
        """;

    // Each topic costs a few walks into indexes, however long its log is.
    internal const string TopicsSql = """
        SELECT h.topic_id,
            coalesce(h.last_position - (SELECT min(m.position) FROM messages m WHERE m.topic_id = h.topic_id) + 1, 0), h.last_position,
            (SELECT count(*) FROM publishers p WHERE p.topic_id = h.topic_id AND p.deleted_at IS NULL),
            (SELECT m.received_at FROM messages m WHERE m.topic_id = h.topic_id AND m.position = h.last_position),
            (SELECT coalesce(sum(received), 0) FROM activity a WHERE a.minute = @minute AND a.topic_id = h.topic_id AND a.publisher_id = 0),
            (SELECT coalesce(sum(received), 0) FROM activity a WHERE a.minute = @before AND a.topic_id = h.topic_id AND a.publisher_id = 0)
        FROM topic_heads h WHERE h.topic_id IN (SELECT value FROM json_each(@topic_ids))
        """;

    private const int PulseFacts = 20;

    public Task<OverviewReading> ReadAsync(CancellationToken cancellationToken) => database.ReadAsync(session => session.Snapshot(Read), cancellationToken);

    public Task<PulseReading> PulseAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
            {
                var now = SqliteActivityStore.Now(session);
                var minute = SqliteActivityStore.Minute(now);
                using var reader = session.Query(
                    PulseSql,
                    ("@max_dead", PulseReading.MaxDeadCounted), ("@alive", Alive(now)), ("@from", SqliteActivityStore.Before(minute, 1)), ("@to", minute),
                    ("@now", now));
                reader.Read();
                return new PulseReading(
                    SqliteTime.ToTime(now), reader.GetInt64(0), reader.GetInt64(1), [.. Enumerable.Range(2, PulseFacts).Select(reader.GetInt64)]);
            },
            cancellationToken);

    public Task<IReadOnlyList<NodeStatus>> NodesAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<NodeStatus>>(session => ReadNodes(session, SqliteActivityStore.Now(session)), cancellationToken);

    public Task<IReadOnlyDictionary<long, TopicFigures>> TopicsAsync(IReadOnlyCollection<long> topicIds, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<long, TopicFigures>>(
            session =>
            {
                var now = SqliteActivityStore.Now(session);
                var minute = SqliteActivityStore.Minute(now);
                using var reader = session.Query(
                    TopicsSql, ("@minute", minute), ("@before", SqliteActivityStore.Before(minute, 1)), ("@topic_ids", JsonArray.Of(topicIds)));
                var figures = new Dictionary<long, TopicFigures>();
                while (reader.Read())
                {
                    figures.Add(reader.GetInt64(0), ReadFigures(reader, now));
                }

                return figures;
            },
            cancellationToken);

    private static OverviewReading Read(SqliteSession session)
    {
        var now = SqliteActivityStore.Now(session);
        var activity = SqliteActivityStore.Read(session, ActivityScope.All, now);
        long topics, received;
        using (var reader = session.Query(TotalsSql))
        {
            reader.Read();
            (topics, received) = (reader.GetInt64(0), reader.GetInt64(1));
        }

        var recent = ReadRecent(session, now);
        var publishers = new List<OverviewPublisher>();
        using (var reader = session.Query(PublishersSql, ("@now", now)))
        {
            while (reader.Read())
            {
                publishers.Add(ReadPublisher(reader, recent));
            }
        }

        return new OverviewReading(activity, topics, received, publishers, ReadNodes(session, now));
    }

    private static Dictionary<(long TopicId, long PublisherId), (long Received, long Advanced)> ReadRecent(SqliteSession session, long now)
    {
        var minute = SqliteActivityStore.Minute(now);
        using var reader = session.Query(RecentSql, ("@from", SqliteActivityStore.Before(minute, 5)), ("@minute", minute));
        var recent = new Dictionary<(long, long), (long, long)>();
        while (reader.Read())
        {
            recent.Add((reader.GetInt64(0), reader.GetInt64(1)), (reader.GetInt64(2), reader.GetInt64(3)));
        }

        return recent;
    }

    private static OverviewPublisher ReadPublisher(
        SqliteDataReader row, Dictionary<(long TopicId, long PublisherId), (long Received, long Advanced)> recent)
    {
        var (id, topicId, report) = (row.GetInt64(0), row.GetInt64(20), row.IsDBNull(17) ? null : row.GetString(17));
        return new OverviewPublisher
        {
            Id = id,
            Topic = row.GetString(1),
            Type = row.GetString(2),
            Target = row.GetString(3),
            Active = row.GetBoolean(4),
            PausedReason = row.IsDBNull(5) ? null : row.GetString(5),
            PausedAt = Time(row, 6),
            UpdatedAt = SqliteTime.ToTime(row.GetInt64(7)),
            Cursor = row.GetInt64(8),
            Head = row.GetInt64(9),
            Delivered = row.GetInt64(10),
            Parked = row.GetInt64(11),
            Dead = row.GetInt64(12),
            OldestDead = Time(row, 13),
            HasBlockedKey = row.GetBoolean(14),
            Owner = row.IsDBNull(15)
                ? null
                : new PublisherOwner(Guid.Parse(row.GetString(15)), row.GetString(16), report is null ? null : PublisherReport.FromJson(report)),
            LeaseEnded = Time(row, 18),
            Fault = OverviewPublisher.FaultOf(row.IsDBNull(19) ? null : row.GetString(19)),
            RecentlyReceived = recent.GetValueOrDefault((topicId, 0)).Received,
            RecentlyAdvanced = recent.GetValueOrDefault((topicId, id)).Advanced,
        };
    }

    private static List<NodeStatus> ReadNodes(SqliteSession session, long now)
    {
        using var reader = session.Query(NodesSql, ("@now", now), ("@alive", Alive(now)));
        var nodes = new List<NodeStatus>();
        while (reader.Read())
        {
            nodes.Add(new NodeStatus(
                Guid.Parse(reader.GetString(0)), reader.GetString(1), SqliteTime.ToTime(reader.GetInt64(2)), SqliteTime.ToTime(reader.GetInt64(3)),
                reader.GetInt32(4)));
        }

        return nodes;
    }

    private static TopicFigures ReadFigures(SqliteDataReader row, long now) => new()
    {
        At = SqliteTime.ToTime(now),
        Messages = row.GetInt64(1),
        Head = row.GetInt64(2),
        Publishers = row.GetInt64(3),
        LastReceivedAt = Time(row, 4),
        ReceivedThisMinute = row.GetInt64(5),
        ReceivedMinuteBefore = row.GetInt64(6),
    };

    private static long Alive(long now) => now - PulseReading.NodeLife.ToMicroseconds();

    private static DateTimeOffset? Time(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : SqliteTime.ToTime(row.GetInt64(column));
}
