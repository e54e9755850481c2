using Npgsql;
using Postoffice.Cluster;
using Postoffice.Publishers;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>Who runs which publisher, by the clock of the database.</summary>
internal sealed class PostgresLeaseStore : ILeaseStore
{
    // MATERIALIZED: as a subquery under IN, a nested loop may run the locking SELECT more than once and take more than LIMIT. SKIP LOCKED: nodes that ask at
    // once divide the free publishers instead of waiting for one another. FOR SHARE of the publisher: so its row is read again after the lock, and one that
    // was paused a moment ago is not taken.
    private const string AcquireSql = """
        WITH clock AS MATERIALIZED (
            SELECT postoffice.current_instant() AS now
        ), candidates AS MATERIALIZED (
            SELECT publisher_cursors.publisher_id
            FROM postoffice.publisher_cursors JOIN postoffice.publishers ON publishers.id = publisher_cursors.publisher_id
            WHERE publishers.active AND publishers.deleted_at IS NULL
                AND (publisher_cursors.owner IS NULL OR publisher_cursors.lease_until <= (SELECT now FROM clock))
                AND publisher_cursors.publisher_id <> ALL (@except)
            ORDER BY publisher_cursors.publisher_id LIMIT @max
            FOR UPDATE OF publisher_cursors SKIP LOCKED FOR SHARE OF publishers SKIP LOCKED
        )
        UPDATE postoffice.publisher_cursors SET owner = @node_id, epoch = epoch + 1, sequence = 0, lease_until = clock.now + @duration
        FROM candidates, clock WHERE publisher_cursors.publisher_id = candidates.publisher_id
        RETURNING publisher_cursors.publisher_id, publisher_cursors.epoch, publisher_cursors.cursor, publisher_cursors.settled_above
        """;

    // By id and epoch: what another life of the node, or an answer that was lost, has left behind is not kept alive.
    private const string RenewSql = """
        WITH clock AS MATERIALIZED (
            SELECT postoffice.current_instant() AS now
        ), heartbeat AS (
            INSERT INTO postoffice.nodes (id, host, started_at, heartbeat_at) SELECT @node_id, @host, now, now FROM clock
            ON CONFLICT (id) DO UPDATE SET host = excluded.host, heartbeat_at = excluded.heartbeat_at
        ), renewed AS (
            UPDATE postoffice.publisher_cursors SET lease_until = clock.now + @duration
            FROM clock, unnest(@publisher_ids, @epochs, @reports) AS held (publisher_id, epoch, report), postoffice.publishers
            WHERE publisher_cursors.publisher_id = held.publisher_id AND publisher_cursors.epoch = held.epoch AND publisher_cursors.owner = @node_id
                AND publishers.id = held.publisher_id AND publishers.deleted_at IS NULL
            RETURNING publisher_cursors.publisher_id, publisher_cursors.epoch, held.report, publishers.active, clock.now
        ), reported AS (
            INSERT INTO postoffice.publisher_reports (publisher_id, epoch, node_id, reported_at, report)
            SELECT publisher_id, epoch, @node_id, now, report FROM renewed WHERE report IS NOT NULL
            ON CONFLICT (publisher_id) DO UPDATE SET
                epoch = excluded.epoch, node_id = excluded.node_id, reported_at = excluded.reported_at, report = excluded.report
        )
        SELECT publisher_id, active FROM renewed
        """;

    // What was said under another lease is old.
    private const string OwnersSql = """
        SELECT publisher_cursors.publisher_id, publisher_cursors.owner, coalesce(nodes.host, ''), publisher_reports.report
        FROM postoffice.publisher_cursors
        LEFT JOIN postoffice.nodes ON nodes.id = publisher_cursors.owner
        LEFT JOIN postoffice.publisher_reports ON publisher_reports.publisher_id = publisher_cursors.publisher_id
            AND publisher_reports.epoch = publisher_cursors.epoch AND publisher_reports.node_id = publisher_cursors.owner
        WHERE publisher_cursors.publisher_id = ANY (@publisher_ids)
            AND publisher_cursors.owner IS NOT NULL AND publisher_cursors.lease_until > (SELECT postoffice.current_instant())
        """;

    private const string ReleaseSql = """
        UPDATE postoffice.publisher_cursors SET owner = NULL, lease_until = NULL
        WHERE publisher_id = @publisher_id AND owner = @node_id AND epoch = @epoch
        """;

    private readonly PostgresDatabase _database;
    private readonly string _acquireSql;
    private readonly string _renewSql;
    private readonly string _ownersSql;
    private readonly string _releaseSql;

    public PostgresLeaseStore(PostgresDatabase database)
    {
        _database = database;
        _acquireSql = database.Qualify(AcquireSql);
        _renewSql = database.Qualify(RenewSql);
        _ownersSql = database.Qualify(OwnersSql);
        _releaseSql = database.Qualify(ReleaseSql);
    }

    public Task<IReadOnlyList<Lease>> AcquireAsync(
        Guid nodeId, int max, IReadOnlyCollection<long> except, TimeSpan duration, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _acquireSql,
            [Of("node_id", nodeId), Of("max", max), Of("except", except.ToArray()), Of("duration", duration)],
            (reader, deadline) => reader.ReadListAsync(
                row => new Lease(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<byte[]>(3)), deadline),
            cancellationToken);

    public Task<IReadOnlyList<RenewedLease>> RenewAsync(
        Guid nodeId, string hostName, IReadOnlyCollection<HeldLease> held, TimeSpan duration, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _renewSql,
            [
                Of("node_id", nodeId), Of("host", hostName), Of("duration", duration),
                Of("publisher_ids", held.Select(lease => lease.PublisherId).ToArray()), Of("epochs", held.Select(lease => lease.Epoch).ToArray()),
                Of("reports", held.Select(lease => lease.Report).ToArray()),
            ],
            (reader, deadline) => reader.ReadListAsync(row => new RenewedLease(row.GetInt64(0), row.GetBoolean(1)), deadline),
            cancellationToken);

    public Task<IReadOnlyDictionary<long, PublisherOwner>> OwnersAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _ownersSql,
            [Of("publisher_ids", publisherIds.ToArray())],
            (reader, deadline) => reader.ReadDictionaryAsync(ReadOwner, deadline),
            cancellationToken);

    public Task ReleaseAsync(Guid nodeId, long publisherId, long epoch, CancellationToken cancellationToken) =>
        _database.ExecuteAsync(
            _releaseSql, [Of("node_id", nodeId), Of("publisher_id", publisherId), Of("epoch", epoch)], cancellationToken);

    private static PublisherOwner ReadOwner(NpgsqlDataReader row) => new(
        row.GetGuid(1), row.GetString(2), row.GetNullableString(3) is { } report ? PublisherReport.FromJson(report) : null);
}
