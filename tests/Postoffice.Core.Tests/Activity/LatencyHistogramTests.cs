using Postoffice.Activity;

namespace Postoffice.Core.Tests.Activity;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(-5, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(1.001, 1)]
    [InlineData(1.6, 1)]
    [InlineData(1.61, 2)]
    [InlineData(3_600_000, 32)]
    [InlineData(3_600_001, 33)]
    [InlineData(1e9, 33)]
    public void A_duration_stands_in_the_first_bucket_that_holds_it(double milliseconds, int bucket) =>
        LatencyHistogram.BucketOf(TimeSpan.FromMilliseconds(milliseconds)).Should().Be(bucket);

    [Fact]
    public void Of_nothing_there_is_no_quantile()
    {
        LatencyHistogram.Quantile([], 0.5).Should().BeNull();
        LatencyHistogram.Quantile([0, 0, 0], 0.5).Should().BeNull();
    }

    [Theory]
    [InlineData(0.4)]
    [InlineData(3)]
    [InlineData(41)]
    [InlineData(999)]
    [InlineData(60_000)]
    [InlineData(3_500_000)]
    public void One_duration_is_told_within_the_error(double milliseconds)
    {
        var counts = new long[LatencyHistogram.Buckets];
        counts[LatencyHistogram.BucketOf(TimeSpan.FromMilliseconds(milliseconds))] = 1_000;

        foreach (var share in (double[])[0.5, 0.99])
        {
            var told = LatencyHistogram.Quantile(counts, share)!.Value.TotalMilliseconds;
            told.Should().BePositive().And.BeLessThanOrEqualTo(Math.Max(1, milliseconds * 1.61));
            (milliseconds <= 1 || told >= milliseconds / 1.61).Should().BeTrue("{0} was told as {1}", milliseconds, told);
        }
    }

    [Fact]
    public void Quantiles_of_many_durations_are_told_within_the_error()
    {
        var random = new Random(1);
        var durations = Enumerable.Range(0, 10_000).Select(_ => Math.Exp(random.NextDouble() * 12) + 1).Order().ToList();
        var counts = new long[LatencyHistogram.Buckets];
        foreach (var duration in durations)
        {
            counts[LatencyHistogram.BucketOf(TimeSpan.FromMilliseconds(duration))]++;
        }

        foreach (var share in (double[])[0.01, 0.5, 0.9, 0.99, 1])
        {
            var exact = durations[(int)Math.Ceiling(share * durations.Count) - 1];
            LatencyHistogram.Quantile(counts, share)!.Value.TotalMilliseconds.Should().BeInRange(exact / 1.61, exact * 1.61, "{0}", share);
        }
    }

    [Fact]
    public void Beyond_an_hour_it_is_an_hour_and_buckets_of_a_later_build_count_as_such()
    {
        var beyond = new long[LatencyHistogram.Buckets + 3];
        beyond[^1] = 1;
        LatencyHistogram.Quantile(beyond, 0.5).Should().Be(TimeSpan.FromHours(1));
        beyond[LatencyHistogram.Buckets - 1] = 5;
        LatencyHistogram.Quantile(beyond, 0.5).Should().Be(TimeSpan.FromHours(1));
    }
}
