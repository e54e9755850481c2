namespace Postoffice.Storage.Sqlite;

/// <summary>Writes the delivery log: one row for the positions of a block that were settled together, in arrays.</summary>
internal static class SqliteDeliveryLog
{
    /// <summary>How many positions one block of the delivery log spans.</summary>
    public const long BlockSize = 1_024;

    public const int Delivered = 1;
    public const int Skipped = 2;
    public const int Discarded = 3;

    private const string LogSql = """
        INSERT INTO delivery_log (topic_id, publisher_id, block, outcome, settled_at, positions, attempts, status_codes, durations_ms)
        VALUES (@topic_id, @publisher_id, @block, @outcome, postoffice_now(), @positions, @attempts, @status_codes, @durations_ms)
        """;

    public static void Write(SqliteSession session, long topicId, long publisherId, int outcome, IEnumerable<DeliveredEntry> settled)
    {
        foreach (var block in settled.GroupBy(entry => entry.Position / BlockSize))
        {
            var entries = block.ToList();
            session.Execute(
                LogSql,
                ("@topic_id", topicId),
                ("@publisher_id", publisherId),
                ("@block", block.Key),
                ("@outcome", outcome),
                ("@positions", JsonArray.Of(entries, entry => entry.Position)),
                ("@attempts", JsonArray.Of(entries, entry => entry.Attempts)),
                ("@status_codes", JsonArray.OfNullable(entries, entry => entry.StatusCode)),
                ("@durations_ms", JsonArray.Of(entries, entry => entry.Duration.ToMilliseconds())));
        }
    }
}
