namespace Postoffice.Storage.Sqlite;

/// <summary>Times as the database keeps them: microseconds since the Unix epoch, as PostgreSQL counts them too.</summary>
internal static class SqliteTime
{
    /// <summary>The due time of a parked delivery that waits behind another of its ordering key: after all times. Stands in SQL as it is.</summary>
    public const string Never = "9223372036854775807";

    public static long ToMicroseconds(this DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static long ToMicroseconds(this TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToTime(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <returns>When a parked delivery is due; null for <see cref="Never"/>.</returns>
    public static DateTimeOffset? ToDueTime(long microseconds) => microseconds == long.MaxValue ? null : ToTime(microseconds);

    public static TimeSpan ToDuration(long microseconds) => new(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>Durations of attempts, for people who read the tables.</summary>
    public static long ToMilliseconds(this TimeSpan duration) => (long)Math.Round(duration.TotalMilliseconds);
}
