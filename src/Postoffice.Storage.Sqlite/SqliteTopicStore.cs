using Microsoft.Data.Sqlite;
using Postoffice.Topics;

namespace Postoffice.Storage.Sqlite;

internal sealed class SqliteTopicStore(SqliteDatabase database) : ITopicStore
{
    private const string Columns = "id, name, origin_host, recovery_enabled, created_at";

    private const string AddSql = $"""
        INSERT INTO topics (name, origin_host, recovery_enabled, created_at)
        VALUES (@name, @origin_host, @recovery_enabled, postoffice_now())
        ON CONFLICT (name) DO NOTHING
        RETURNING {Columns}
        """;

    private const string AddHeadSql = "INSERT INTO topic_heads (topic_id, last_position) VALUES (@topic_id, 0)";

    private const string FindByNameSql = $"SELECT {Columns} FROM topics WHERE name = @name";

    private const string FindSql = $"SELECT {Columns} FROM topics WHERE id = @id";

    private const string ListSql = $"SELECT {Columns} FROM topics WHERE id > @after_id ORDER BY id LIMIT @limit";

    private const string IsInUseSql = """
        SELECT EXISTS (SELECT 1 FROM messages WHERE topic_id = @topic_id)
            OR EXISTS (SELECT 1 FROM staged_messages WHERE topic_id = @topic_id)
            OR EXISTS (SELECT 1 FROM publishers WHERE topic_id = @topic_id AND deleted_at IS NULL)
        """;

    // The head goes with it.
    private const string DeleteSql = "DELETE FROM topics WHERE id = @topic_id";

    public Task<Topic?> TryAddAsync(NewTopic topic, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                var added = ReadOne(session.Query(
                    AddSql, ("@name", topic.Name), ("@origin_host", topic.OriginHost), ("@recovery_enabled", topic.RecoveryEnabled)));
                if (added is not null)
                {
                    session.Execute(AddHeadSql, ("@topic_id", added.Id));
                }

                return added;
            },
            cancellationToken);

    public Task<Topic?> FindAsync(string name, CancellationToken cancellationToken) =>
        database.ReadAsync(session => FindByName(session, name), cancellationToken);

    public Task<Topic?> FindAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync(session => ReadOne(session.Query(FindSql, ("@id", id))), cancellationToken);

    public Task<IReadOnlyList<Topic>> ListAsync(long afterId, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Topic>>(
            session =>
            {
                using var reader = session.Query(ListSql, ("@after_id", afterId), ("@limit", limit));
                var topics = new List<Topic>();
                while (reader.Read())
                {
                    topics.Add(ReadTopic(reader));
                }

                return topics;
            },
            cancellationToken);

    public Task<DeleteTopicStatus> TryDeleteAsync(string name, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                if (FindByName(session, name) is not { } topic)
                {
                    return DeleteTopicStatus.NotFound;
                }

                if (session.Scalar(IsInUseSql, ("@topic_id", topic.Id)) is 1L)
                {
                    return DeleteTopicStatus.InUse;
                }

                session.Execute(DeleteSql, ("@topic_id", topic.Id));
                return DeleteTopicStatus.Deleted;
            },
            cancellationToken);

    private static Topic? FindByName(SqliteSession session, string name) => ReadOne(session.Query(FindByNameSql, ("@name", name)));

    private static Topic? ReadOne(SqliteDataReader rows)
    {
        using var reader = rows;
        return reader.Read() ? ReadTopic(reader) : null;
    }

    private static Topic ReadTopic(SqliteDataReader reader) => new(
        reader.GetInt64(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetBoolean(3), SqliteTime.ToTime(reader.GetInt64(4)));
}
