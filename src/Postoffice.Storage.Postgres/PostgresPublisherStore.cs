using Npgsql;
using Postoffice.Publishers;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>Publishers and where they stand.</summary>
internal sealed class PostgresPublisherStore : IPublisherStore
{
    // One at a time a topic, so that the limit holds and of identical calls one adds. NO KEY, so that staging (a foreign key's share lock) goes on;
    // appends lock the head, not this row.
    private const string LockTopicSql = "SELECT FROM postoffice.topics WHERE name = @topic FOR NO KEY UPDATE";

    // A statement of its own after the lock: its snapshot has the publishers of those we waited for. The head is read as committed now: a message that is
    // being appended meanwhile gets a higher position and is delivered.
    private const string AddSql = """
        WITH topic AS MATERIALIZED (
            SELECT topics.id, topics.name, topic_heads.last_position, postoffice.current_instant() AS now
            FROM postoffice.topics JOIN postoffice.topic_heads ON topic_heads.topic_id = topics.id
            WHERE topics.name = @topic
        ), live AS MATERIALIZED (
            SELECT publishers.type, publishers.target
            FROM postoffice.publishers JOIN topic ON topic.id = publishers.topic_id WHERE publishers.deleted_at IS NULL
        ), refusal AS MATERIALIZED (
            SELECT EXISTS (SELECT FROM live WHERE type = @type AND target = @target) AS already_exists, (SELECT count(*) FROM live) >= @max AS too_many
        ), added AS (
            INSERT INTO postoffice.publishers (topic_id, type, target, active, settings, start_position, created_at, updated_at, paused_at)
            SELECT topic.id, @type, @target, @active, @settings::jsonb, CASE WHEN @from_now THEN topic.last_position ELSE 0 END, topic.now, topic.now,
                CASE WHEN @active THEN NULL ELSE topic.now END
            FROM topic, refusal WHERE NOT refusal.already_exists AND NOT refusal.too_many
            RETURNING *
        ), cursor AS (
            INSERT INTO postoffice.publisher_cursors (publisher_id, topic_id, cursor) SELECT id, topic_id, start_position FROM added
        )
        SELECT refusal.already_exists, refusal.too_many, added.id, topic.id, topic.name, added.type, added.target, added.active, added.paused_reason,
            added.settings, added.start_position, added.version, added.created_at, added.updated_at, added.paused_at
        FROM topic CROSS JOIN refusal LEFT JOIN added ON true
        """;

    private const string FindSql = $"""
        SELECT {PublisherRow.Columns}
        FROM postoffice.publishers JOIN postoffice.topics ON topics.id = publishers.topic_id
        WHERE publishers.id = ANY (@ids) AND publishers.deleted_at IS NULL
        """;

    // The counts walk the rows of what went wrong, by the tables' keys: few, as long as little is wrong.
    private const string StatusSql = $"""
        SELECT {PublisherRow.Columns}, publisher_cursors.cursor, topic_heads.last_position,
            (SELECT count(*) FROM postoffice.parked_deliveries AS parked WHERE parked.topic_id = publishers.topic_id AND parked.publisher_id = publishers.id),
            (SELECT count(*) FROM postoffice.dead_letters AS dead WHERE dead.topic_id = publishers.topic_id AND dead.publisher_id = publishers.id),
            publisher_cursors.delivered, publisher_cursors.skipped
        FROM postoffice.publishers
        JOIN postoffice.topics ON topics.id = publishers.topic_id
        JOIN postoffice.topic_heads ON topic_heads.topic_id = publishers.topic_id
        JOIN postoffice.publisher_cursors ON publisher_cursors.publisher_id = publishers.id
        WHERE publishers.deleted_at IS NULL
        """;

    private const string FindStatusSql = StatusSql + " AND publishers.id = @id";

    private const string ListSql = StatusSql + " AND publishers.id > @after_id ORDER BY publishers.id LIMIT @limit";

    private const string ListOfTopicSql = StatusSql + " AND publishers.topic_id = @topic_id AND publishers.id > @after_id ORDER BY publishers.id LIMIT @limit";

    // paused_at is since when: pausing what is paused already leaves it. The time of one that is active is a remnant, see PublisherRow.
    private const string UpdateSql = $"""
        UPDATE postoffice.publishers SET
            paused_at = CASE
                WHEN coalesce(@active, publishers.active) THEN NULL
                WHEN publishers.active THEN postoffice.current_instant()
                ELSE publishers.paused_at
            END,
            active = coalesce(@active, publishers.active),
            paused_reason = CASE WHEN @active THEN NULL WHEN NOT @active THEN @paused_reason ELSE publishers.paused_reason END,
            settings = coalesce(@settings::jsonb, publishers.settings),
            version = publishers.version + 1,
            updated_at = postoffice.current_instant()
        FROM postoffice.topics
        WHERE publishers.id = @id AND publishers.deleted_at IS NULL AND topics.id = publishers.topic_id AND publishers.version = coalesce(@version, publishers.version)
        RETURNING {PublisherRow.Columns}
        """;

    private const string MarkDeletedSql = """
        UPDATE postoffice.publishers SET deleted_at = coalesce(deleted_at, postoffice.current_instant()), active = false WHERE id = @id
        RETURNING id
        """;

    // No cursor row, no epoch: whoever still runs the publisher settles and renews nothing more, and nobody can acquire it. Waits for a settle under way.
    private const string DeleteCursorSql = "DELETE FROM postoffice.publisher_cursors WHERE publisher_id = @id";

    // After the cursor is gone, so that the snapshot has what that settle parked.
    private const string DeleteParkedSql = "DELETE FROM postoffice.parked_deliveries WHERE publisher_id = @id";

