using Postoffice.Deliveries;
using Postoffice.Messages;

namespace Postoffice.Storage.Postgres;

/// <summary>
/// Puts the statement of a search together from what is asked for. The candidates are found through an index, at most a chunk of them; the rest is asked for each
/// candidate by a key. OFFSET 0 holds the planner to that: what it guesses of a chunk would let it read a whole table at times. Where the search ends is asked
/// behind the LIMIT: as a condition of the index it may, where statistics are old, make the planner read all up to there and sort it.
/// </summary>
internal static class MessageSearchSql
{
    // Of all publishers of the message's topic, or of the one that is asked for.
    private const string PublishersSql = "postoffice.publishers WHERE publishers.topic_id = looked.topic_id AND publishers.deleted_at IS NULL";

    private const string OnePublisherSql = " AND publishers.id = @publisher_id";

    private const string IsDeadSql = """
        EXISTS (
            SELECT FROM postoffice.dead_letters AS dead
            WHERE dead.topic_id = looked.topic_id AND dead.publisher_id = publishers.id AND dead.position = looked.position OFFSET 0
        )
        """;

    private const string IsParkedSql = """
        EXISTS (
            SELECT FROM postoffice.parked_deliveries AS parked
            WHERE parked.topic_id = looked.topic_id AND parked.publisher_id = publishers.id AND parked.position = looked.position OFFSET 0
        )
        """;

    // get_bit counts from the lowest bit of the first byte, as the bitmap does. CASE, since only it keeps the order of its parts.
    private const string IsOpenSql = """
        CASE
            WHEN looked.position <= cursors.cursor THEN false
            WHEN looked.position - cursors.cursor > 8 * length(cursors.settled_above) THEN true
            ELSE get_bit(cursors.settled_above, looked.position - cursors.cursor - 1) = 0
        END
        """;

    private const string IsWaitingSql = $"""
        EXISTS (
            SELECT FROM postoffice.publisher_cursors AS cursors
            WHERE cursors.publisher_id = publishers.id AND {IsOpenSql} OFFSET 0
        ) AND looked.position > publishers.start_position
        """;

    // The last entry counts: a replay may have delivered what was skipped or discarded before. Unpacked block by block and not looked for by position: of the
    // messages of a chunk most stand in the same few rows.
    private const string LoggedSql = $$"""
        , logged AS MATERIALIZED (
            SELECT DISTINCT looked.topic_id, looked.position
            FROM (
                SELECT DISTINCT ON (entry.publisher_id, entry.position) entry.topic_id, entry.publisher_id AS id, entry.position, entry.outcome
                FROM (SELECT DISTINCT topic_id, position / 1024 AS block FROM looked) AS looked
                CROSS JOIN LATERAL (SELECT publishers.id FROM {{PublishersSql}}/* one */ OFFSET 0) AS publishers
                CROSS JOIN LATERAL (
                    SELECT log.topic_id, log.publisher_id, log.outcome, log.settled_at, unnest(log.positions) AS position
                    FROM postoffice.delivery_log AS log
                    WHERE log.topic_id = looked.topic_id AND log.publisher_id = publishers.id AND log.block = looked.block OFFSET 0
                ) AS entry
                ORDER BY entry.publisher_id, entry.position, entry.settled_at DESC
            ) AS publishers
            JOIN looked ON looked.topic_id = publishers.topic_id AND looked.position = publishers.position
            WHERE publishers.outcome = @outcome AND NOT {{IsDeadSql}} AND NOT {{IsParkedSql}}
        )
        """;

    private const string IsLoggedSql = "EXISTS (SELECT FROM logged WHERE logged.topic_id = looked.topic_id AND logged.position = looked.position)";

