using Microsoft.Data.Sqlite;
using Postoffice.Publishers;

namespace Postoffice.Storage.Sqlite;

/// <summary>A publisher's columns, with its topic's name.</summary>
internal static class PublisherRow
{
    /// <summary>How many columns <see cref="Columns"/> has: further ones of a query start here.</summary>
    public const int Count = 13;

    public const string Columns =
        "p.id, p.topic_id, t.name, p.type, p.target, p.active, p.paused_reason, p.paused_at, p.settings, p.start_position, p.version, p.created_at, " +
        "p.updated_at";

    /// <summary>Publishers that are not deleted.</summary>
    public const string From = "publishers p JOIN topics t ON t.id = p.topic_id AND p.deleted_at IS NULL";

    public static Publisher Read(SqliteDataReader reader) => new()
    {
        Id = reader.GetInt64(0),
        TopicId = reader.GetInt64(1),
        Topic = reader.GetString(2),
        Type = reader.GetString(3),
        Target = reader.GetString(4),
        Active = reader.GetBoolean(5),
        PausedReason = reader.IsDBNull(6) ? null : reader.GetString(6),
        PausedAt = reader.IsDBNull(7) ? null : SqliteTime.ToTime(reader.GetInt64(7)),
        Settings = PublisherSettings.FromJson(reader.GetString(8)),
        StartPosition = reader.GetInt64(9),
        Version = reader.GetInt32(10),
        CreatedAt = SqliteTime.ToTime(reader.GetInt64(11)),
        UpdatedAt = SqliteTime.ToTime(reader.GetInt64(12)),
    };
}
