using System.Collections.Concurrent;
using Postoffice.Deliveries;
using Postoffice.Messages;

namespace Postoffice.Storage.Sqlite;

/// <summary>
/// The statement of a search, in as many editions as there are ways to ask. The candidates are found through an index, at most a chunk of them; all the rest is
/// asked for each candidate by a key. CROSS JOIN keeps the order of the tables.
/// </summary>
internal static class MessageSearchQuery
{
    // Of all publishers of the message's topic, or of the one that is asked for.
    private const string IsAsked = "p.deleted_at IS NULL AND (@publisher_id IS NULL OR p.id = @publisher_id)";

    private const string IsDead =
        "EXISTS (SELECT 1 FROM dead_letters x WHERE x.topic_id = l.topic_id AND x.publisher_id = p.id AND x.position = l.position)";

    private const string IsParked =
        "EXISTS (SELECT 1 FROM parked_deliveries d WHERE d.topic_id = l.topic_id AND d.publisher_id = p.id AND d.position = l.position)";

    private const string IsOpen = """
        EXISTS (SELECT 1 FROM publisher_cursors c
            WHERE c.publisher_id = p.id AND l.position > c.cursor AND NOT postoffice_is_settled(c.cursor, c.settled_above, l.position))
        """;

    private const string AcrossTopicsSql = """
        WHERE m.received_at >= @from AND m.received_at < @to
            AND (m.received_at, m.topic_id, m.position) < (@after_received_at, @after_topic_id, @after_position)
        ORDER BY m.received_at DESC, m.topic_id DESC, m.position DESC LIMIT @chunk
        """;

    // Nothing waits that every publisher has passed.
    private const string FloorSql = $"""
         AND m.position > (SELECT min(c.cursor) FROM publishers p CROSS JOIN publisher_cursors c ON c.publisher_id = p.id
            WHERE p.topic_id = @topic_id AND {IsAsked})
        """;

    // The last entry counts: a replay may have delivered what was skipped or discarded before. With max, the other columns are those of the row that has it.
    // Unpacked block by block and not looked for by position: of the messages of a chunk most stand in the same few rows.
    private const string LoggedSql = $"""
        , logged AS MATERIALIZED (
            SELECT b.topic_id, p.id AS publisher_id, e.value AS position, g.outcome, max(g.id)
            FROM (SELECT DISTINCT topic_id, position / 1024 AS block FROM looked) b
            CROSS JOIN publishers p ON p.topic_id = b.topic_id AND {IsAsked}
            CROSS JOIN delivery_log g ON g.topic_id = b.topic_id AND g.publisher_id = p.id AND g.block = b.block
            CROSS JOIN json_each(g.positions) e
            GROUP BY p.id, e.value
        ), settled AS MATERIALIZED (
            SELECT DISTINCT l.topic_id, l.position FROM logged l CROSS JOIN publishers p ON p.id = l.publisher_id
            WHERE l.outcome = @outcome AND NOT {IsDead} AND NOT {IsParked}
        )
        """;

    // What is neither open nor parked nor dead is settled, in whatever way: the delivery log need not be asked. A part of an empty payload is null to SQLite.
    private const string AnswerSql = $"""
        , standing AS MATERIALIZED (
            SELECT l.ordinal, {IsDead} AS is_dead, {IsParked} AS is_parked, {IsOpen} AS is_open, l.position > p.start_position AS is_subscribed
            FROM found l CROSS JOIN publishers p ON p.topic_id = l.topic_id AND p.deleted_at IS NULL
        ), counts AS MATERIALIZED (
            SELECT ordinal, sum(is_open AND NOT is_parked AND NOT is_dead) AS waiting, sum(is_parked AND NOT is_dead) AS parked, sum(is_dead) AS dead,
                sum(NOT is_open AND NOT is_parked AND NOT is_dead) AS settled
            FROM standing WHERE is_subscribed OR is_parked OR is_dead GROUP BY ordinal
        )
        SELECT (SELECT count(*) FROM candidate), (SELECT count(*) FROM looked), last.received_at, last.topic_id, last.position,
            l.ordinal, m.id, m.topic_id, t.name, m.position, m.received_at, m.ordering_key, m.content_type, m.attributes, length(m.payload),
            coalesce(substr(m.payload, 1, @excerpt), x''), coalesce(c.waiting, 0), coalesce(c.parked, 0), coalesce(c.dead, 0), coalesce(c.settled, 0)
        FROM (SELECT received_at, topic_id, position FROM looked ORDER BY ordinal DESC LIMIT 1) last
        LEFT JOIN found l ON true
        LEFT JOIN messages m ON m.topic_id = l.topic_id AND m.position = l.position
        LEFT JOIN topics t ON t.id = m.topic_id
        LEFT JOIN counts c ON c.ordinal = l.ordinal
        ORDER BY l.ordinal
        """;

