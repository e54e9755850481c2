using Npgsql;
using Postoffice.Publishers;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>How all is, for people who look at it.</summary>
internal sealed class PostgresOverviewStore : IOverviewStore
{
    private const string TotalsSql = "SELECT count(*), coalesce(sum(last_position), 0)::bigint FROM postoffice.topic_heads";

    // The counts walk the rows of what went wrong, by index: few, as long as little is wrong. Settings are wanted only where the node says nothing of the
    // publisher, which may be why.
    internal const string PublishersSql = $"""
        WITH {PostgresActivityStore.Clock}, recent AS MATERIALIZED (
            SELECT topic_id, publisher_id, sum(received)::bigint AS received, sum(advanced)::bigint AS advanced
            FROM postoffice.activity
            WHERE minute >= (SELECT minute FROM clock) - interval '5 minutes' AND minute < (SELECT minute FROM clock)
            GROUP BY topic_id, publisher_id
        )
        SELECT publishers.id, topics.name, publishers.type, publishers.target, publishers.active, publishers.paused_reason,
            CASE WHEN NOT publishers.active THEN publishers.paused_at END, publishers.updated_at,
            publisher_cursors.cursor, topic_heads.last_position, publisher_cursors.delivered,
            (SELECT count(*) FROM postoffice.parked_deliveries AS parked WHERE parked.topic_id = publishers.topic_id AND parked.publisher_id = publishers.id),
            (SELECT count(*) FROM postoffice.dead_letters AS dead WHERE dead.publisher_id = publishers.id),
            (SELECT min(died_at) FROM postoffice.dead_letters AS dead WHERE dead.publisher_id = publishers.id),
            EXISTS (SELECT FROM postoffice.dead_letters WHERE publisher_id = publishers.id AND blocks_key AND ordering_key IS NOT NULL),
            CASE WHEN publisher_cursors.lease_until > clock.now THEN publisher_cursors.owner END, coalesce(nodes.host, ''), publisher_reports.report,
            CASE WHEN publisher_cursors.lease_until <= clock.now THEN publisher_cursors.lease_until END,
            CASE WHEN publisher_reports.report IS NULL THEN publishers.settings END,
            coalesce(of_topic.received, 0), coalesce(own.advanced, 0)
        FROM clock CROSS JOIN postoffice.publishers
        JOIN postoffice.topics ON topics.id = publishers.topic_id
        JOIN postoffice.topic_heads ON topic_heads.topic_id = publishers.topic_id
        JOIN postoffice.publisher_cursors ON publisher_cursors.publisher_id = publishers.id
        LEFT JOIN postoffice.nodes ON nodes.id = publisher_cursors.owner
        LEFT JOIN postoffice.publisher_reports ON publisher_reports.publisher_id = publishers.id
            AND publisher_reports.epoch = publisher_cursors.epoch AND publisher_reports.node_id = publisher_cursors.owner
        LEFT JOIN recent AS of_topic ON of_topic.topic_id = publishers.topic_id AND of_topic.publisher_id = 0
        LEFT JOIN recent AS own ON own.topic_id = publishers.topic_id AND own.publisher_id = publishers.id
        WHERE publishers.deleted_at IS NULL
        ORDER BY publishers.id
        """;

    internal const string NodesSql = $"""
        WITH {PostgresActivityStore.Clock}, held AS MATERIALIZED (
            SELECT owner, count(*)::integer AS publishers FROM postoffice.publisher_cursors WHERE lease_until > (SELECT now FROM clock) GROUP BY owner
        )
        SELECT nodes.id, nodes.host, nodes.started_at, nodes.heartbeat_at, coalesce(held.publishers, 0)
        FROM postoffice.nodes LEFT JOIN held ON held.owner = nodes.id
        WHERE nodes.heartbeat_at > (SELECT now FROM clock) - @life
        ORDER BY nodes.started_at, nodes.id
        """;

