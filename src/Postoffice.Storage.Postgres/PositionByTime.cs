namespace Postoffice.Storage.Postgres;

/// <summary>Finds the place of a time in a topic's log.</summary>
internal static class PositionByTime
{
    /// <summary>
    /// The first message that was received at <c>@from</c> or later: received_at grows with the position, so halving the log finds it in some twenty steps, each one
    /// look-up by the key. "At or after the middle", since retention may have left a gap. Takes topic_id, lowest and head from <c>stand</c>; needs WITH RECURSIVE.
    /// </summary>
    public const string SearchSql = """
        search AS (
            SELECT stand.lowest AS low, stand.head + 1 AS high FROM stand WHERE @from IS NOT NULL
            UNION ALL
            SELECT CASE WHEN middle.is_later THEN search.low ELSE least(middle.position + 1, search.high) END,
                CASE WHEN middle.is_later THEN (search.low + search.high) / 2 ELSE search.high END
            FROM search, stand, LATERAL (
                SELECT coalesce(max(found.position), search.high) AS position, coalesce(bool_and(found.received_at >= @from), true) AS is_later
                FROM (
                    SELECT position, received_at FROM postoffice.messages
                    WHERE topic_id = stand.topic_id AND position >= (search.low + search.high) / 2 ORDER BY position LIMIT 1
                ) AS found
            ) AS middle
            WHERE search.low < search.high
        )
        """;

    /// <summary>The search of one topic by itself.</summary>
    public const string FindSql = $"""
        WITH RECURSIVE stand AS MATERIALIZED (
            SELECT topic_id, last_position AS head,
                coalesce(
                    (SELECT position FROM postoffice.messages WHERE topic_id = topic_heads.topic_id ORDER BY position LIMIT 1), last_position + 1) AS lowest
            FROM postoffice.topic_heads WHERE topic_id = @topic_id
        ), {SearchSql}
        SELECT low FROM search WHERE low >= high LIMIT 1
        """;
}