    private static readonly ConcurrentDictionary<Shape, string> Editions = new();

    /// <returns>The same object for the same way of asking, as a session's statements must be. It gives no row when there is nothing to look at.</returns>
    public static string Sql(MessageQuery query) => Editions.GetOrAdd(
        new Shape(query.TopicId is not null, query.State, query.Attributes.Count > 0, query.Text is not null), static shape => Compose(shape));

    private static string Compose(Shape shape)
    {
        var order = shape.IsOfTopic ? "position DESC" : "received_at DESC, topic_id DESC, position DESC";

        // The payloads of a chunk may be gigabytes. How long one is can be told without reading it.
        var ahead = shape.HasText ? $", sum(size) OVER (ORDER BY {order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)" : ", 0";
        return $"""
            WITH candidate AS MATERIALIZED (
                SELECT topic_id, position, received_at, row_number() OVER (ORDER BY {order}) AS ordinal{ahead} AS ahead
                FROM (SELECT m.topic_id, m.position, m.received_at{(shape.HasText ? ", length(m.payload) AS size" : "")} {Candidates(shape)})
            ), looked AS MATERIALIZED (
                SELECT * FROM candidate WHERE ahead IS NULL OR ahead < @max_bytes
            ){(shape.IsLogged ? LoggedSql : "")}, found AS MATERIALIZED (
                SELECT l.* FROM looked l CROSS JOIN messages m ON m.topic_id = l.topic_id AND m.position = l.position
                WHERE {string.Join(" AND ", Conditions(shape))}
                ORDER BY l.ordinal LIMIT @limit
            ){AnswerSql}
            """;
    }

    private static string Candidates(Shape shape)
    {
        if (!shape.IsOfTopic)
        {
            return $"FROM messages m {AcrossTopicsSql}";
        }

        if (shape.State is DeliveryStatus.Parked or DeliveryStatus.DeadLettered)
        {
            return OfFailures(shape.State == DeliveryStatus.Parked ? "parked_deliveries" : "dead_letters");
        }

        return $"""
            FROM messages m WHERE m.topic_id = @topic_id AND m.position >= @first AND m.position < @end{(shape.State == DeliveryStatus.Waiting ? FloorSql : "")}
            ORDER BY m.position DESC LIMIT @chunk
            """;
    }

    // Of each publisher no more than a chunk, however many it has: its rows begin where a chunk of them ends.
    private static string OfFailures(string table) => $"""
        FROM (
            SELECT DISTINCT f.position AS failed
            FROM publishers p CROSS JOIN {table} f ON f.topic_id = @topic_id AND f.publisher_id = p.id AND f.position < @end AND f.position >= coalesce(
                (SELECT o.position FROM {table} o WHERE o.topic_id = @topic_id AND o.publisher_id = p.id AND o.position >= @first AND o.position < @end
                    ORDER BY o.position DESC LIMIT 1 OFFSET @chunk - 1), @first)
            WHERE p.topic_id = @topic_id AND {IsAsked}
            ORDER BY f.position DESC LIMIT @chunk
        ) CROSS JOIN messages m ON m.topic_id = @topic_id AND m.position = failed
        """;

    private static IEnumerable<string> Conditions(Shape shape)
    {
        if (shape.State is { } state)
        {
            yield return shape.IsLogged
                ? "(l.topic_id, l.position) IN (SELECT topic_id, position FROM settled)"
                : $"EXISTS (SELECT 1 FROM publishers p WHERE p.topic_id = l.topic_id AND {IsAsked} AND {Standing(state)})";
        }

        if (shape.HasAttributes)
        {
            yield return """
                NOT EXISTS (SELECT 1 FROM json_each(@attributes) a
                    WHERE NOT EXISTS (SELECT 1 FROM json_each(m.attributes) h WHERE h.key = a.key AND h.value = a.value))
                """;
        }

        yield return shape.HasText ? "instr(m.payload, @text) > 0" : "true";
    }

    private static string Standing(DeliveryStatus state) => state switch
    {
        DeliveryStatus.DeadLettered => IsDead,
        DeliveryStatus.Parked => $"{IsParked} AND NOT {IsDead}",
        DeliveryStatus.Waiting => $"l.position > p.start_position AND {IsOpen} AND NOT {IsParked} AND NOT {IsDead}",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Nothing can be searched by it."),
    };

    private readonly record struct Shape(bool IsOfTopic, DeliveryStatus? State, bool HasAttributes, bool HasText)
    {
        public bool IsLogged => State is DeliveryStatus.Delivered or DeliveryStatus.Skipped or DeliveryStatus.Discarded;
    }
}
