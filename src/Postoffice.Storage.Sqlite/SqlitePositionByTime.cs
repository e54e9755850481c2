namespace Postoffice.Storage.Sqlite;

/// <summary>Finds the place of a time in a topic's log.</summary>
internal static class SqlitePositionByTime
{
    // Through the primary key: there is no index by time, and none is needed, since received_at grows with the position.
    internal const string NextMessageSql = """
        SELECT position, received_at FROM messages WHERE topic_id = @topic_id AND position >= @position ORDER BY position LIMIT 1
        """;

    /// <returns>The position of the first message that was received at <paramref name="time"/> or later; the one after the head when there is none.</returns>
    public static long Find(SqliteSession session, long topicId, long time, long head)
    {
        var low = 1L;
        var high = head + 1;
        while (low < high)
        {
            // A gap, where messages are gone, belongs to the message after it.
            var middle = low + ((high - low) / 2);
            if (NextMessage(session, topicId, middle) is var (position, receivedAt) && receivedAt < time)
            {
                low = position + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <returns>The first message at the position or behind it; null when there is none.</returns>
    public static (long Position, long ReceivedAt)? NextMessage(SqliteSession session, long topicId, long position)
    {
        using var reader = session.Query(NextMessageSql, ("@topic_id", topicId), ("@position", position));
        return reader.Read() ? (reader.GetInt64(0), reader.GetInt64(1)) : null;
    }
}
