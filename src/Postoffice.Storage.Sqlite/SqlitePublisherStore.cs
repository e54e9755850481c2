using Postoffice.Publishers;

namespace Postoffice.Storage.Sqlite;

internal sealed class SqlitePublisherStore(SqliteDatabase database) : IPublisherStore
{
    private const string HeadSql = "SELECT h.topic_id, h.last_position FROM topics t JOIN topic_heads h ON h.topic_id = t.id WHERE t.name = @topic";

    private const string ExistsSql = "SELECT 1 FROM publishers WHERE topic_id = @topic_id AND type = @type AND target = @target AND deleted_at IS NULL";

    private const string CountSql = "SELECT count(*) FROM publishers WHERE topic_id = @topic_id AND deleted_at IS NULL";

    // There is one writer, so what was looked up before the insert still holds.
    private const string AddSql = """
        INSERT INTO publishers (topic_id, type, target, active, paused_at, settings, start_position, version, created_at, updated_at)
        SELECT @topic_id, @type, @target, @active, CASE WHEN @active THEN NULL ELSE time.now END, @settings, @start_position, 1, time.now, time.now
        FROM (SELECT postoffice_now() AS now) AS time
        RETURNING id
        """;

    private const string AddCursorSql = """
        INSERT INTO publisher_cursors (publisher_id, topic_id, cursor, settled_above, epoch, sequence)
        VALUES (@publisher_id, @topic_id, @cursor, x'', 0, 0)
        """;

    private const string FindSql = $"SELECT {PublisherRow.Columns} FROM {PublisherRow.From} WHERE p.id = @id";

    private const string FindManySql = $"SELECT {PublisherRow.Columns} FROM {PublisherRow.From} WHERE p.id IN (SELECT value FROM json_each(@ids))";

    private const string StatusSql = $"""
        SELECT {PublisherRow.Columns}, c.cursor, h.last_position,
            (SELECT count(*) FROM parked_deliveries d WHERE d.topic_id = p.topic_id AND d.publisher_id = p.id),
            (SELECT count(*) FROM dead_letters d WHERE d.topic_id = p.topic_id AND d.publisher_id = p.id),
            c.delivered, c.skipped
        FROM {PublisherRow.From} JOIN publisher_cursors c ON c.publisher_id = p.id JOIN topic_heads h ON h.topic_id = p.topic_id
        """;

    private const string FindStatusSql = $"{StatusSql} WHERE p.id = @id";

    private const string ListSql = $"{StatusSql} WHERE p.id > @after_id ORDER BY p.id LIMIT @limit";

    private const string ListOfTopicSql = $"{StatusSql} WHERE p.topic_id = @topic_id AND p.id > @after_id ORDER BY p.id LIMIT @limit";

    // Paused again while it is paused: another reason, the same time.
    private const string UpdateSql = """
        UPDATE publishers SET
            active = coalesce(@active, active),
            paused_reason = CASE WHEN @active IS NULL THEN paused_reason WHEN @active THEN NULL ELSE @paused_reason END,
            paused_at = CASE WHEN @active IS NULL THEN paused_at WHEN @active THEN NULL ELSE coalesce(paused_at, postoffice_now()) END,
            settings = coalesce(@settings, settings),
            version = version + 1,
            updated_at = postoffice_now()
        WHERE id = @id AND deleted_at IS NULL AND version = coalesce(@version, version)
        """;

    private const string DeleteSql = "UPDATE publishers SET active = 0, deleted_at = postoffice_now() WHERE id = @id AND deleted_at IS NULL";

    private const string ExistedSql = "SELECT 1 FROM publishers WHERE id = @id";

    // Every epoch goes with the row: a pipeline still running settles nothing more.
    private const string FenceSql = "DELETE FROM publisher_cursors WHERE publisher_id = @id";

    private const string UnparkSql = "DELETE FROM parked_deliveries WHERE topic_id = (SELECT topic_id FROM publishers WHERE id = @id) AND publisher_id = @id";

    private const string EndReplaySql = "DELETE FROM replays WHERE publisher_id = @id";

    private const string ForgetReportSql = "DELETE FROM publisher_reports WHERE publisher_id = @id";

    public Task<AddPublisherResult> TryAddAsync(NewPublisher publisher, CancellationToken cancellationToken) =>
        database.WriteAsync(session => TryAdd(session, publisher), cancellationToken);

