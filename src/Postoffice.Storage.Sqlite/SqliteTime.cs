namespace Postoffice.Storage.Sqlite;

/// <summary>Times as the database keeps them: microseconds since the Unix epoch, as PostgreSQL counts them too.</summary>
internal static class SqliteTime
{
    public static long ToMicroseconds(this DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static long ToMicroseconds(this TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToTime(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    public static TimeSpan ToDuration(long microseconds) => new(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>Durations of attempts, for people who read the tables.</summary>
    public static long ToMilliseconds(this TimeSpan duration) => (long)Math.Round(duration.TotalMilliseconds);
}