    private const string DeleteReplaySql = "DELETE FROM postoffice.replays WHERE publisher_id = @id";

    private const string DeleteReportSql = "DELETE FROM postoffice.publisher_reports WHERE publisher_id = @id";

    private readonly PostgresDatabase _database;
    private readonly string _lockTopicSql;
    private readonly string _addSql;
    private readonly string _findSql;
    private readonly string _findStatusSql;
    private readonly string _listSql;
    private readonly string _listOfTopicSql;
    private readonly string _updateSql;
    private readonly string _markDeletedSql;
    private readonly string _deleteCursorSql;
    private readonly string _deleteParkedSql;
    private readonly string _deleteReplaySql;
    private readonly string _deleteReportSql;

    public PostgresPublisherStore(PostgresDatabase database)
    {
        _database = database;
        _lockTopicSql = database.Qualify(LockTopicSql);
        _addSql = database.Qualify(AddSql);
        _findSql = database.Qualify(FindSql);
        _findStatusSql = database.Qualify(FindStatusSql);
        _listSql = database.Qualify(ListSql);
        _listOfTopicSql = database.Qualify(ListOfTopicSql);
        _updateSql = database.Qualify(UpdateSql);
        _markDeletedSql = database.Qualify(MarkDeletedSql);
        _deleteCursorSql = database.Qualify(DeleteCursorSql);
        _deleteParkedSql = database.Qualify(DeleteParkedSql);
        _deleteReplaySql = database.Qualify(DeleteReplaySql);
        _deleteReportSql = database.Qualify(DeleteReportSql);
    }

    public Task<AddPublisherResult> TryAddAsync(NewPublisher publisher, CancellationToken cancellationToken) =>
        _database.QueryBatchAsync(
            [
                (_lockTopicSql, [Of("topic", publisher.Topic)]),
                (_addSql,
                [
                    Of("topic", publisher.Topic), Of("type", publisher.Type), Of("target", publisher.Target), Of("active", publisher.Active),
                    Of("from_now", publisher.FromNow), Of("settings", publisher.Settings.ToJson()), Of("max", (long)IPublisherStore.MaxPublishersPerTopic),
                ]),
            ],
            ReadAddedAsync,
            cancellationToken);

    public Task<Publisher?> FindAsync(long id, CancellationToken cancellationToken) =>
        _database.QueryAsync(_findSql, [Of("ids", [id])], ReadOneAsync, cancellationToken);

    public Task<IReadOnlyList<Publisher>> FindManyAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _findSql, [Of("ids", ids.ToArray())], (reader, deadline) => reader.ReadListAsync(row => PublisherRow.Read(row), deadline), cancellationToken);

    public Task<PublisherStatus?> FindStatusAsync(long id, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _findStatusSql,
            [Of("id", id)],
            async (reader, deadline) => await reader.ReadAsync(deadline).ConfigureAwait(false) ? ReadStatus(reader) : null,
            cancellationToken);

    public Task<IReadOnlyList<PublisherStatus>> ListAsync(long? topicId, long afterId, int limit, CancellationToken cancellationToken) =>
        _database.LookAsync(
            [topicId is { } topic
                ? (_listOfTopicSql, [Of("topic_id", topic), Of("after_id", afterId), Of("limit", limit)])
                : (_listSql, [Of("after_id", afterId), Of("limit", limit)])],
            (reader, deadline) => reader.ReadListAsync(ReadStatus, deadline),
            cancellationToken);

    public Task<Publisher?> UpdateAsync(long id, PublisherChange change, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _updateSql,
            [
                Of("id", id), Of("active", change.Active), Of("paused_reason", change.PausedReason), Of("settings", change.Settings?.ToJson()),
                Of("version", change.IfVersion),
            ],
            ReadOneAsync,
            cancellationToken);

    public Task<bool> DeleteAsync(long id, CancellationToken cancellationToken) =>
        _database.QueryBatchAsync(
            [
                (_markDeletedSql, [Of("id", id)]), (_deleteCursorSql, [Of("id", id)]), (_deleteParkedSql, [Of("id", id)]),
                (_deleteReplaySql, [Of("id", id)]), (_deleteReportSql, [Of("id", id)]),
            ],
            (reader, deadline) => reader.ReadAsync(deadline),
            cancellationToken);

    private static async Task<AddPublisherResult> ReadAddedAsync(NpgsqlDataReader reader, CancellationToken deadline)
    {
        await reader.NextResultAsync(deadline).ConfigureAwait(false);
        return !await reader.ReadAsync(deadline).ConfigureAwait(false) ? new(AddPublisherStatus.UnknownTopic)
            : reader.GetBoolean(0) ? new(AddPublisherStatus.AlreadyExists)
            : reader.GetBoolean(1) ? new(AddPublisherStatus.TooMany)
            : new(AddPublisherStatus.Added, PublisherRow.Read(reader, 2));
    }

    private static async Task<Publisher?> ReadOneAsync(NpgsqlDataReader reader, CancellationToken deadline) =>
        await reader.ReadAsync(deadline).ConfigureAwait(false) ? PublisherRow.Read(reader) : null;

    private static PublisherStatus ReadStatus(NpgsqlDataReader reader)
    {
        const int Next = PublisherRow.Count;
        return new(
            PublisherRow.Read(reader), reader.GetInt64(Next), reader.GetInt64(Next + 1), reader.GetInt64(Next + 2), reader.GetInt64(Next + 3),
            reader.GetInt64(Next + 4), reader.GetInt64(Next + 5));
    }
}