    // Without the delivery log: what is neither open nor parked nor dead is settled, in whatever way.
    private const string CountsSql = $"""
        SELECT count(*) FILTER (WHERE standing.is_waiting) AS waiting, count(*) FILTER (WHERE standing.is_parked) AS parked,
            count(*) FILTER (WHERE standing.is_dead) AS dead_lettered,
            count(*) FILTER (WHERE NOT (standing.is_waiting OR standing.is_parked OR standing.is_dead)) AS settled
        FROM (
            SELECT rows.is_dead, rows.is_parked AND NOT rows.is_dead AS is_parked,
                NOT rows.is_dead AND NOT rows.is_parked AND {IsOpenSql} AS is_waiting
            FROM (SELECT publishers.id, publishers.start_position, {IsDeadSql} AS is_dead, {IsParkedSql} AS is_parked FROM {PublishersSql} OFFSET 0) AS rows
            CROSS JOIN LATERAL (SELECT cursor, settled_above FROM postoffice.publisher_cursors WHERE publisher_id = rows.id OFFSET 0) AS cursors
            WHERE rows.is_dead OR rows.is_parked OR looked.position > rows.start_position
        ) AS standing
        """;

    // Only the beginning of the payload is read: it is stored in pieces, not compressed.
    private const string AnswerSql = $"""
        SELECT chunk.is_all, chunk.scanned, chunk.received_at, chunk.topic_id, chunk.position,
            looked.ordinal, messages.id, messages.topic_id, topics.name, messages.position, messages.received_at, messages.ordering_key, messages.content_type,
            messages.attributes, octet_length(messages.payload), substring(messages.payload FROM 1 FOR @excerpt),
            counts.waiting, counts.parked, counts.dead_lettered, counts.settled
        FROM (
            SELECT seen.is_short AND seen.within = last.ordinal AS is_all, last.ordinal AS scanned, last.received_at, last.topic_id, last.position
            FROM (SELECT count(*) FILTER (WHERE is_within) AS within, count(*) FILTER (WHERE is_within) < @chunk AS is_short FROM candidate) AS seen
            CROSS JOIN (SELECT * FROM looked ORDER BY ordinal DESC LIMIT 1) AS last
        ) AS chunk
        LEFT JOIN (
            found AS looked
            CROSS JOIN LATERAL (
                SELECT * FROM postoffice.messages WHERE messages.topic_id = looked.topic_id AND messages.position = looked.position OFFSET 0
            ) AS messages
            JOIN postoffice.topics ON topics.id = looked.topic_id
            CROSS JOIN LATERAL ({CountsSql}) AS counts
        ) ON true
        ORDER BY looked.ordinal
        """;

    /// <param name="query">What is looked for.</param>
    /// <param name="hasPlace">Whether a search across topics begins anywhere but with the newest message.</param>
    /// <returns>The statement; it gives no row when there is nothing to look at.</returns>
    public static string Compose(MessageQuery query, bool hasPlace)
    {
        var order = query.TopicId is null ? "place.received_at DESC, place.topic_id DESC, place.position DESC" : "place.position DESC";

        // The payloads of a chunk may be gigabytes. How long one is can be told without reading it.
        var ahead = query.Text is null ? "" : $", sum(place.size) OVER (ORDER BY {order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ahead";
        var isLogged = query.State is DeliveryStatus.Delivered or DeliveryStatus.Skipped or DeliveryStatus.Discarded;
        return $"""
            WITH candidate AS MATERIALIZED (
                SELECT place.topic_id, place.position, place.received_at, row_number() OVER (ORDER BY {order}) AS ordinal, {Within(query)} AS is_within{ahead}
                FROM (
                    {Candidates(query, hasPlace)} LIMIT @chunk
                ) AS place
            ), looked AS MATERIALIZED (
                SELECT * FROM candidate WHERE is_within{(query.Text is null ? "" : " AND (ahead IS NULL OR ahead < @max_bytes)")}
            ){(isLogged ? LoggedSql.Replace("/* one */", query.PublisherId is null ? "" : OnePublisherSql, StringComparison.Ordinal) : "")}, found AS MATERIALIZED (
                SELECT looked.* FROM looked WHERE {string.Join(" AND ", Conditions(query, isLogged))} ORDER BY looked.ordinal LIMIT @limit
            )
            {AnswerSql}
            """;
    }

