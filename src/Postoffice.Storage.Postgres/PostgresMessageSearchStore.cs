using Npgsql;
using Postoffice.Deliveries;
using Postoffice.Messages;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>Looks through the logs, one stretch at a time.</summary>
internal sealed class PostgresMessageSearchStore : IMessageSearchStore
{
    // So much payload is looked through in a few tenths of a second.
    private const long MaxBytes = 32 * 1024 * 1024;

    private const int Ordinal = 5;

    private readonly PostgresDatabase _database;
    private readonly string _findPositionSql;

    public PostgresMessageSearchStore(PostgresDatabase database)
    {
        _database = database;
        _findPositionSql = database.Qualify(PositionByTime.FindSql);
    }

    public Task<SearchedChunk> SearchAsync(
        MessageQuery query, LogStretch stretch, MessagePlace? after, int chunk, int limit, CancellationToken cancellationToken) =>
        _database.LookAsync(
            [(_database.Qualify(MessageSearchSql.Compose(query, Before(query, after) is not null)), Parameters(query, stretch, after, chunk, limit + 1))],
            (reader, deadline) => ReadAsync(reader, limit, deadline),
            cancellationToken);

    public Task<long> FirstPositionAsync(long topicId, DateTimeOffset time, CancellationToken cancellationToken) =>
        _database.QueryAsync(
            _findPositionSql,
            [Of("topic_id", topicId), Of("from", time)],
            async (reader, deadline) => await reader.ReadAsync(deadline).ConfigureAwait(false) ? reader.GetInt64(0) : 1,
            cancellationToken);

    /// <summary>Those that <see cref="MessageSearchSql.Compose"/> speaks of; any others are of no account.</summary>
    internal static NpgsqlParameter[] Parameters(MessageQuery query, LogStretch stretch, MessagePlace? after, int chunk, int limit)
    {
        List<NpgsqlParameter> parameters = [Of("chunk", chunk), Of("limit", limit), Of("excerpt", PayloadExcerpt.Bytes)];
        if (query.TopicId is { } topicId)
        {
            parameters.AddRange(
                Of("topic_id", topicId), Of("first", stretch.First), Of("end", Math.Min(stretch.End, after?.Position ?? long.MaxValue)));
        }
        else if (Before(query, after) is { } place)
        {
            parameters.AddRange(
                Of("before_received_at", place.ReceivedAt), Of("before_topic_id", place.TopicId), Of("before_position", place.Position));
        }

        parameters.AddRange(
            Of("publisher_id", query.PublisherId), Of("outcome", Outcome(query.State)), Of("from", query.From),
            Of("attributes", query.Attributes.ToJson()), Of("text", query.Text ?? ReadOnlyMemory<byte>.Empty), Of("max_bytes", MaxBytes));
        return [.. parameters];
    }

    /// <summary>
    /// Where a search across topics begins. The end of its time is a place too, before the first message of that time: two conditions that say nearly the same
    /// would let the planner think that little is left, and read and sort all of it.
    /// </summary>
    internal static MessagePlace? Before(MessageQuery query, MessagePlace? after) =>
        query.To is { } to && (after is not { } place || place.ReceivedAt >= to) ? new MessagePlace(to, TopicId: 0, Position: 0) : after;

    private static int? Outcome(DeliveryStatus? state) => state switch
    {
        DeliveryStatus.Delivered => 1,
        DeliveryStatus.Skipped => 2,
        DeliveryStatus.Discarded => 3,
        _ => null,
    };

    private static async Task<SearchedChunk> ReadAsync(NpgsqlDataReader reader, int limit, CancellationToken deadline)
    {
        var found = new List<FoundMessage>();
        var (scanned, ordinal) = (0, 0);
        MessagePlace? last = null;
        while (await reader.ReadAsync(deadline).ConfigureAwait(false))
        {
            // One more than is returned: the next call begins after the last that is, and finds this one again.
            if (found.Count == limit)
            {
                return new SearchedChunk(found, ordinal, found[^1].Place);
            }

            scanned = (int)reader.GetInt64(1);
            last = reader.GetBoolean(0)
                ? null
                : new MessagePlace(reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt64(3), reader.GetInt64(4));
            if (!reader.IsDBNull(Ordinal))
            {
                ordinal = (int)reader.GetInt64(Ordinal);
                found.Add(ReadMessage(reader, Ordinal + 1));
            }
        }

        return new SearchedChunk(found, scanned, last);
    }

    private static FoundMessage ReadMessage(NpgsqlDataReader row, int first) => new()
    {
        Id = row.GetGuid(first),
        TopicId = row.GetInt64(first + 1),
        Topic = row.GetString(first + 2),
        Position = row.GetInt64(first + 3),
        ReceivedAt = row.GetFieldValue<DateTimeOffset>(first + 4),
        OrderingKey = row.GetNullableString(first + 5),
        ContentType = row.GetString(first + 6),
        Attributes = MessageAttributes.FromJson(row.GetString(first + 7)),
        Size = row.GetInt32(first + 8),
        Excerpt = PayloadExcerpt.Of(row.GetFieldValue<byte[]>(first + 9)),
        Deliveries = new DeliveryCounts(row.GetInt64(first + 10), row.GetInt64(first + 11), row.GetInt64(first + 12), row.GetInt64(first + 13)),
    };
}
