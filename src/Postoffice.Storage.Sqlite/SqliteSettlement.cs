namespace Postoffice.Storage.Sqlite;

/// <summary>Writes one flush of a publisher. The caller's transaction makes it one.</summary>
internal static class SqliteSettlement
{
    // The fence, and the place of this batch in the epoch. A repeat finds its own sequence there, or a later one; a batch that leaves one out
    // finds a smaller one and is refused: the missing outcomes would be lost behind its cursor.
    private const string MoveCursorSql = """
        UPDATE publisher_cursors SET cursor = @cursor, settled_above = @settled_above, sequence = @sequence,
            delivered = delivered + @delivered, skipped = skipped + @skipped
        WHERE publisher_id = @publisher_id AND topic_id = @topic_id AND epoch = @epoch AND sequence = @sequence - 1
        """;

    private const string IsRepeatSql = "SELECT 1 FROM publisher_cursors WHERE publisher_id = @publisher_id AND epoch = @epoch AND sequence >= @sequence";

    private const string LogFailedSql = """
        INSERT INTO failed_attempts (topic_id, publisher_id, position, attempt, failed_at, status_code, duration_ms, error)
        VALUES (@topic_id, @publisher_id, @position, @attempt, postoffice_now(), @status_code, @duration_ms, @error)
        """;

    // Without a delay the row waits behind its key: due never.
    private const string ParkSql = $"""
        INSERT INTO parked_deliveries (topic_id, publisher_id, position, attempts, due_at, reason, ordering_key)
        VALUES (@topic_id, @publisher_id, @position, @attempts, coalesce(postoffice_now() + @delay, {SqliteTime.Never}), @reason, @ordering_key)
        ON CONFLICT (topic_id, publisher_id, position) DO UPDATE SET
            attempts = excluded.attempts, due_at = excluded.due_at, reason = excluded.reason, ordering_key = excluded.ordering_key
        """;

    private const string UnparkSql = "DELETE FROM parked_deliveries WHERE topic_id = @topic_id AND publisher_id = @publisher_id AND position = @position";

    private const string BurySql = """
        INSERT INTO dead_letters (topic_id, publisher_id, position, attempts, status_code, reason, error, error_group, ordering_key, blocks_key, died_at)
        VALUES (@topic_id, @publisher_id, @position, @attempts, @status_code, @reason, @error, @error_group, @ordering_key, @blocks_key, postoffice_now())
        ON CONFLICT (topic_id, publisher_id, position) DO UPDATE SET
            attempts = excluded.attempts, status_code = excluded.status_code, reason = excluded.reason, error = excluded.error,
            error_group = excluded.error_group, ordering_key = excluded.ordering_key, blocks_key = excluded.blocks_key, died_at = excluded.died_at
        """;

    private const string UnburySql = "DELETE FROM dead_letters WHERE topic_id = @topic_id AND publisher_id = @publisher_id AND position = @position";

    // Another replay may have begun since: it is none of this pipeline's.
    private const string MarkReplaySql = "UPDATE replays SET position = @position WHERE publisher_id = @publisher_id AND id = @id";

    private const string EndReplaySql = "DELETE FROM replays WHERE publisher_id = @publisher_id AND id = @id AND position >= until";

    public static SettleStatus Write(SqliteSession session, SettleBatch batch)
    {
        var moved = session.Execute(
            MoveCursorSql,
            ("@topic_id", batch.TopicId),
            ("@publisher_id", batch.PublisherId),
            ("@epoch", batch.Epoch),
            ("@sequence", batch.Sequence),
            ("@cursor", batch.Cursor),
            ("@settled_above", batch.SettledAbove),
            ("@delivered", batch.Delivered.Count),
            ("@skipped", batch.Skipped.Count));
        if (moved == 0)
        {
            return session.Scalar(IsRepeatSql, ("@publisher_id", batch.PublisherId), ("@epoch", batch.Epoch), ("@sequence", batch.Sequence)) is null
                ? SettleStatus.LeaseLost
                : SettleStatus.Settled;
        }

        SqliteDeliveryLog.Write(session, batch.TopicId, batch.PublisherId, SqliteDeliveryLog.Delivered, batch.Delivered);
        var skipped = batch.Skipped.Select(static position => new DeliveredEntry(position, Attempts: 0, StatusCode: null, Duration: default));
        SqliteDeliveryLog.Write(session, batch.TopicId, batch.PublisherId, SqliteDeliveryLog.Skipped, skipped);
        LogFailed(session, batch);
        Remove(session, UnparkSql, batch, batch.Unparked);
        Remove(session, UnburySql, batch, batch.Revived);
        Park(session, batch);
        Bury(session, batch);
        if (batch.Replay is { } mark)
        {
            MoveReplay(session, batch.PublisherId, mark);
        }

        return SettleStatus.Settled;
    }

    public static void Park(SqliteSession session, long topicId, long publisherId, ParkEntry entry) => session.Execute(
        ParkSql,
        ("@topic_id", topicId),
        ("@publisher_id", publisherId),
        ("@position", entry.Position),
        ("@attempts", entry.Attempts),
        ("@delay", entry.Delay?.ToMicroseconds()),
        ("@reason", entry.Reason),
        ("@ordering_key", entry.OrderingKey));

    /// <summary>Removes a dead letter.</summary>
    public static void Unbury(SqliteSession session, long topicId, long publisherId, long position) =>
        session.Execute(UnburySql, ("@topic_id", topicId), ("@publisher_id", publisherId), ("@position", position));

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

    private static void Remove(SqliteSession session, string sql, SettleBatch batch, IReadOnlyList<long> positions)
    {
        foreach (var position in positions)
        {
            session.Execute(sql, ("@topic_id", batch.TopicId), ("@publisher_id", batch.PublisherId), ("@position", position));
        }
    }

    private static void Park(SqliteSession session, SettleBatch batch)
    {
        foreach (var entry in batch.Parked)
        {
            Park(session, batch.TopicId, batch.PublisherId, entry);
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
                ("@error", entry.Error),
                ("@error_group", entry.Group),
                ("@ordering_key", entry.OrderingKey),
                ("@blocks_key", entry.BlocksKey));
        }
    }

    private static void MoveReplay(SqliteSession session, long publisherId, ReplayMark mark)
    {
        var id = mark.Id.ToString("D");
        session.Execute(MarkReplaySql, ("@publisher_id", publisherId), ("@id", id), ("@position", mark.Position));
        session.Execute(EndReplaySql, ("@publisher_id", publisherId), ("@id", id));
    }
}
