using Postoffice.Deliveries;
using Postoffice.Messages;

namespace Postoffice.Storage.Sqlite;

internal sealed class SqliteDeliveryStore(SqliteDatabase database) : IDeliveryStore
{
    /// <summary>How many positions one block of the delivery log spans.</summary>
    public const long BlockSize = 1_024;

    // The fence, and the place of this batch in the epoch. A repeat finds its own sequence there, or a later one; a batch that leaves one out
    // finds a smaller one and is refused: the missing outcomes would be lost behind its cursor.
    private const string MoveCursorSql = """
        UPDATE publisher_cursors SET cursor = @cursor, settled_above = @settled_above, sequence = @sequence
        WHERE publisher_id = @publisher_id AND topic_id = @topic_id AND epoch = @epoch AND sequence = @sequence - 1
        """;

    private const string IsRepeatSql = "SELECT 1 FROM publisher_cursors WHERE publisher_id = @publisher_id AND epoch = @epoch AND sequence >= @sequence";

    private const string LogDeliveredSql = """
        INSERT INTO delivery_log (topic_id, publisher_id, block, outcome, settled_at, positions, attempts, status_codes, durations_ms)
        VALUES (@topic_id, @publisher_id, @block, 1, postoffice_now(), @positions, @attempts, @status_codes, @durations_ms)
        """;

    private const string LogFailedSql = """
        INSERT INTO failed_attempts (topic_id, publisher_id, position, attempt, failed_at, status_code, duration_ms, error)
        VALUES (@topic_id, @publisher_id, @position, @attempt, postoffice_now(), @status_code, @duration_ms, @error)
        """;

    private const string ParkSql = """
        INSERT INTO parked_deliveries (topic_id, publisher_id, position, attempts, due_at, reason)
        VALUES (@topic_id, @publisher_id, @position, @attempts, postoffice_now() + @delay, @reason)
        ON CONFLICT (topic_id, publisher_id, position) DO UPDATE SET attempts = excluded.attempts, due_at = excluded.due_at, reason = excluded.reason
        """;

    private const string UnparkSql = "DELETE FROM parked_deliveries WHERE topic_id = @topic_id AND publisher_id = @publisher_id AND position = @position";

    private const string BurySql = """
        INSERT INTO dead_letters (topic_id, publisher_id, position, attempts, status_code, reason, error, died_at)
        VALUES (@topic_id, @publisher_id, @position, @attempts, @status_code, @reason, @error, postoffice_now())
        ON CONFLICT (topic_id, publisher_id, position) DO UPDATE SET
            attempts = excluded.attempts, status_code = excluded.status_code, reason = excluded.reason, error = excluded.error, died_at = excluded.died_at
        """;

    private const string ReadDueSql = $"""
        SELECT {MessageRow.Columns}, d.attempts FROM parked_deliveries d
        JOIN messages m ON m.topic_id = d.topic_id AND m.position = d.position
        WHERE d.publisher_id = @publisher_id AND d.topic_id = @topic_id AND d.due_at <= postoffice_now()
            AND d.position NOT IN (SELECT value FROM json_each(@except))
        ORDER BY d.due_at, d.position LIMIT @max
        """;

    // One time for all rows, those that are due already too, so that they come in the order of their positions.
    private const string MakeUnavailableDueSql = $"""
        UPDATE parked_deliveries SET due_at = time.now FROM (SELECT postoffice_now() AS now) AS time
        WHERE publisher_id = @publisher_id AND topic_id = @topic_id AND reason LIKE '{ParkEntry.Unavailable}%'
            AND EXISTS (SELECT 1 FROM publisher_cursors c WHERE c.publisher_id = @publisher_id AND c.epoch = @epoch)
        """;

    // The earliest row of each publisher through the index, not a scan of all that are parked.
    private const string NextDueSql = """
        SELECT ids.value, (SELECT min(d.due_at) FROM parked_deliveries d WHERE d.publisher_id = ids.value) - postoffice_now() FROM json_each(@publisher_ids) ids
        """;

