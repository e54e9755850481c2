using System.Diagnostics;
using Postoffice.Pipeline;
using Postoffice.Publishers;

namespace Postoffice.Core.Tests.Pipeline;

public class SendRateTests
{
    [Fact]
    public void Five_in_an_hour_go_at_once_and_the_sixth_does_not()
    {
        using var rate = new SendRate(new RateLimit(5, 3_600));
        for (var left = 5; left > 0; left--)
        {
            rate.Available.Should().Be(left);
            rate.Take(1);
        }

        rate.Available.Should().Be(0);
        rate.Invoking(all => all.Take(1)).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void Many_are_taken_together_and_nothing_when_there_are_too_few()
    {
        using var rate = new SendRate(new RateLimit(1_000_000, 86_400));
        rate.Take(999_998);
        rate.Take(0);
        rate.Invoking(all => all.Take(3)).Should().Throw<InvalidOperationException>();
        rate.Available.Should().Be(2);
        rate.Take(2);
        rate.Take(0);
        rate.Available.Should().Be(0);
    }

    [Theory]
    [InlineData(1, 50)]
    [InlineData(60, 3_000)]
    [InlineData(86_400, 4_320_000)]
    public void Looks_again_after_a_twentieth_of_the_span(int perSeconds, int milliseconds)
    {
        using var rate = new SendRate(new RateLimit(1, perSeconds));
        rate.UntilNext.Should().Be(TimeSpan.FromMilliseconds(milliseconds));
    }

    /// <summary>
    /// Takes whatever there is for about two seconds. Segments never end before their time, however slow the machine is, so what comes too early is a fault;
    /// what comes late is not.
    /// </summary>
    [Fact]
    public async Task In_each_second_as_many_come_back_as_were_taken_and_not_before_it_is_over()
    {
        const int Permits = 40;
        var clock = Stopwatch.StartNew();
        using var rate = new SendRate(new RateLimit(Permits, 1));
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        var taken = new List<TimeSpan>();
        while (taken.Count < 3 * Permits && await ticks.WaitForNextTickAsync(TestContext.Current.CancellationToken))
        {
            // A few at a time, so that they come back in several parts.
            var count = Math.Min(3, rate.Available);
            rate.Take(count);
            taken.AddRange(Enumerable.Repeat(clock.Elapsed, count));
        }

        taken[Permits].Should().BeGreaterThan(TimeSpan.FromSeconds(1));
        taken[2 * Permits].Should().BeGreaterThan(TimeSpan.FromSeconds(2));
    }
}
