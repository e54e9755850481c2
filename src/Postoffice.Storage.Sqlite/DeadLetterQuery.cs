using Microsoft.Data.Sqlite;
using Postoffice.Deliveries;

namespace Postoffice.Storage.Sqlite;

/// <summary>
/// The questions about dead letters, in three editions: of all, of one publisher, of a list. Each edition walks an index of its own; what else the filter
/// asks for is looked at on the way. A publisher that is deleted has none.
/// </summary>
internal sealed class DeadLetterQuery
{
    private const string Columns =
        "x.publisher_id, p.target, x.topic_id, t.name, x.position, m.id, x.ordering_key, x.blocks_key, x.attempts, x.status_code, x.reason, x.error, " +
        "x.error_group, m.received_at, x.died_at";

    private const string Where = """
        x.died_at >= @from AND x.died_at < @to AND (@topic_id IS NULL OR x.topic_id = @topic_id)
            AND (@reason IS NULL OR x.reason = @reason) AND (@error_group IS NULL OR x.error_group = @error_group)
        """;

    // CROSS JOIN keeps the order of the tables: the rows come as the index has them, and are not sorted.
    private static readonly DeadLetterQuery OfAll = new("dead_letters x CROSS JOIN publishers p ON p.id = x.publisher_id AND p.deleted_at IS NULL", Where);

    private static readonly DeadLetterQuery OfPublisher = new(
        "publishers p CROSS JOIN dead_letters x ON x.publisher_id = p.id", $"p.id = @publisher_id AND p.deleted_at IS NULL AND {Where}");

    private static readonly DeadLetterQuery OfList = new(
        """
        json_each(@ids) i CROSS JOIN publishers p ON p.id = i.value ->> 0 AND p.deleted_at IS NULL
        CROSS JOIN dead_letters x ON x.topic_id = p.topic_id AND x.publisher_id = p.id AND x.position = i.value ->> 1
        """,
        $"(@publisher_id IS NULL OR p.id = @publisher_id) AND {Where}");

    private DeadLetterQuery(string from, string where)
    {
        ListSql = $"""
            SELECT {Columns} FROM {from} CROSS JOIN topics t ON t.id = x.topic_id CROSS JOIN messages m ON m.topic_id = x.topic_id AND m.position = x.position
            WHERE {where} AND (x.died_at, x.publisher_id, x.position) < (@after_died_at, @after_publisher_id, @after_position)
            ORDER BY x.died_at DESC, x.publisher_id DESC, x.position DESC LIMIT @limit
            """;
        CountSql = $"SELECT count(*) FROM {from} WHERE {where}";
        GroupsSql = $"""
            SELECT x.reason, x.error_group, count(*), min(x.died_at), max(x.died_at) FROM {from} WHERE {where}
            GROUP BY x.reason, x.error_group ORDER BY count(*) DESC, max(x.died_at) DESC LIMIT @limit
            """;
        OldestSql = $"""
            SELECT x.topic_id, x.publisher_id, x.position, x.attempts, x.status_code, x.ordering_key, x.blocks_key FROM {from} WHERE {where}
            ORDER BY x.died_at, x.publisher_id, x.position LIMIT @limit
            """;
    }

    // Composed once, so each is the same object for ever, as a session's statements must be.
    public string ListSql { get; }

    public string CountSql { get; }

    public string GroupsSql { get; }

    public string OldestSql { get; }

    public static DeadLetterQuery For(DeadLetterFilter filter) => filter.Ids is not null ? OfList : filter.PublisherId is not null ? OfPublisher : OfAll;

    /// <summary>The values of the statement, in the same order for each of them.</summary>
    public static (string Name, object? Value)[] Parameters(DeadLetterFilter filter, DeadLetterPlace? after = null, int limit = 0)
    {
        var to = filter.To?.ToMicroseconds() ?? long.MaxValue;
        return
        [
            ("@publisher_id", filter.PublisherId),
            ("@topic_id", filter.TopicId),
            ("@reason", filter.Reason),
            ("@error_group", filter.Group),
            ("@from", filter.From?.ToMicroseconds() ?? long.MinValue),

            // What follows a place begins where that one died: the walk starts there, and is not left to find it.
            ("@to", after is { } place ? Math.Min(to, place.DiedAt.ToMicroseconds() + 1) : to),
            ("@ids", filter.Ids is null ? null : $"[{string.Join(',', filter.Ids.Distinct().Select(id => $"[{id.PublisherId},{id.Position}]"))}]"),
            ("@after_died_at", after?.DiedAt.ToMicroseconds() ?? long.MaxValue),
            ("@after_publisher_id", after?.PublisherId ?? long.MaxValue),
            ("@after_position", after?.Position ?? long.MaxValue),
            ("@limit", limit),
        ];
    }

    public static DeadLetter Read(SqliteDataReader reader) => new()
    {
        PublisherId = reader.GetInt64(0),
        Target = reader.GetString(1),
        TopicId = reader.GetInt64(2),
        Topic = reader.GetString(3),
        Position = reader.GetInt64(4),
        MessageId = Guid.Parse(reader.GetString(5)),
        OrderingKey = reader.IsDBNull(6) ? null : reader.GetString(6),
        BlocksKey = reader.GetBoolean(7),
        Attempts = reader.GetInt32(8),
        StatusCode = reader.IsDBNull(9) ? null : reader.GetInt32(9),
        Reason = reader.GetString(10),
        Error = reader.GetString(11),
        Group = reader.GetString(12),
        ReceivedAt = SqliteTime.ToTime(reader.GetInt64(13)),
        DiedAt = SqliteTime.ToTime(reader.GetInt64(14)),
    };
}