    // Dead letters are counted to a bound, and the ends of their index looked at: a million of them must not be counted every second.
    // Of the reports that come with each renewal only that counts which takes a publisher from one state to another, found in their text without parsing it.
    internal const string PulseSql = $"""
        WITH {PostgresActivityStore.Clock}, cursors AS MATERIALIZED (
            SELECT coalesce(sum(delivered), 0)::bigint AS delivered, coalesce(sum(cursor), 0)::bigint AS cursor, coalesce(sum(skipped), 0)::bigint AS skipped,
                coalesce(sum(epoch), 0)::bigint AS epoch, coalesce(sum(sequence), 0)::bigint AS sequence,
                count(*) FILTER (WHERE lease_until > (SELECT now FROM clock)) AS leases
            FROM postoffice.publisher_cursors
        )
        SELECT clock.now, (SELECT coalesce(sum(last_position), 0)::bigint FROM postoffice.topic_heads), cursors.delivered,
            (SELECT count(*) FROM postoffice.topic_heads), publishers.count, publishers.version,
            cursors.cursor, cursors.skipped, cursors.epoch, cursors.sequence, cursors.leases,
            (SELECT count(*) FROM postoffice.replays),
            (SELECT count(*) FROM (SELECT FROM postoffice.dead_letters ORDER BY died_at LIMIT @max_dead) AS bounded),
            (SELECT coalesce(extract(epoch FROM min(died_at)) * 1000000, 0)::bigint FROM postoffice.dead_letters),
            (SELECT coalesce(extract(epoch FROM max(died_at)) * 1000000, 0)::bigint FROM postoffice.dead_letters),
            (SELECT count(*) FROM postoffice.nodes WHERE heartbeat_at > (SELECT now FROM clock) - @life),
            (SELECT coalesce(sum(received + advanced + delivered + failed + skipped + dead), 0)::bigint FROM postoffice.activity
                WHERE minute >= (SELECT minute FROM clock) - interval '1 minute' AND minute <= (SELECT minute FROM clock)),
            reports.open, reports.half_open, reports.failing, reports.idle, reports.limited, reports.offline
        FROM clock, cursors,
            (SELECT count(*), coalesce(sum(version), 0)::bigint AS version FROM postoffice.publishers WHERE deleted_at IS NULL) AS publishers,
            (SELECT count(*) FILTER (WHERE strpos(report, '"breaker":"open"') > 0) AS open,
                count(*) FILTER (WHERE strpos(report, '"breaker":"half_open"') > 0) AS half_open,
                count(*) FILTER (WHERE strpos(report, '"last_error":') > 0) AS failing, count(*) FILTER (WHERE strpos(report, '"in_flight":0,') > 0) AS idle,
                count(*) FILTER (WHERE strpos(report, '"rate_limited_until":') > 0) AS limited,
                count(*) FILTER (WHERE strpos(report, '"offline_until":') > 0) AS offline
            FROM postoffice.publisher_reports) AS reports
        """;

    // Each topic costs a few walks into indexes, however long its log is.
    internal const string TopicsSql = $"""
        WITH {PostgresActivityStore.Clock}
        SELECT topic_heads.topic_id, clock.now, coalesce(topic_heads.last_position - first.position + 1, 0), topic_heads.last_position,
            (SELECT count(*) FROM postoffice.publishers WHERE publishers.topic_id = topic_heads.topic_id AND publishers.deleted_at IS NULL),
            last.received_at, this.received, before.received
        FROM clock CROSS JOIN postoffice.topic_heads
        LEFT JOIN LATERAL (
            SELECT position FROM postoffice.messages WHERE messages.topic_id = topic_heads.topic_id ORDER BY position LIMIT 1
        ) AS first ON true
        LEFT JOIN postoffice.messages AS last ON last.topic_id = topic_heads.topic_id AND last.position = topic_heads.last_position
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(received), 0)::bigint AS received FROM postoffice.activity
            WHERE activity.minute = clock.minute AND activity.topic_id = topic_heads.topic_id AND activity.publisher_id = 0
        ) AS this
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(received), 0)::bigint AS received FROM postoffice.activity
            WHERE activity.minute = clock.minute - interval '1 minute' AND activity.topic_id = topic_heads.topic_id AND activity.publisher_id = 0
        ) AS before
        WHERE topic_heads.topic_id = ANY (@topic_ids)
        """;

    private const int PulseFacts = 20;

    private readonly PostgresDatabase _database;
    private readonly string _nowSql;
    private readonly string _minutesSql;
    private readonly string _latenciesSql;
    private readonly string _totalsSql;
    private readonly string _publishersSql;
    private readonly string _nodesSql;
    private readonly string _pulseSql;
    private readonly string _topicsSql;

    public PostgresOverviewStore(PostgresDatabase database)
    {
        _database = database;
        _nowSql = database.Qualify(PostgresActivityStore.NowSql);
        _minutesSql = database.Qualify(PostgresActivityStore.Scoped(PostgresActivityStore.MinutesSql, ActivityScope.All));
        _latenciesSql = database.Qualify(PostgresActivityStore.Scoped(PostgresActivityStore.LatenciesSql, ActivityScope.All));
        _totalsSql = database.Qualify(TotalsSql);
        _publishersSql = database.Qualify(PublishersSql);
        _nodesSql = database.Qualify(NodesSql);
        _pulseSql = database.Qualify(PulseSql);
        _topicsSql = database.Qualify(TopicsSql);
    }