    public Task<Publisher?> FindAsync(long id, CancellationToken cancellationToken) => database.ReadAsync(session => Find(session, id), cancellationToken);

    public Task<IReadOnlyList<Publisher>> FindManyAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Publisher>>(
            session =>
            {
                using var reader = session.Query(FindManySql, ("@ids", JsonArray.Of(ids)));
                var publishers = new List<Publisher>(ids.Count);
                while (reader.Read())
                {
                    publishers.Add(PublisherRow.Read(reader));
                }

                return publishers;
            },
            cancellationToken);

    public Task<PublisherStatus?> FindStatusAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync(session => ReadStatuses(session, FindStatusSql, ("@id", id)).FirstOrDefault(), cancellationToken);

    public Task<IReadOnlyList<PublisherStatus>> ListAsync(long? topicId, long afterId, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<PublisherStatus>>(
            session => topicId is null
                ? ReadStatuses(session, ListSql, ("@after_id", afterId), ("@limit", limit))
                : ReadStatuses(session, ListOfTopicSql, ("@topic_id", topicId), ("@after_id", afterId), ("@limit", limit)),
            cancellationToken);

    public Task<Publisher?> UpdateAsync(long id, PublisherChange change, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                var updated = session.Execute(
                    UpdateSql,
                    ("@id", id),
                    ("@active", change.Active),
                    ("@paused_reason", change.PausedReason),
                    ("@settings", change.Settings?.ToJson()),
                    ("@version", change.IfVersion));
                return updated == 0 ? null : Find(session, id);
            },
            cancellationToken);

    public Task<bool> DeleteAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                if (session.Execute(DeleteSql, ("@id", id)) == 0)
                {
                    return session.Scalar(ExistedSql, ("@id", id)) is not null;
                }

                session.Execute(FenceSql, ("@id", id));
                session.Execute(UnparkSql, ("@id", id));
                session.Execute(EndReplaySql, ("@id", id));
                session.Execute(ForgetReportSql, ("@id", id));
                return true;
            },
            cancellationToken);

    private static AddPublisherResult TryAdd(SqliteSession session, NewPublisher publisher)
    {
        long topicId;
        long start;
        using (var reader = session.Query(HeadSql, ("@topic", publisher.Topic)))
        {
            if (!reader.Read())
            {
                return new AddPublisherResult(AddPublisherStatus.UnknownTopic);
            }

            topicId = reader.GetInt64(0);
            start = publisher.FromNow ? reader.GetInt64(1) : 0;
        }

        if (session.Scalar(ExistsSql, ("@topic_id", topicId), ("@type", publisher.Type), ("@target", publisher.Target)) is not null)
        {
            return new AddPublisherResult(AddPublisherStatus.AlreadyExists);
        }

        if (session.Scalar(CountSql, ("@topic_id", topicId)) is >= (long)IPublisherStore.MaxPublishersPerTopic)
        {
            return new AddPublisherResult(AddPublisherStatus.TooMany);
        }

        var id = (long)session.Scalar(
            AddSql,
            ("@topic_id", topicId),
            ("@type", publisher.Type),
            ("@target", publisher.Target),
            ("@active", publisher.Active),
            ("@settings", publisher.Settings.ToJson()),
            ("@start_position", start))!;
        session.Execute(AddCursorSql, ("@publisher_id", id), ("@topic_id", topicId), ("@cursor", start));
        return new AddPublisherResult(AddPublisherStatus.Added, Find(session, id));
    }

    private static Publisher? Find(SqliteSession session, long id)
    {
        using var reader = session.Query(FindSql, ("@id", id));
        return reader.Read() ? PublisherRow.Read(reader) : null;
    }

    private static List<PublisherStatus> ReadStatuses(SqliteSession session, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var reader = session.Query(sql, parameters);
        var statuses = new List<PublisherStatus>();
        while (reader.Read())
        {
            statuses.Add(new PublisherStatus(
                PublisherRow.Read(reader),
                Cursor: reader.GetInt64(PublisherRow.Count),
                Head: reader.GetInt64(PublisherRow.Count + 1),
                Parked: reader.GetInt64(PublisherRow.Count + 2),
                Dead: reader.GetInt64(PublisherRow.Count + 3),
                Delivered: reader.GetInt64(PublisherRow.Count + 4),
                Skipped: reader.GetInt64(PublisherRow.Count + 5)));
        }

        return statuses;
    }
}
