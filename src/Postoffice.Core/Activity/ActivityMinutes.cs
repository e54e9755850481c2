using Postoffice.Storage;

namespace Postoffice.Activity;

/// <summary>What minutes tell: the last hour without gaps, rates, the share of attempts that failed. Pure.</summary>
internal static class ActivityMinutes
{
    /// <summary>How many minutes are shown: the current one and those before it.</summary>
    public const int Shown = 60;

    /// <summary>How many count as recent: the current one and the five before it.</summary>
    public const int Recent = 6;

    /// <returns>When the minute began.</returns>
    public static DateTimeOffset Of(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);

    /// <returns>Exactly <see cref="Shown"/> minutes, oldest first; those without activity are zeros.</returns>
    public static IReadOnlyList<ActivityMinute> Fill(ActivityReading reading)
    {
        var last = Of(reading.At);
        var minutes = new ActivityMinute[Shown];
        for (var index = 0; index < Shown; index++)
        {
            minutes[index] = new ActivityMinute(last.AddMinutes(index - Shown + 1), 0, 0, 0, 0, 0);
        }

        foreach (var minute in reading.Minutes)
        {
            var index = (int)(minute.At - minutes[0].At).TotalMinutes;
            if (index is >= 0 and < Shown)
            {
                minutes[index] = minute;
            }
        }

        return minutes;
    }

    /// <summary>A mean over the last minute that slides with the seconds: of the minute before counts what is not yet a minute ago.</summary>
    /// <param name="before">The count of the minute before.</param>
    /// <param name="current">The count of the current minute so far.</param>
    /// <param name="at">The time.</param>
    /// <returns>How many a second.</returns>
    public static double PerSecond(long before, long current, DateTimeOffset at) => ((before * (1 - ((at - Of(at)) / TimeSpan.FromMinutes(1)))) + current) / 60;

    /// <returns>The share of attempts that failed; null when there were none.</returns>
    public static double? ErrorRate(AttemptCounts attempts) =>
        attempts.Delivered + attempts.Failed is > 0 and var all ? (double)attempts.Failed / all : null;

    /// <returns>The same of the last of these minutes.</returns>
    public static double? ErrorRate(IReadOnlyList<ActivityMinute> minutes)
    {
        var recent = minutes.Skip(minutes.Count - Recent).ToList();
        return ErrorRate(new AttemptCounts(recent.Sum(minute => minute.Delivered), recent.Sum(minute => minute.Failed)));
    }
}
