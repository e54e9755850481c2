using Postoffice.Deliveries;
using Postoffice.Messages;

namespace Postoffice.Storage.Sqlite;

internal sealed class SqliteDeliveryStore(SqliteDatabase database) : IDeliveryStore
{
    // Rows behind their keys are due never: they stand at the far end of the index, where nothing here looks. The order is the index's own, topic
    // included, and the + keeps SQLite from taking the topic for granted in it: else 10,000 rows due at the same moment are all read and sorted for
    // each handful that is sent.
    internal const string ReadDueSql = $"""
        SELECT {MessageRow.Columns}, d.attempts FROM parked_deliveries d
        CROSS JOIN messages m ON m.topic_id = d.topic_id AND m.position = d.position
        WHERE d.publisher_id = @publisher_id AND +d.topic_id = @topic_id AND d.due_at <= postoffice_now()
            AND d.position NOT IN (SELECT value FROM json_each(@except))
        ORDER BY d.due_at, d.topic_id, d.position LIMIT @max
        """;

    // One time for all rows, those that are due already too, so that they come in the order of their positions.
    internal const string MakeUnavailableDueSql = $"""
        UPDATE parked_deliveries SET due_at = time.now FROM (SELECT postoffice_now() AS now) AS time
        WHERE publisher_id = @publisher_id AND topic_id = @topic_id AND reason LIKE '{ParkEntry.Unavailable}%' AND due_at < {SqliteTime.Never}
            AND EXISTS (SELECT 1 FROM publisher_cursors c WHERE c.publisher_id = @publisher_id AND c.epoch = @epoch)
        """;

    // An attempt that is under way is due at its deadline for the sake of another owner, who knows nothing of it.
    internal const string MakeDueSql = $"""
        UPDATE parked_deliveries SET due_at = min(due_at, postoffice_now())
        WHERE topic_id = @topic_id AND publisher_id = @publisher_id AND position = @position AND due_at < {SqliteTime.Never} AND reason <> '{ParkEntry.InFlight}'
        """;

    private const string HasDueTimeSql = $"""
        SELECT due_at < {SqliteTime.Never} FROM parked_deliveries
        WHERE topic_id = @topic_id AND publisher_id = @publisher_id AND position = @position
        """;

    // The earliest row of each publisher through the index, not a scan of all that are parked.
    internal const string NextDueSql = $"""
        SELECT ids.value,
            (SELECT min(d.due_at) FROM parked_deliveries d WHERE d.publisher_id = ids.value AND d.due_at < {SqliteTime.Never}) - postoffice_now()
        FROM json_each(@publisher_ids) ids
        """;

    public Task<SettleStatus> SettleAsync(SettleBatch batch, CancellationToken cancellationToken) =>
        database.WriteAsync(session => SqliteSettlement.Write(session, batch), cancellationToken);

    public Task<IReadOnlyList<DueDelivery>> ReadDueAsync(
        long topicId, long publisherId, IReadOnlyCollection<long> except, int max, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<DueDelivery>>(
            session =>
            {
                using var reader = session.Query(
                    ReadDueSql, ("@topic_id", topicId), ("@publisher_id", publisherId), ("@except", JsonArray.Of(except)), ("@max", max));
                var due = new List<DueDelivery>();
                while (reader.Read())
                {
                    due.Add(new DueDelivery(MessageRow.Read(reader), reader.GetInt32(MessageRow.Count)));
                }

                return due;
            },
            cancellationToken);

    public Task<int> MakeUnavailableDueAsync(long topicId, long publisherId, long epoch, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute(MakeUnavailableDueSql, ("@topic_id", topicId), ("@publisher_id", publisherId), ("@epoch", epoch)), cancellationToken);

    public Task<MakeDueStatus> MakeDueAsync(long topicId, long publisherId, long position, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                (string, object?)[] row = [("@topic_id", topicId), ("@publisher_id", publisherId), ("@position", position)];
                return session.Execute(MakeDueSql, row) > 0 ? MakeDueStatus.Due : session.Scalar(HasDueTimeSql, row) switch
                {
                    null => MakeDueStatus.NotParked,
                    0L => MakeDueStatus.BehindKey,
                    _ => MakeDueStatus.Due,
                };
            },
            cancellationToken);

    public Task<IReadOnlyDictionary<long, TimeSpan>> NextDueAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<long, TimeSpan>>(
            session =>
            {
                using var reader = session.Query(NextDueSql, ("@publisher_ids", JsonArray.Of(publisherIds)));
                var due = new Dictionary<long, TimeSpan>();
                while (reader.Read())
                {
                    if (!reader.IsDBNull(1))
                    {
                        due[reader.GetInt64(0)] = SqliteTime.ToDuration(reader.GetInt64(1));
                    }
                }

                return due;
            },
            cancellationToken);

    public Task<IReadOnlyList<DeliveryState>> StatesAsync(Message message, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session => session.Snapshot<IReadOnlyList<DeliveryState>>(snapshot => SqliteDeliveryStates.Read(snapshot, message)), cancellationToken);
}
