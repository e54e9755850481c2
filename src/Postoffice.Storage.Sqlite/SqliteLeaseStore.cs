using Postoffice.Cluster;

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
            ORDER BY c.lease_until, c.publisher_id LIMIT @max
        )
        RETURNING publisher_id, epoch, cursor, settled_above
        """;

    private const string RenewSql = """
        UPDATE publisher_cursors SET lease_until = postoffice_now() + @duration
        WHERE owner = @owner AND lease_until > postoffice_now()
            AND EXISTS (SELECT 1 FROM publishers p WHERE p.id = publisher_id AND p.active AND p.deleted_at IS NULL)
        RETURNING publisher_id
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

    public Task<IReadOnlyList<Lease>> AcquireAsync(Guid nodeId, int max, TimeSpan duration, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<Lease>>(
            session =>
            {
                using var reader = session.Query(
                    AcquireSql, ("@owner", nodeId.ToString("D")), ("@max", max), ("@duration", duration.ToMicroseconds()));
                var leases = new List<Lease>();
                while (reader.Read())
                {
                    leases.Add(new Lease(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<byte[]>(3)));
                }

                return leases;
            },
            cancellationToken);

    public Task<IReadOnlyCollection<long>> RenewAsync(Guid nodeId, string hostName, TimeSpan duration, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyCollection<long>>(
            session =>
            {
                var owner = nodeId.ToString("D");
                session.Execute(HeartbeatSql, ("@owner", owner), ("@host", hostName));
                using var reader = session.Query(RenewSql, ("@owner", owner), ("@duration", duration.ToMicroseconds()));
                var held = new List<long>();
                while (reader.Read())
                {
                    held.Add(reader.GetInt64(0));
                }

                return held;
            },
            cancellationToken);

    public Task ReleaseAsync(Guid nodeId, long publisherId, long epoch, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute(ReleaseSql, ("@publisher_id", publisherId), ("@owner", nodeId.ToString("D")), ("@epoch", epoch)), cancellationToken);
}
