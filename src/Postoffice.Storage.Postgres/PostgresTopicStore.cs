using Npgsql;
using Postoffice.Topics;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>Topics by name and number.</summary>
internal sealed class PostgresTopicStore : ITopicStore
{
    // Of concurrent calls with one name, the later ones wait for the first to commit and then add nothing.
    private const string AddSql = """
        WITH topic AS (
            INSERT INTO postoffice.topics (name, origin_host, recovery_enabled, created_at)
            VALUES (@name, @origin_host, @recovery_enabled, postoffice.current_instant())
            ON CONFLICT (name) DO NOTHING
            RETURNING id, name, origin_host, recovery_enabled, created_at
        ), head AS (
            INSERT INTO postoffice.topic_heads (topic_id, last_position) SELECT id, 0 FROM topic
        )
        SELECT id, name, origin_host, recovery_enabled, created_at FROM topic
        """;

    private const string FindByNameSql = "SELECT id, name, origin_host, recovery_enabled, created_at FROM postoffice.topics WHERE name = @name";

    private const string FindByIdSql = "SELECT id, name, origin_host, recovery_enabled, created_at FROM postoffice.topics WHERE id = @id";

    private const string ListSql = """
        SELECT id, name, origin_host, recovery_enabled, created_at FROM postoffice.topics
        WHERE id > @after_id ORDER BY id LIMIT @limit
        """;

    // The topic's row keeps publishers and staged messages from coming in (their foreign keys lock it), the head's row keeps messages from coming in.
    // In the order in which a keyed stage takes them: head first, then topic.
    private const string LockHeadSql = """
        SELECT FROM postoffice.topic_heads WHERE topic_id = (SELECT id FROM postoffice.topics WHERE name = @name) FOR UPDATE
        """;

    private const string LockTopicSql = "SELECT FROM postoffice.topics WHERE name = @name FOR UPDATE";

    // After the locks, so that the snapshot has what was written before them. What deleted publishers left goes with the topic.
    private const string DeleteSql = """
        WITH topic AS MATERIALIZED (
            SELECT id FROM postoffice.topics WHERE name = @name
        ), unused AS MATERIALIZED (
            SELECT id FROM topic
            WHERE NOT EXISTS (SELECT FROM postoffice.messages WHERE topic_id = topic.id)
                AND NOT EXISTS (SELECT FROM postoffice.staged_messages WHERE topic_id = topic.id)
                AND NOT EXISTS (SELECT FROM postoffice.publishers WHERE topic_id = topic.id AND deleted_at IS NULL)
        ), publishers AS (
            DELETE FROM postoffice.publishers USING unused WHERE publishers.topic_id = unused.id
        ), dead_letters AS (
            DELETE FROM postoffice.dead_letters USING unused WHERE dead_letters.topic_id = unused.id
        ), delivery_log AS (
            DELETE FROM postoffice.delivery_log USING unused WHERE delivery_log.topic_id = unused.id
        ), failed_attempts AS (
            DELETE FROM postoffice.failed_attempts USING unused WHERE failed_attempts.topic_id = unused.id
        ), deleted AS (
            DELETE FROM postoffice.topics USING unused WHERE topics.id = unused.id
        )
        SELECT EXISTS (SELECT FROM topic), EXISTS (SELECT FROM unused)
        """;

    private readonly PostgresDatabase _database;
    private readonly string _addSql;
    private readonly string _findByNameSql;
    private readonly string _findByIdSql;
    private readonly string _listSql;
    private readonly string _lockHeadSql;
    private readonly string _lockTopicSql;
    private readonly string _deleteSql;

    public PostgresTopicStore(PostgresDatabase database)
    {
        _database = database;
        _addSql = database.Qualify(AddSql);
        _findByNameSql = database.Qualify(FindByNameSql);
        _findByIdSql = database.Qualify(FindByIdSql);
        _listSql = database.Qualify(ListSql);
        _lockHeadSql = database.Qualify(LockHeadSql);
        _lockTopicSql = database.Qualify(LockTopicSql);
        _deleteSql = database.Qualify(DeleteSql);
    }

    public Task<Topic?> TryAddAsync(NewTopic topic, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _addSql,
            [Of("name", topic.Name), Of("origin_host", topic.OriginHost), Of("recovery_enabled", topic.RecoveryEnabled)],
            ReadOneAsync,
            cancellationToken);

    public Task<Topic?> FindAsync(string name, CancellationToken cancellationToken) =>
        _database.QueryAsync(_findByNameSql, [Of("name", name)], ReadOneAsync, cancellationToken);

    public Task<Topic?> FindAsync(long id, CancellationToken cancellationToken) =>
        _database.QueryAsync(_findByIdSql, [Of("id", id)], ReadOneAsync, cancellationToken);

    public Task<IReadOnlyList<Topic>> ListAsync(long afterId, int limit, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _listSql,
            [Of("after_id", afterId), Of("limit", limit)],
            (reader, deadline) => reader.ReadListAsync(ReadTopic, deadline),
            cancellationToken);

    public Task<DeleteTopicStatus> TryDeleteAsync(string name, CancellationToken cancellationToken) =>
        _database.QueryBatchAsync(
            [(_lockHeadSql, [Of("name", name)]), (_lockTopicSql, [Of("name", name)]), (_deleteSql, [Of("name", name)])],
            async (reader, deadline) =>
            {
                await reader.NextResultAsync(deadline).ConfigureAwait(false);
                await reader.NextResultAsync(deadline).ConfigureAwait(false);
                await reader.ReadAsync(deadline).ConfigureAwait(false);
                return !reader.GetBoolean(0) ? DeleteTopicStatus.NotFound : reader.GetBoolean(1) ? DeleteTopicStatus.Deleted : DeleteTopicStatus.InUse;
            },
            cancellationToken);

    private static async Task<Topic?> ReadOneAsync(NpgsqlDataReader reader, CancellationToken deadline) =>
        await reader.ReadAsync(deadline).ConfigureAwait(false) ? ReadTopic(reader) : null;

    private static Topic ReadTopic(NpgsqlDataReader reader) =>
        new(reader.GetInt64(0), reader.GetString(1), reader.GetNullableString(2), reader.GetBoolean(3), reader.GetFieldValue<DateTimeOffset>(4));
}
