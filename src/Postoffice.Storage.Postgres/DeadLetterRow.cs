using Npgsql;
using Postoffice.Deliveries;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>A dead letter as a row: its columns, in the order in which <see cref="Read"/> takes them, and how a filter chooses among them.</summary>
internal static class DeadLetterRow
{
    public const string Columns = """
        dead.publisher_id, publishers.target, dead.topic_id, topics.name, dead.position, messages.id, dead.ordering_key, dead.blocks_key, dead.attempts,
            dead.status_code, dead.reason, dead.error, dead.error_group, messages.received_at, dead.died_at
        """;

    public const int Count = 15;

    /// <summary>The dead letters of publishers that are still there. Conditions follow.</summary>
    public const string Source = """
        postoffice.dead_letters AS dead
            JOIN postoffice.publishers ON publishers.id = dead.publisher_id AND publishers.topic_id = dead.topic_id AND publishers.deleted_at IS NULL
        """;

    /// <summary>What is joined to a few dead letters that are chosen already, named <c>dead</c>, to read them as <see cref="Columns"/>.</summary>
    public const string Details = """
        JOIN postoffice.publishers ON publishers.id = dead.publisher_id
        JOIN postoffice.topics ON topics.id = dead.topic_id
        JOIN postoffice.messages ON messages.topic_id = dead.topic_id AND messages.position = dead.position
        """;

    // With the topic, which only the publisher knows, each is a look-up by the table's key. As an array of their topics, in the order of the publishers: joined
    // instead, the planner may walk all letters of the publisher for each.
    private const string IdsCondition = """
         AND (dead.topic_id, dead.publisher_id, dead.position) IN (SELECT * FROM unnest(
                ARRAY(
                    SELECT owner.topic_id FROM unnest(@id_publishers) WITH ORDINALITY AS asked (id, place)
                    LEFT JOIN postoffice.publishers AS owner ON owner.id = asked.id
                    ORDER BY asked.place),
                @id_publishers, @id_positions))
        """;

    public static DeadLetter Read(NpgsqlDataReader row) => new()
    {
        PublisherId = row.GetInt64(0),
        Target = row.GetString(1),
        TopicId = row.GetInt64(2),
        Topic = row.GetString(3),
        Position = row.GetInt64(4),
        MessageId = row.GetGuid(5),
        OrderingKey = row.GetNullableString(6),
        BlocksKey = row.GetBoolean(7),
        Attempts = row.GetInt32(8),
        StatusCode = row.GetNullableInt32(9),
        Reason = row.GetString(10),
        Error = row.GetString(11),
        Group = row.GetString(12),
        ReceivedAt = row.GetFieldValue<DateTimeOffset>(13),
        DiedAt = row.GetFieldValue<DateTimeOffset>(14),
    };

    /// <returns>The conditions of the filter, each with its AND in front. What it does not name is not in the statement, so that the server plans with what is asked for.</returns>
    public static string Conditions(DeadLetterFilter filter) => string.Concat(
        filter.PublisherId is null ? "" : " AND dead.publisher_id = @publisher_id",
        filter.TopicId is null ? "" : " AND dead.topic_id = @topic_id",
        filter.Reason is null ? "" : " AND dead.reason = @reason",
        filter.Group is null ? "" : " AND dead.error_group = @error_group",
        filter.From is null ? "" : " AND dead.died_at >= @from",
        filter.To is null ? "" : " AND dead.died_at < @to",
        filter.Ids is null ? "" : IdsCondition);

    /// <returns>The parameters of <see cref="Conditions"/>.</returns>
    public static NpgsqlParameter[] Parameters(DeadLetterFilter filter)
    {
        List<NpgsqlParameter> parameters = [];
        if (filter.PublisherId is { } publisherId)
        {
            parameters.Add(Of("publisher_id", publisherId));
        }

        if (filter.TopicId is { } topicId)
        {
            parameters.Add(Of("topic_id", topicId));
        }

        if (filter.Reason is { } reason)
        {
            parameters.Add(Of("reason", reason));
        }

        if (filter.Group is { } group)
        {
            parameters.Add(Of("error_group", group));
        }

        if (filter.From is { } from)
        {
            parameters.Add(Of("from", from));
        }

        if (filter.To is { } to)
        {
            parameters.Add(Of("to", to));
        }

        if (filter.Ids is { } ids)
        {
            parameters.Add(Of("id_publishers", ids.Select(id => id.PublisherId).ToArray()));
            parameters.Add(Of("id_positions", ids.Select(id => id.Position).ToArray()));
        }

        return [.. parameters];
    }
}
