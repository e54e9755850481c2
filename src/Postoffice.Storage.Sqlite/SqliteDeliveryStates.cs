using Microsoft.Data.Sqlite;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Publishers;

namespace Postoffice.Storage.Sqlite;

/// <summary>Where one message stands for each publisher of its topic: three statements, whatever the number of publishers.</summary>
internal static class SqliteDeliveryStates
{
    private const int MaxFailedAttempts = 100;

    private const string StatesSql = $"""
        SELECT {PublisherRow.Columns}, c.cursor, c.settled_above, d.attempts, d.due_at, d.reason,
            x.attempts, x.died_at, x.reason, x.status_code
        FROM {PublisherRow.From} JOIN publisher_cursors c ON c.publisher_id = p.id
        LEFT JOIN parked_deliveries d ON d.topic_id = p.topic_id AND d.publisher_id = p.id AND d.position = @position
        LEFT JOIN dead_letters x ON x.topic_id = p.topic_id AND x.publisher_id = p.id AND x.position = @position
        WHERE p.topic_id = @topic_id ORDER BY p.id
        """;

    // CROSS JOIN keeps the order of the tables: left to itself, SQLite walks the log of the whole topic instead of one block a publisher.
    // A message delivered again (a replay, or a crash before the first settle) has several entries; the last one counts.
    private const string LogEntriesSql = """
        SELECT l.publisher_id, l.outcome, l.settled_at,
            l.attempts ->> ('$[' || e.key || ']'), l.status_codes ->> ('$[' || e.key || ']'), l.durations_ms ->> ('$[' || e.key || ']')
        FROM publishers p
        CROSS JOIN delivery_log l ON l.topic_id = p.topic_id AND l.publisher_id = p.id AND l.block = @block
        CROSS JOIN json_each(l.positions) e ON e.value = @position
        WHERE p.topic_id = @topic_id AND p.deleted_at IS NULL
        ORDER BY l.id
        """;

    private const string FailedAttemptsSql = """
        SELECT publisher_id, attempt, failed_at, status_code, duration_ms, error FROM (
            SELECT f.*, row_number() OVER (PARTITION BY f.publisher_id ORDER BY f.id DESC) AS age
            FROM failed_attempts f WHERE f.topic_id = @topic_id AND f.position = @position
        ) WHERE age <= @max ORDER BY publisher_id, id
        """;

    public static List<DeliveryState> Read(SqliteSession session, Message message)
    {
        var logged = ReadLogEntries(session, message);
        var failed = ReadFailedAttempts(session, message);

        using var reader = session.Query(StatesSql, ("@topic_id", message.TopicId), ("@position", message.Position));
        var states = new List<DeliveryState>();
        while (reader.Read())
        {
            var state = ReadState(reader, message.Position, logged);
            states.Add(failed.TryGetValue(state.Publisher.Id, out var attempts) ? state with { FailedAttempts = attempts } : state);
        }

        return states;
    }

    private static DeliveryState ReadState(SqliteDataReader reader, long position, Dictionary<long, LogEntry> logged)
    {
        const int Cursor = PublisherRow.Count;
        const int Parked = Cursor + 2;
        const int Dead = Parked + 3;
        var publisher = PublisherRow.Read(reader);
        if (!reader.IsDBNull(Dead))
        {
            return new DeliveryState
            {
                Publisher = publisher,
                Status = DeliveryStatus.DeadLettered,
                Attempts = reader.GetInt32(Dead),
                SettledAt = SqliteTime.ToTime(reader.GetInt64(Dead + 1)),
                Reason = reader.GetString(Dead + 2),
                StatusCode = reader.IsDBNull(Dead + 3) ? null : reader.GetInt32(Dead + 3),
            };
        }

        if (!reader.IsDBNull(Parked))
        {
            return new DeliveryState
            {
                Publisher = publisher,
                Status = DeliveryStatus.Parked,
                Attempts = reader.GetInt32(Parked),
                DueAt = SqliteTime.ToDueTime(reader.GetInt64(Parked + 1)),
                Reason = reader.GetString(Parked + 2),
            };
        }

        if (logged.TryGetValue(publisher.Id, out var entry))
        {
            return new DeliveryState
            {
                Publisher = publisher,
                Status = entry.Status,
                Attempts = entry.Attempts,
                SettledAt = entry.SettledAt,
                StatusCode = entry.StatusCode,
                Duration = entry.Duration,
            };
        }

        return position <= publisher.StartPosition
            ? new DeliveryState { Publisher = publisher, Status = DeliveryStatus.NotSubscribed }
            : ReadByCursor(publisher, reader.GetInt64(Cursor), reader.GetFieldValue<byte[]>(Cursor + 1), position);
    }

    private static DeliveryState ReadByCursor(Publisher publisher, long cursor, byte[] settledAbove, long position) =>
        SettledSet.Contains(cursor, settledAbove, position)
            ? new DeliveryState { Publisher = publisher, Status = DeliveryStatus.Settled }
            : new DeliveryState
            {
                Publisher = publisher,
                Status = DeliveryStatus.Waiting,
                Ahead = SettledSet.CountOpenBefore(cursor, settledAbove, position),
            };

    private static Dictionary<long, LogEntry> ReadLogEntries(SqliteSession session, Message message)
    {
        using var reader = session.Query(
            LogEntriesSql, ("@topic_id", message.TopicId), ("@block", message.Position / SqliteDeliveryLog.BlockSize), ("@position", message.Position));
        var entries = new Dictionary<long, LogEntry>();
        while (reader.Read())
        {
            entries[reader.GetInt64(0)] = new LogEntry(
                reader.GetInt32(1) switch
                {
                    SqliteDeliveryLog.Skipped => DeliveryStatus.Skipped,
                    SqliteDeliveryLog.Discarded => DeliveryStatus.Discarded,
                    _ => DeliveryStatus.Delivered,
                },
                SqliteTime.ToTime(reader.GetInt64(2)),
                reader.GetInt32(3),
                reader.IsDBNull(4) ? null : reader.GetInt32(4),
                reader.GetInt32(1) == SqliteDeliveryLog.Delivered ? TimeSpan.FromMilliseconds(reader.GetInt64(5)) : null);
        }

        return entries;
    }

    private static Dictionary<long, List<FailedAttempt>> ReadFailedAttempts(SqliteSession session, Message message)
    {
        using var reader = session.Query(
            FailedAttemptsSql, ("@topic_id", message.TopicId), ("@position", message.Position), ("@max", MaxFailedAttempts));
        var attempts = new Dictionary<long, List<FailedAttempt>>();
        while (reader.Read())
        {
            var publisherId = reader.GetInt64(0);
            if (!attempts.TryGetValue(publisherId, out var ofPublisher))
            {
                attempts.Add(publisherId, ofPublisher = []);
            }

            ofPublisher.Add(new FailedAttempt(
                reader.GetInt32(1),
                SqliteTime.ToTime(reader.GetInt64(2)),
                reader.IsDBNull(3) ? null : reader.GetInt32(3),
                TimeSpan.FromMilliseconds(reader.GetInt64(4)),
                reader.GetString(5)));
        }

        return attempts;
    }

    private readonly record struct LogEntry(DeliveryStatus Status, DateTimeOffset SettledAt, int Attempts, int? StatusCode, TimeSpan? Duration);
}