    public Task<OverviewReading> ReadAsync(CancellationToken cancellationToken) =>
        _database.LookAsync(
            [
                (_nowSql, []), (_minutesSql, []), (_latenciesSql, []), (_totalsSql, []), (_publishersSql, []), (_nodesSql, [Of("life", PulseReading.NodeLife)]),
            ],
            ReadAsync,
            cancellationToken);

    public Task<PulseReading> PulseAsync(CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _pulseSql, [Of("max_dead", PulseReading.MaxDeadCounted), Of("life", PulseReading.NodeLife)], ReadPulseAsync, cancellationToken);

    public Task<IReadOnlyList<NodeStatus>> NodesAsync(CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _nodesSql, [Of("life", PulseReading.NodeLife)], (reader, deadline) => reader.ReadListAsync(ReadNode, deadline), cancellationToken);

    public Task<IReadOnlyDictionary<long, TopicFigures>> TopicsAsync(IReadOnlyCollection<long> topicIds, CancellationToken cancellationToken) =>
        _database.LookAsync(
            [(_topicsSql, [Of("topic_ids", topicIds.ToArray())])],
            (reader, deadline) => reader.ReadDictionaryAsync(ReadFigures, deadline),
            cancellationToken);

    private static async Task<OverviewReading> ReadAsync(NpgsqlDataReader reader, CancellationToken deadline)
    {
        var activity = await PostgresActivityStore.ReadAsync(reader, deadline).ConfigureAwait(false);
        await reader.NextResultAsync(deadline).ConfigureAwait(false);
        await reader.ReadAsync(deadline).ConfigureAwait(false);
        var (topics, received) = (reader.GetInt64(0), reader.GetInt64(1));
        await reader.NextResultAsync(deadline).ConfigureAwait(false);
        var publishers = await reader.ReadListAsync(ReadPublisher, deadline).ConfigureAwait(false);
        await reader.NextResultAsync(deadline).ConfigureAwait(false);
        return new OverviewReading(activity, topics, received, publishers, await reader.ReadListAsync(ReadNode, deadline).ConfigureAwait(false));
    }

    private static OverviewPublisher ReadPublisher(NpgsqlDataReader row)
    {
        var report = row.GetNullableString(17);
        return new OverviewPublisher
        {
            Id = row.GetInt64(0),
            Topic = row.GetString(1),
            Type = row.GetString(2),
            Target = row.GetString(3),
            Active = row.GetBoolean(4),
            PausedReason = row.GetNullableString(5),
            PausedAt = row.GetNullableTime(6),
            UpdatedAt = row.GetFieldValue<DateTimeOffset>(7),
            Cursor = row.GetInt64(8),
            Head = row.GetInt64(9),
            Delivered = row.GetInt64(10),
            Parked = row.GetInt64(11),
            Dead = row.GetInt64(12),
            OldestDead = row.GetNullableTime(13),
            HasBlockedKey = row.GetBoolean(14),
            Owner = row.IsDBNull(15) ? null : new PublisherOwner(row.GetGuid(15), row.GetString(16), report is null ? null : PublisherReport.FromJson(report)),
            LeaseEnded = row.GetNullableTime(18),
            Fault = OverviewPublisher.FaultOf(row.GetNullableString(19)),
            RecentlyReceived = row.GetInt64(20),
            RecentlyAdvanced = row.GetInt64(21),
        };
    }

    private static NodeStatus ReadNode(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2), row.GetFieldValue<DateTimeOffset>(3), row.GetInt32(4));

    private static async Task<PulseReading> ReadPulseAsync(NpgsqlDataReader reader, CancellationToken deadline)
    {
        await reader.ReadAsync(deadline).ConfigureAwait(false);
        return new PulseReading(
            reader.GetFieldValue<DateTimeOffset>(0), reader.GetInt64(1), reader.GetInt64(2),
            [.. Enumerable.Range(3, PulseFacts).Select(reader.GetInt64)]);
    }

    private static TopicFigures ReadFigures(NpgsqlDataReader row) => new()
    {
        At = row.GetFieldValue<DateTimeOffset>(1),
        Messages = row.GetInt64(2),
        Head = row.GetInt64(3),
        Publishers = row.GetInt64(4),
        LastReceivedAt = row.GetNullableTime(5),
        ReceivedThisMinute = row.GetInt64(6),
        ReceivedMinuteBefore = row.GetInt64(7),
    };
}
