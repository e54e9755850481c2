using Postoffice.Activity;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Activity;

public sealed class ActivityMinutesTests
{
    private static readonly DateTimeOffset Minute = new(2030, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Gaps_are_filled_with_zeros_and_what_is_not_of_the_hour_is_left_out()
    {
        var minutes = ActivityMinutes.Fill(new ActivityReading(
            Minute.AddSeconds(59),
            [
                new ActivityMinute(Minute.AddMinutes(-60), 9, 9, 9, 9, 9), new ActivityMinute(Minute.AddMinutes(-59), 1, 0, 0, 0, 0),
                new ActivityMinute(Minute, 2, 0, 0, 0, 0), new ActivityMinute(Minute.AddMinutes(1), 9, 9, 9, 9, 9),
            ],
            []));

        minutes.Should().HaveCount(60);
        minutes.Select(minute => minute.At).Should().Equal(Enumerable.Range(-59, 60).Select(ago => Minute.AddMinutes(ago)));
        minutes.Select(minute => minute.Received).Should().Equal([1, .. Enumerable.Repeat(0L, 58), 2]);
        minutes.Sum(minute => minute.Delivered + minute.Failed + minute.Skipped + minute.Dead).Should().Be(0);
    }

    [Theory]
    [InlineData(600, 0, 0, 10)]
    [InlineData(600, 300, 30, 10)]
    [InlineData(600, 0, 45, 2.5)]
    [InlineData(0, 60, 1, 1)]
    public void A_rate_slides_from_one_minute_into_the_next(long before, long current, int second, double perSecond) =>
        ActivityMinutes.PerSecond(before, current, Minute.AddSeconds(second)).Should().BeApproximately(perSecond, 1e-9);

    [Fact]
    public void The_error_rate_is_that_of_the_last_minutes()
    {
        var minutes = Enumerable.Range(-59, 60).Select(ago => new ActivityMinute(Minute.AddMinutes(ago), 0, ago is -6 or -5 ? 3 : 0, ago is -6 or 0 ? 1 : 0, 0, 0)).ToList();

        ActivityMinutes.ErrorRate(minutes).Should().Be(0.25);
        ActivityMinutes.ErrorRate(minutes[..40]).Should().BeNull();
        ActivityMinutes.ErrorRate(new AttemptCounts(Delivered: 1, Failed: 0)).Should().Be(0);
        ActivityMinutes.ErrorRate(new AttemptCounts(0, 0)).Should().BeNull();
    }
}
