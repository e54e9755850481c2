using CsCheck;
using Postoffice.Outcomes;

namespace Postoffice.Core.Tests.Outcomes;

public class RetryBackoffTests
{
    [Theory]
    [InlineData(30, 1, 0.5, 30)]
    [InlineData(30, 2, 0.5, 60)]
    [InlineData(30, 5, 0.5, 480)]
    [InlineData(1, 1, 0.0, 0.8)]
    [InlineData(1, 3, 1.0, 4.8)]
    [InlineData(30, 8, 0.0, 2400)]
    [InlineData(30, 8, 0.5, 3000)]
    [InlineData(30, 8, 1.0, 3600)]
    [InlineData(30, 1000, 1.0, 3600)]
    [InlineData(3600, 1, 1.0, 3600)]
    public void Doubles_with_each_attempt_up_to_an_hour_give_or_take_a_fifth(double retry, int attempt, double jitter, double expected) =>
        RetryBackoff.After(TimeSpan.FromSeconds(retry), attempt, jitter).TotalSeconds.Should().BeApproximately(expected, 0.001);

    [Fact]
    public void Is_never_above_the_cap_and_never_below_four_fifths_of_what_it_would_be() =>
        Gen.Select(Gen.Double[1, 3600], Gen.Int[1, 1000], Gen.Double[0, 1]).Sample((retry, attempt, jitter) =>
        {
            var delay = RetryBackoff.After(TimeSpan.FromSeconds(retry), attempt, jitter);
            var plain = TimeSpan.FromSeconds(Math.Min(retry * Math.Pow(2, Math.Min(attempt - 1, 62)), RetryBackoff.Cap.TotalSeconds / 1.2));
            delay.Should().BeLessThanOrEqualTo(RetryBackoff.Cap).And.BeGreaterThanOrEqualTo(plain * 0.8 - TimeSpan.FromTicks(1));
        });

    [Fact]
    public void Many_that_have_reached_the_cap_still_spread() =>
        Enumerable.Range(0, 100).Select(i => RetryBackoff.After(TimeSpan.FromHours(1), 50, i / 100.0)).Distinct().Should().HaveCount(100);

    [Theory]
    [InlineData(10, null, 10)]
    [InlineData(10, 2, 10)]
    [InlineData(10, 120, 120)]
    [InlineData(10, 1_000_000, 86_400)]
    public void Retry_after_lengthens_the_backoff_up_to_a_day_and_never_shortens_it(double backoff, int? retryAfter, double expected) =>
        RetryBackoff.WithRetryAfter(TimeSpan.FromSeconds(backoff), retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null)
            .TotalSeconds.Should().Be(expected);
}