    // Nothing waits that every publisher has passed.
    private static string Within(MessageQuery query) => (query.TopicId, query.From, query.State) switch
    {
        (null, null, _) => "true",
        (null, _, _) => "place.received_at >= @from",
        (_, _, DeliveryStatus.Waiting) => $"""
            place.position >= @first AND place.position > (
                    SELECT min(cursors.cursor) FROM postoffice.publishers JOIN postoffice.publisher_cursors AS cursors ON cursors.publisher_id = publishers.id
                    WHERE publishers.topic_id = @topic_id AND publishers.deleted_at IS NULL{(query.PublisherId is null ? "" : OnePublisherSql)}
                )
            """,
        _ => "place.position >= @first",
    };

    private static string Candidates(MessageQuery query, bool hasPlace)
    {
        var size = query.Text is null ? "" : ", octet_length(messages.payload) AS size";
        if (query.TopicId is null)
        {
            return string.Concat(
                $"SELECT messages.topic_id, messages.position, messages.received_at{size} FROM postoffice.messages",
                hasPlace ? " WHERE (messages.received_at, messages.topic_id, messages.position) < (@before_received_at, @before_topic_id, @before_position)" : "",
                " ORDER BY messages.received_at DESC, messages.topic_id DESC, messages.position DESC");
        }

        if (query.IsOfFailures)
        {
            var table = query.State == DeliveryStatus.Parked ? "parked_deliveries" : "dead_letters";
            return $"""
                SELECT messages.topic_id, messages.position, messages.received_at{size}
                FROM (
                    SELECT DISTINCT failed.position
                    FROM postoffice.publishers
                    CROSS JOIN LATERAL (
                        SELECT position FROM postoffice.{table}
                        WHERE topic_id = @topic_id AND publisher_id = publishers.id AND position < @end
                        ORDER BY position DESC LIMIT @chunk
                    ) AS failed
                    WHERE publishers.topic_id = @topic_id AND publishers.deleted_at IS NULL{(query.PublisherId is null ? "" : OnePublisherSql)}
                    ORDER BY failed.position DESC LIMIT @chunk
                ) AS failed
                CROSS JOIN LATERAL (
                    SELECT * FROM postoffice.messages WHERE messages.topic_id = @topic_id AND messages.position = failed.position OFFSET 0
                ) AS messages
                ORDER BY messages.position DESC
                """;
        }

        return $"""
            SELECT messages.topic_id, messages.position, messages.received_at{size} FROM postoffice.messages
            WHERE messages.topic_id = @topic_id AND messages.position < @end
            ORDER BY messages.position DESC
            """;
    }

    private static IEnumerable<string> Conditions(MessageQuery query, bool isLogged)
    {
        if (query.State is not null)
        {
            yield return isLogged ? IsLoggedSql : $"""
                EXISTS (
                    SELECT FROM {PublishersSql}{(query.PublisherId is null ? "" : OnePublisherSql)} AND {Standing(query.State.Value)} OFFSET 0
                )
                """;
        }

        yield return !query.LooksInside ? "true" : $"""
            EXISTS (
                SELECT FROM postoffice.messages WHERE messages.topic_id = looked.topic_id AND messages.position = looked.position
                    {(query.Attributes.Count == 0 ? "" : "AND messages.attributes @> @attributes::jsonb")}
                    {(query.Text is null ? "" : "AND position(@text IN messages.payload) > 0")}
                OFFSET 0
            )
            """;
    }

    private static string Standing(DeliveryStatus state) => state switch
    {
        DeliveryStatus.DeadLettered => IsDeadSql,
        DeliveryStatus.Parked => $"{IsParkedSql} AND NOT {IsDeadSql}",
        DeliveryStatus.Waiting => $"{IsWaitingSql} AND NOT {IsParkedSql} AND NOT {IsDeadSql}",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Nothing can be searched by it."),
    };
}
