namespace Postoffice.Storage.InMemory;

/// <summary>What the nodes have told of themselves, in memory.</summary>
internal sealed class InMemoryActivityStore(InMemoryDatabase database) : IActivityStore
{
    public Task<DateTimeOffset> WriteAsync(Guid nodeId, IReadOnlyCollection<ActivityRow> rows, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            foreach (var row in rows)
            {
                database.Activity[(nodeId, row.Minute, row.TopicId, row.PublisherId)] = row;
            }

            return Task.FromResult(database.Now());
        }
    }

    public Task<ActivityReading> ReadAsync(ActivityScope scope, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult(Read(database, scope, database.Now()));
        }
    }

    public Task<IReadOnlyDictionary<long, AttemptCounts>> AttemptsAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult<IReadOnlyDictionary<long, AttemptCounts>>(Since(database, database.Now(), minutes: 5)
                .Where(row => publisherIds.Contains(row.PublisherId))
                .GroupBy(row => row.PublisherId)
                .Select(rows => KeyValuePair.Create(rows.Key, new AttemptCounts(rows.Sum(row => row.Delivered), rows.Sum(row => row.Failed))))
                .Where(attempts => attempts.Value.Delivered + attempts.Value.Failed > 0)
                .ToDictionary());
        }
    }

    public Task<int> PruneAsync(TimeSpan age, int max, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            var until = database.Now() - age;
            var old = database.Activity.Keys.Where(key => key.Minute < until).OrderBy(key => key.Minute).Take(max).ToList();
            old.ForEach(key => database.Activity.Remove(key));
            return Task.FromResult(old.Count);
        }
    }

    /// <summary>Under the gate.</summary>
    public static ActivityReading Read(InMemoryDatabase database, ActivityScope scope, DateTimeOffset now)
    {
        var latencies = new List<long>();
        foreach (var row in Since(database, now, minutes: 5).Where(row => IsMeant(row, scope)))
        {
            for (var bucket = 0; bucket < row.Latencies.Count; bucket++)
            {
                if (bucket == latencies.Count)
                {
                    latencies.Add(0);
                }

                latencies[bucket] += row.Latencies[bucket];
            }
        }

        return new ActivityReading(
            now,
            [
                .. Since(database, now, minutes: 59).Where(row => IsMeant(row, scope)).GroupBy(row => row.Minute).OrderBy(rows => rows.Key).Select(rows => new ActivityMinute(
                    rows.Key, rows.Sum(row => row.Received), rows.Sum(row => row.Delivered), rows.Sum(row => row.Failed), rows.Sum(row => row.Skipped),
                    rows.Sum(row => row.Dead))),
            ],
            latencies);
    }

    /// <summary>Under the gate.</summary>
    /// <returns>The rows of the current minute and of so many before it; none of a minute that is still to come.</returns>
    public static IEnumerable<ActivityRow> Since(InMemoryDatabase database, DateTimeOffset now, int minutes)
    {
        var current = Minute(now);
        return database.Activity.Values.Where(row => row.Minute >= current.AddMinutes(-minutes) && row.Minute <= current);
    }

    public static DateTimeOffset Minute(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);

    private static bool IsMeant(ActivityRow row, ActivityScope scope) =>
        (scope.TopicId ?? row.TopicId) == row.TopicId && (scope.PublisherId is null || row.PublisherId == 0 || row.PublisherId == scope.PublisherId);
}
