using Postoffice.Outcomes;

namespace Postoffice.Core.Tests.Outcomes;

public class RetryBackoffTests
{
    [Theory]
    [InlineData(30, 1, 0.5, 30)]
    [InlineData(30, 2, 0.5, 60)]
    [InlineData(30, 5, 0.5, 480)]
    [InlineData(30, 8, 0.5, 3600)]
    [InlineData(30, 1000, 0.5, 3600)]
    [InlineData(1, 1, 0.0, 0.8)]
    [InlineData(1, 3, 1.0, 4.8)]
    [InlineData(3600, 1, 0.5, 3600)]
    public void Doubles_with_each_attempt_up_to_an_hour_give_or_take_a_fifth(double retry, int attempt, double jitter, double expected) =>
        RetryBackoff.After(TimeSpan.FromSeconds(retry), attempt, jitter).TotalSeconds.Should().BeApproximately(expected, 0.001);

    [Theory]
    [InlineData(10, null, 10)]
    [InlineData(10, 2, 10)]
    [InlineData(10, 120, 120)]
    [InlineData(10, 1_000_000, 86_400)]
    public void Retry_after_lengthens_the_backoff_up_to_a_day_and_never_shortens_it(double backoff, int? retryAfter, double expected) =>
        RetryBackoff.WithRetryAfter(TimeSpan.FromSeconds(backoff), retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null)
            .TotalSeconds.Should().Be(expected);
}
