using Postoffice.Deliveries;

namespace Postoffice.Storage.Sqlite;

internal sealed class SqliteReplayStore(SqliteDatabase database) : IReplayStore
{
    // A deleted publisher has no cursor.
    private const string CursorSql = """
        SELECT c.topic_id, c.cursor, h.last_position, postoffice_now() FROM publisher_cursors c JOIN topic_heads h ON h.topic_id = c.topic_id
        WHERE c.publisher_id = @publisher_id
        """;

    private const string FindSql = "SELECT id, publisher_id, position, until, only_failed, requested_at FROM replays WHERE publisher_id = @publisher_id";

    // A stretch without gaps, from the first message that is still there: arithmetic, and only what is parked is counted.
    private const string CountParkedSql = """
        SELECT count(*) FROM parked_deliveries
        WHERE topic_id = @topic_id AND publisher_id = @publisher_id AND position BETWEEN @from AND @until
        """;

    private const string DeadSql = """
        FROM dead_letters x WHERE x.topic_id = @topic_id AND x.publisher_id = @publisher_id AND x.position BETWEEN @from AND @until
            AND NOT EXISTS (SELECT 1 FROM parked_deliveries d WHERE d.topic_id = @topic_id AND d.publisher_id = @publisher_id AND d.position = x.position)
        """;

    private const string CountDeadSql = $"SELECT count(*) {DeadSql}";

    private const string AddSql = """
        INSERT INTO replays (publisher_id, topic_id, id, position, until, only_failed, requested_at)
        VALUES (@publisher_id, @topic_id, @id, @position, @until, @only_failed, @requested_at)
        """;

    private const string RaiseVersionSql = "UPDATE publishers SET version = version + 1 WHERE id = @publisher_id";

    private const string RemoveSql = "DELETE FROM replays WHERE publisher_id = @publisher_id";

    internal const string ReadSql = $"""
        SELECT {MessageRow.Columns},
            EXISTS (SELECT 1 FROM dead_letters x WHERE x.topic_id = @topic_id AND x.publisher_id = @publisher_id AND x.position = m.position)
        FROM messages m
        WHERE m.topic_id = @topic_id AND m.position BETWEEN @from AND @until
            AND NOT EXISTS (SELECT 1 FROM parked_deliveries d WHERE d.topic_id = @topic_id AND d.publisher_id = @publisher_id AND d.position = m.position)
        ORDER BY m.position LIMIT @max
        """;

    // The dead letters first, however many messages lie between them.
    internal const string ReadDeadSql = $"""
        SELECT {MessageRow.Columns}, 1 FROM (SELECT x.position AS dead {DeadSql}) CROSS JOIN messages m ON m.topic_id = @topic_id AND m.position = dead
        ORDER BY dead LIMIT @max
        """;

    public Task<ReplayResult> StartAsync(long publisherId, ReplayRequest request, bool dryRun, CancellationToken cancellationToken) => dryRun
        ? database.ReadAsync(session => session.Snapshot(snapshot => Plan(snapshot, publisherId, request).Result), cancellationToken)
        : database.WriteAsync(session => Start(session, publisherId, request), cancellationToken);

    public Task<bool> CancelAsync(long publisherId, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                var isRunning = session.Execute(RemoveSql, ("@publisher_id", publisherId)) > 0;
                if (isRunning)
                {
                    session.Execute(RaiseVersionSql, ("@publisher_id", publisherId));
                }

                return isRunning;
            },
            cancellationToken);

    public Task<Replay?> FindAsync(long publisherId, CancellationToken cancellationToken) =>
        database.ReadAsync(session => Find(session, publisherId), cancellationToken);

    public Task<IReadOnlyList<ReplayedMessage>> ReadAsync(long topicId, Replay replay, long after, int max, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ReplayedMessage>>(
            session =>
            {
                using var reader = session.Query(
                    replay.OnlyFailed ? ReadDeadSql : ReadSql,
                    ("@topic_id", topicId), ("@publisher_id", replay.PublisherId), ("@from", after + 1), ("@until", replay.Until), ("@max", max));
                var messages = new List<ReplayedMessage>();
                while (reader.Read())
                {
                    messages.Add(new ReplayedMessage(MessageRow.Read(reader), reader.GetBoolean(MessageRow.Count)));
                }

                return messages;
            },
            cancellationToken);

    private static ReplayResult Start(SqliteSession session, long publisherId, ReplayRequest request)
    {
        if (Find(session, publisherId) is not null)
        {
            return new ReplayResult(ReplayStatus.AlreadyRunning);
        }

        var (topicId, result) = Plan(session, publisherId, request);

        // One that begins beyond its end has nothing to send and would wait for a mark that never comes.
        if (result.Replay is { } replay && replay.Position < replay.Until)
        {
            session.Execute(
                AddSql,
                ("@publisher_id", publisherId),
                ("@topic_id", topicId),
                ("@id", replay.Id.ToString("D")),
                ("@position", replay.Position),
                ("@until", replay.Until),
                ("@only_failed", replay.OnlyFailed),
                ("@requested_at", replay.RequestedAt.ToMicroseconds()));
            session.Execute(RaiseVersionSql, ("@publisher_id", publisherId));
        }

        return result;
    }

    private static Replay? Find(SqliteSession session, long publisherId)
    {
        using var reader = session.Query(FindSql, ("@publisher_id", publisherId));
        return !reader.Read() ? null : new Replay
        {
            Id = Guid.Parse(reader.GetString(0)),
            PublisherId = reader.GetInt64(1),
            Position = reader.GetInt64(2),
            Until = reader.GetInt64(3),
            OnlyFailed = reader.GetBoolean(4),
            RequestedAt = SqliteTime.ToTime(reader.GetInt64(5)),
        };
    }

    /// <summary>The replay as it would start, and how much it would send; changes nothing.</summary>
    private static (long TopicId, ReplayResult Result) Plan(SqliteSession session, long publisherId, ReplayRequest request)
    {
        long topicId;
        long until;
        long head;
        long now;
        using (var reader = session.Query(CursorSql, ("@publisher_id", publisherId)))
        {
            if (!reader.Read())
            {
                return (0, new ReplayResult(ReplayStatus.UnknownPublisher));
            }

            (topicId, until, head, now) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
        }

        var start = request.Position ?? (request.From is { } from ? SqlitePositionByTime.Find(session, topicId, from.ToMicroseconds(), head) : 1);
        var replay = new Replay
        {
            Id = Guid.CreateVersion7(),
            PublisherId = publisherId,
            Position = Math.Max(start, 1) - 1,
            Until = until,
            OnlyFailed = request.OnlyFailed,
            RequestedAt = SqliteTime.ToTime(now),
        };
        return (topicId, new ReplayResult(ReplayStatus.Started, Count(session, topicId, replay), replay));
    }

    private static long Count(SqliteSession session, long topicId, Replay replay)
    {
        if (SqlitePositionByTime.NextMessage(session, topicId, replay.Position + 1) is not var (first, _) || first > replay.Until)
        {
            return 0;
        }

        var counted = (long)session.Scalar(
            replay.OnlyFailed ? CountDeadSql : CountParkedSql,
            ("@topic_id", topicId), ("@publisher_id", replay.PublisherId), ("@from", first), ("@until", replay.Until))!;
        return replay.OnlyFailed ? counted : replay.Until - first + 1 - counted;
    }
}