    public Task<SettleStatus> SettleAsync(SettleBatch batch, CancellationToken cancellationToken) =>
        database.WriteAsync(session => Settle(session, batch), cancellationToken);

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

    public Task MakeUnavailableDueAsync(long topicId, long publisherId, long epoch, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute(MakeUnavailableDueSql, ("@topic_id", topicId), ("@publisher_id", publisherId), ("@epoch", epoch)), cancellationToken);

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

    private static SettleStatus Settle(SqliteSession session, SettleBatch batch)
    {
        var moved = session.Execute(
            MoveCursorSql,
            ("@topic_id", batch.TopicId),
            ("@publisher_id", batch.PublisherId),
            ("@epoch", batch.Epoch),
            ("@sequence", batch.Sequence),
            ("@cursor", batch.Cursor),
            ("@settled_above", batch.SettledAbove));
        if (moved == 0)
        {
            return session.Scalar(IsRepeatSql, ("@publisher_id", batch.PublisherId), ("@epoch", batch.Epoch), ("@sequence", batch.Sequence)) is null
                ? SettleStatus.LeaseLost
                : SettleStatus.Settled;
        }

        LogDelivered(session, batch);
        LogFailed(session, batch);
        foreach (var position in batch.Unparked)
        {
            session.Execute(UnparkSql, ("@topic_id", batch.TopicId), ("@publisher_id", batch.PublisherId), ("@position", position));
        }

        Park(session, batch);
        Bury(session, batch);
        return SettleStatus.Settled;
    }

    private static void LogDelivered(SqliteSession session, SettleBatch batch)
    {
        foreach (var block in batch.Delivered.GroupBy(entry => entry.Position / BlockSize))
        {
            var entries = block.ToList();
            session.Execute(
                LogDeliveredSql,
                ("@topic_id", batch.TopicId),
                ("@publisher_id", batch.PublisherId),
                ("@block", block.Key),
                ("@positions", JsonArray.Of(entries, entry => entry.Position)),
                ("@attempts", JsonArray.Of(entries, entry => entry.Attempts)),
                ("@status_codes", JsonArray.OfNullable(entries, entry => entry.StatusCode)),
                ("@durations_ms", JsonArray.Of(entries, entry => entry.Duration.ToMilliseconds())));
        }
    }

    private static void LogFailed(SqliteSession session, SettleBatch batch)
    {
        foreach (var entry in batch.Failed)
        {
            session.Execute(
                LogFailedSql,
                ("@topic_id", batch.TopicId),
                ("@publisher_id", batch.PublisherId),
                ("@position", entry.Position),
                ("@attempt", entry.Attempt),
                ("@status_code", entry.StatusCode),
                ("@duration_ms", entry.Duration.ToMilliseconds()),
                ("@error", entry.Error));
        }
    }

    private static void Park(SqliteSession session, SettleBatch batch)
    {
        foreach (var entry in batch.Parked)
        {
            session.Execute(
                ParkSql,
                ("@topic_id", batch.TopicId),
                ("@publisher_id", batch.PublisherId),
                ("@position", entry.Position),
                ("@attempts", entry.Attempts),
                ("@delay", (entry.Delay ?? TimeSpan.Zero).ToMicroseconds()),
                ("@reason", entry.Reason));
        }
    }

    private static void Bury(SqliteSession session, SettleBatch batch)
    {
        foreach (var entry in batch.Dead)
        {
            session.Execute(
                BurySql,
                ("@topic_id", batch.TopicId),
                ("@publisher_id", batch.PublisherId),
                ("@position", entry.Position),
                ("@attempts", entry.Attempts),
                ("@status_code", entry.StatusCode),
                ("@reason", entry.Reason),
                ("@error", entry.Error));
        }
    }
}
