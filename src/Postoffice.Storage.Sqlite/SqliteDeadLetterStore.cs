using Postoffice.Deliveries;

namespace Postoffice.Storage.Sqlite;

internal sealed class SqliteDeadLetterStore(SqliteDatabase database) : IDeadLetterStore
{
    // The pipeline keeps a blocked key in memory; the new version makes it start anew and look.
    private const string RaiseVersionSql = "UPDATE publishers SET version = version + 1 WHERE id = @publisher_id";

    public Task<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterFilter filter, DeadLetterPlace? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<DeadLetter>>(session => List(session, filter, after, limit), cancellationToken);

    public Task<DeadLetter?> FindAsync(DeadLetterId id, CancellationToken cancellationToken) =>
        database.ReadAsync(session => List(session, new DeadLetterFilter { Ids = [id] }, after: null, limit: 1).FirstOrDefault(), cancellationToken);

    public Task<long> CountAsync(DeadLetterFilter filter, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session => (long)session.Scalar(DeadLetterQuery.For(filter).CountSql, DeadLetterQuery.Parameters(filter))!, cancellationToken);

    public Task<IReadOnlyList<DeadLetterGroup>> GroupsAsync(DeadLetterFilter filter, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session => session.Snapshot<IReadOnlyList<DeadLetterGroup>>(
                snapshot => [.. ReadGroups(snapshot, filter, limit).Select(group => WithSample(snapshot, filter, group))]),
            cancellationToken);

    public Task<int> RetryAsync(DeadLetterFilter filter, int max, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                var letters = ReadOldest(session, filter, max);
                foreach (var letter in letters)
                {
                    SqliteSettlement.Unbury(session, letter.TopicId, letter.PublisherId, letter.Position);
                    SqliteSettlement.Park(
                        session, letter.TopicId, letter.PublisherId, new ParkEntry(letter.Position, 0, TimeSpan.Zero, "retried", letter.OrderingKey));
                }

                return letters.Count;
            },
            cancellationToken);

    public Task<int> DiscardAsync(DeadLetterFilter filter, int max, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                var letters = ReadOldest(session, filter, max);
                foreach (var ofPublisher in letters.GroupBy(letter => (letter.TopicId, letter.PublisherId)))
                {
                    Discard(session, ofPublisher.Key.TopicId, ofPublisher.Key.PublisherId, ofPublisher);
                }

                return letters.Count;
            },
            cancellationToken);

    private static List<DeadLetter> List(SqliteSession session, DeadLetterFilter filter, DeadLetterPlace? after, int limit)
    {
        using var reader = session.Query(DeadLetterQuery.For(filter).ListSql, DeadLetterQuery.Parameters(filter, after, limit));
        var letters = new List<DeadLetter>();
        while (reader.Read())
        {
            letters.Add(DeadLetterQuery.Read(reader));
        }

        return letters;
    }

    private static List<Group> ReadGroups(SqliteSession session, DeadLetterFilter filter, int limit)
    {
        using var reader = session.Query(DeadLetterQuery.For(filter).GroupsSql, DeadLetterQuery.Parameters(filter, limit: limit));
        var groups = new List<Group>();
        while (reader.Read())
        {
            groups.Add(new Group(
                reader.GetString(0), reader.GetString(1), reader.GetInt64(2), SqliteTime.ToTime(reader.GetInt64(3)), SqliteTime.ToTime(reader.GetInt64(4))));
        }

        return groups;
    }

    /// <summary>The newest of the group heads its list, which begins at the moment it died: one step in the index.</summary>
    private static DeadLetterGroup WithSample(SqliteSession session, DeadLetterFilter filter, Group group)
    {
        var died = group.LastDiedAt;
        var newest = filter with { Reason = group.Reason, Group = group.Name, From = died, To = died.AddMicroseconds(1) };
        var sample = List(session, newest, after: null, limit: 1)[0];
        return new DeadLetterGroup(group.Reason, group.Name, group.Count, group.FirstDiedAt, group.LastDiedAt, sample);
    }

    private static List<Row> ReadOldest(SqliteSession session, DeadLetterFilter filter, int max)
    {
        using var reader = session.Query(DeadLetterQuery.For(filter).OldestSql, DeadLetterQuery.Parameters(filter, limit: max));
        var rows = new List<Row>();
        while (reader.Read())
        {
            rows.Add(new Row(
                reader.GetInt64(0),
                reader.GetInt64(1),
                reader.GetInt64(2),
                reader.GetInt32(3),
                reader.IsDBNull(4) ? null : reader.GetInt32(4),
                reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.GetBoolean(6)));
        }

        return rows;
    }

    private static void Discard(SqliteSession session, long topicId, long publisherId, IEnumerable<Row> letters)
    {
        var freesKey = false;
        foreach (var letter in letters)
        {
            SqliteSettlement.Unbury(session, topicId, publisherId, letter.Position);
            freesKey |= letter.BlocksKey;
        }

        SqliteDeliveryLog.Write(
            session,
            topicId,
            publisherId,
            SqliteDeliveryLog.Discarded,
            letters.Select(letter => new DeliveredEntry(letter.Position, letter.Attempts, letter.StatusCode, default)));
        if (freesKey)
        {
            session.Execute(RaiseVersionSql, ("@publisher_id", publisherId));
        }
    }

    private readonly record struct Group(string Reason, string Name, long Count, DateTimeOffset FirstDiedAt, DateTimeOffset LastDiedAt);

    private readonly record struct Row(long TopicId, long PublisherId, long Position, int Attempts, int? StatusCode, string? OrderingKey, bool BlocksKey);
}
