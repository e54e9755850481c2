using Npgsql;
using Postoffice.Publishers;

namespace Postoffice.Storage.Postgres;

/// <summary>A publisher as a row: its columns, in the order in which <see cref="Read"/> takes them.</summary>
internal static class PublisherRow
{
    public const string Columns = """
        publishers.id, publishers.topic_id, topics.name, publishers.type, publishers.target, publishers.active, publishers.paused_reason,
            publishers.settings, publishers.start_position, publishers.version, publishers.created_at, publishers.updated_at,
            publishers.paused_at
        """;

    public const int Count = 13;

    public static Publisher Read(NpgsqlDataReader reader, int first = 0) => new()
    {
        Id = reader.GetInt64(first),
        TopicId = reader.GetInt64(first + 1),
        Topic = reader.GetString(first + 2),
        Type = reader.GetString(first + 3),
        Target = reader.GetString(first + 4),
        Active = reader.GetBoolean(first + 5),
        PausedReason = reader.GetNullableString(first + 6),
        Settings = PublisherSettings.FromJson(reader.GetString(first + 7)),
        StartPosition = reader.GetInt64(first + 8),
        Version = reader.GetInt32(first + 9),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(first + 10),
        UpdatedAt = reader.GetFieldValue<DateTimeOffset>(first + 11),

        // A node of the version before leaves the time in the row when it resumes a publisher.
        PausedAt = reader.GetBoolean(first + 5) ? null : reader.GetNullableTime(first + 12),
    };
}
