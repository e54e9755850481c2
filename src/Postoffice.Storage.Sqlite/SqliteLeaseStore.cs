using Postoffice.Cluster;
using Postoffice.Publishers;

namespace Postoffice.Storage.Sqlite;

/// <summary>
/// One process uses the file, but each start is a node of its own, fenced off by epoch from the one before as on several nodes.
/// </summary>
internal sealed class SqliteLeaseStore(SqliteDatabase database) : ILeaseStore
{
    // Never owned before free again (NULL sorts first), then the longest free.
    private const string AcquireSql = """
        UPDATE publisher_cursors SET owner = @owner, epoch = epoch + 1, sequence = 0, lease_until = postoffice_now() + @duration
        WHERE publisher_id IN (
            SELECT c.publisher_id FROM publisher_cursors c JOIN publishers p ON p.id = c.publisher_id
            WHERE p.active AND p.deleted_at IS NULL AND (c.owner IS NULL OR c.lease_until <= postoffice_now())
                AND c.publisher_id NOT IN (SELECT value FROM json_each(@except))
            ORDER BY c.lease_until, c.publisher_id LIMIT @max
        )
        RETURNING publisher_id, epoch, cursor, settled_above
        """;

    // By id and epoch: what an answer that was lost has left behind is not kept alive.
    private const string RenewSql = """
        UPDATE publisher_cursors SET lease_until = postoffice_now() + @duration
        FROM json_each(@held) AS held, publishers AS p
        WHERE publisher_cursors.publisher_id = held.value ->> 0 AND publisher_cursors.epoch = held.value ->> 1 AND publisher_cursors.owner = @owner
            AND p.id = publisher_cursors.publisher_id AND p.deleted_at IS NULL
        RETURNING publisher_id, (SELECT active FROM publishers WHERE publishers.id = publisher_id)
        """;

    // Only of a lease that was prolonged: what a node says of a publisher that is another's by now must not stand as the other's word.
    private const string ReportSql = """
        INSERT INTO publisher_reports (publisher_id, epoch, node_id, reported_at, report)
        SELECT c.publisher_id, c.epoch, c.owner, postoffice_now(), @report FROM publisher_cursors c
        WHERE c.publisher_id = @publisher_id AND c.epoch = @epoch AND c.owner = @owner
        ON CONFLICT (publisher_id) DO UPDATE SET
            epoch = excluded.epoch, node_id = excluded.node_id, reported_at = excluded.reported_at, report = excluded.report
        """;

    private const string OwnersSql = """
        SELECT c.publisher_id, c.owner, coalesce(n.host, ''), r.report
        FROM publisher_cursors c
        LEFT JOIN nodes n ON n.id = c.owner
        LEFT JOIN publisher_reports r ON r.publisher_id = c.publisher_id AND r.epoch = c.epoch AND r.node_id = c.owner
        WHERE c.publisher_id IN (SELECT value FROM json_each(@publisher_ids)) AND c.owner IS NOT NULL AND c.lease_until > postoffice_now()
        """;

    private const string HeartbeatSql = """
        INSERT INTO nodes (id, host, started_at, heartbeat_at)
        SELECT @owner, @host, time.now, time.now FROM (SELECT postoffice_now() AS now) AS time WHERE true
        ON CONFLICT (id) DO UPDATE SET host = excluded.host, heartbeat_at = excluded.heartbeat_at
        """;

    private const string ReleaseSql = """
        UPDATE publisher_cursors SET owner = NULL, lease_until = NULL
        WHERE publisher_id = @publisher_id AND owner = @owner AND epoch = @epoch
        """;

    public Task<IReadOnlyList<Lease>> AcquireAsync(
        Guid nodeId, int max, IReadOnlyCollection<long> except, TimeSpan duration, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<Lease>>(
            session =>
            {
                using var reader = session.Query(
                    AcquireSql,
                    ("@owner", nodeId.ToString("D")), ("@max", max), ("@except", $"[{string.Join(',', except)}]"), ("@duration", duration.ToMicroseconds()));
                var leases = new List<Lease>();
                while (reader.Read())
                {
                    leases.Add(new Lease(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<byte[]>(3)));
                }

                return leases;
            },
            cancellationToken);

    public Task<IReadOnlyList<RenewedLease>> RenewAsync(
        Guid nodeId, string hostName, IReadOnlyCollection<HeldLease> held, TimeSpan duration, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<RenewedLease>>(
            session =>
            {
                var owner = nodeId.ToString("D");
                session.Execute(HeartbeatSql, ("@owner", owner), ("@host", hostName));
                var pairs = string.Join(',', held.Select(lease => $"[{lease.PublisherId},{lease.Epoch}]"));
                var renewed = new List<RenewedLease>();
                using (var reader = session.Query(RenewSql, ("@owner", owner), ("@held", $"[{pairs}]"), ("@duration", duration.ToMicroseconds())))
                {
                    while (reader.Read())
                    {
                        renewed.Add(new RenewedLease(reader.GetInt64(0), reader.GetBoolean(1)));
                    }
                }

                foreach (var lease in held.Where(static lease => lease.Report is not null))
                {
                    session.Execute(
                        ReportSql, ("@publisher_id", lease.PublisherId), ("@epoch", lease.Epoch), ("@owner", owner), ("@report", lease.Report));
                }

                return renewed;
            },
            cancellationToken);

    public Task<IReadOnlyDictionary<long, PublisherOwner>> OwnersAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<long, PublisherOwner>>(
            session =>
            {
                using var reader = session.Query(OwnersSql, ("@publisher_ids", JsonArray.Of(publisherIds)));
                var owners = new Dictionary<long, PublisherOwner>();
                while (reader.Read())
                {
                    owners[reader.GetInt64(0)] = new PublisherOwner(
                        Guid.Parse(reader.GetString(1)),
                        reader.GetString(2),
                        reader.IsDBNull(3) ? null : PublisherReport.FromJson(reader.GetString(3)));
                }

                return owners;
            },
            cancellationToken);

    public Task ReleaseAsync(Guid nodeId, long publisherId, long epoch, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute(ReleaseSql, ("@publisher_id", publisherId), ("@owner", nodeId.ToString("D")), ("@epoch", epoch)), cancellationToken);
}
