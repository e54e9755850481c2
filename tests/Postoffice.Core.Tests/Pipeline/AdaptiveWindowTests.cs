using CsCheck;
using Postoffice.Pipeline;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Pipeline;

public class AdaptiveWindowTests
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(10);

    private AdaptiveWindow _window = new(50);
    private TimeSpan _now = TimeSpan.FromMinutes(1);

    [Fact]
    public void Starts_with_all_of_its_demand_and_never_has_more()
    {
        _window.Limit.Should().Be(50);
        Succeed(1_000, Quick).Should().BeFalse("it cannot grow");
        _window.Limit.Should().Be(50);
    }

    [Theory]
    [InlineData(SendOutcome.Throttled, false, 25)]
    [InlineData(SendOutcome.Unavailable, true, 25)]
    [InlineData(SendOutcome.Unavailable, false, 50)]
    [InlineData(SendOutcome.Rejected, false, 50)]
    [InlineData(SendOutcome.Gone, false, 50)]
    [InlineData(SendOutcome.Blocked, false, 50)]
    [InlineData(SendOutcome.Accepted, false, 50)]
    public void Is_halved_by_what_says_too_much_and_by_nothing_else(SendOutcome outcome, bool isTimeout, int limit)
    {
        Record(outcome, isTimeout);
        _window.Limit.Should().Be(limit);
    }

    [Fact]
    public void Halves_down_to_one()
    {
        var limits = Enumerable.Range(0, 8).Select(_ =>
        {
            Record(SendOutcome.Throttled);
            return _window.Limit;
        });
        limits.Should().Equal(25, 12, 6, 3, 1, 1, 1, 1);
    }

    [Fact]
    public void All_that_was_in_flight_together_shrinks_it_once()
    {
        var begunAt = _now;
        _now += Quick;
        for (var attempt = 0; attempt < 50; attempt++)
        {
            _window.Record(SendOutcome.Throttled, isTimeout: false, begunAt, Quick, _now);
        }

        _window.Limit.Should().Be(25);
        _window.Record(SendOutcome.Throttled, isTimeout: false, begunAt: _now, Quick, _now + Quick);
        _window.Limit.Should().Be(25, "begun at the very moment of the decrease");
        _window.Record(SendOutcome.Throttled, isTimeout: false, begunAt: _now + Quick, Quick, _now + Quick);
        _window.Limit.Should().Be(12);
    }

    [Fact]
    public void Grows_by_one_for_each_window_of_successes()
    {
        for (var halved = 0; halved < 5; halved++)
        {
            Record(SendOutcome.Throttled);
        }

        _window.Limit.Should().Be(1);
        for (var limit = 2; limit <= 50; limit++)
        {
            Succeed(limit - 2, Quick);
            _window.Limit.Should().Be(limit - 1);
            Succeed(1, Quick).Should().BeTrue("there is room for one more");
            _window.Limit.Should().Be(limit);
        }
    }

    [Fact]
    public void Successes_that_were_begun_before_a_decrease_do_not_make_it_grow()
    {
        var begunAt = _now;
        _now += Quick;
        Record(SendOutcome.Throttled);
        for (var attempt = 0; attempt < 49; attempt++)
        {
            _window.Record(SendOutcome.Accepted, isTimeout: false, begunAt, Quick, _now);
        }

        _window.Limit.Should().Be(25);
    }

    [Theory]
    [InlineData(4_000, 4_000, 50)]
    [InlineData(1, 50, 50)]
    [InlineData(10, 70, 50)]
    [InlineData(10, 71, 45)]
    [InlineData(1_000, 2_050, 50)]
    [InlineData(1_000, 2_051, 45)]
    public void Shrinks_a_little_when_a_window_of_successes_takes_more_than_twice_as_long_and_50_milliseconds(int before, int after, int limit)
    {
        Settle(50, TimeSpan.FromMilliseconds(before));
        Succeed(50, TimeSpan.FromMilliseconds(after));
        _window.Limit.Should().Be(limit);
        _window.Baseline.Should().Be(TimeSpan.FromMilliseconds(before), "what is slower does not become normal");
    }

    [Fact]
    public void The_baseline_drifts_down_to_what_is_faster()
    {
        Settle(50, TimeSpan.FromMilliseconds(100));
        Succeed(50, Quick);
        _window.Baseline.Should().Be(TimeSpan.FromMilliseconds(91));
        Succeed(50, Quick);
        _window.Baseline.Should().Be(TimeSpan.FromMilliseconds(82.9));
        Succeed(5_000, Quick);
        _window.Baseline.Should().BeCloseTo(Quick, TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void Does_not_grow_while_the_latency_is_high_and_looks_again_one_window_after_each_change()
    {
        Settle(50, Quick);
        Succeed(50, 20 * Quick);
        _window.Limit.Should().Be(45);
        Succeed(45 + 49, 20 * Quick);
        _window.Limit.Should().Be(45);
        Succeed(1, 20 * Quick);
        _window.Limit.Should().Be(40);
    }

    [Fact]
    public void Those_that_end_first_say_nothing_of_the_latency()
    {
        Succeed(50, TimeSpan.FromTicks(1));
        _window.Baseline.Should().BeNull();
        Succeed(50, Quick);
        _window.Baseline.Should().Be(Quick);
    }

    [Fact]
    public void A_single_success_that_took_long_changes_nothing()
    {
        _window = new AdaptiveWindow(2);
        Settle(2, Quick);
        Succeed(49, Quick);
        Succeed(1, TimeSpan.FromMilliseconds(2_500));
        _window.Limit.Should().Be(2, "the mean of fifty is 59.8 ms");
    }

    /// <summary>Ten times slower from one moment on, however little is in flight: half of the demand is tried away, then given back.</summary>
    [Fact]
    public void A_receiver_that_has_become_slower_for_good_gets_its_full_demand_again()
    {
        Settle(50, TimeSpan.FromMilliseconds(400));
        var lowest = 50;
        for (var success = 0; success < 3_000; success++)
        {
            Succeed(1, TimeSpan.FromSeconds(4));
            lowest = Math.Min(lowest, _window.Limit);
        }

        lowest.Should().BeInRange(20, 25);
        _window.Limit.Should().Be(50);
        _window.Baseline.Should().Be(TimeSpan.FromSeconds(4));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_small_demand_is_not_held_down_by_latency(int max)
    {
        _window = new AdaptiveWindow(max);
        Settle(max, Quick);
        Succeed(110, TimeSpan.FromSeconds(1));
        _window.Limit.Should().Be(max);
    }

    [Fact]
    public void Never_leaves_its_range_whatever_happens()
    {
        var outcome = Gen.Frequency((9, Gen.Const(SendOutcome.Accepted)), (3, Gen.Enum<SendOutcome>()));
        var records = Gen.Select(outcome, Gen.Int[0, 3], Gen.Int[0, 5_000], Gen.Int[0, 5_000], Gen.Int[0, 200]).Array[0, 400];
        Gen.Select(Gen.Int[1, 100], records).Sample((max, all) =>
        {
            var (window, now) = (new AdaptiveWindow(max), TimeSpan.Zero);
            foreach (var (said, timeout, duration, earlier, later) in all)
            {
                now += TimeSpan.FromMilliseconds(later);
                var before = window.Limit;
                var hasGrown = window.Record(
                    said, said == SendOutcome.Unavailable && timeout == 0, now - TimeSpan.FromMilliseconds(earlier), TimeSpan.FromMilliseconds(duration), now);
                Assert.InRange(window.Limit, 1, max);
                Assert.InRange(window.Limit, before / 2, before + 1);
                Assert.Equal(window.Limit > before, hasGrown);
            }
        });
    }

    [Fact]
    public void Refuses_a_maximum_of_none() => FluentActions.Invoking(() => new AdaptiveWindow(0)).Should().Throw<ArgumentOutOfRangeException>();

    /// <summary>One attempt that was begun now and has just ended.</summary>
    private void Record(SendOutcome outcome, bool isTimeout = false)
    {
        _now += Quick;
        _window.Record(outcome, isTimeout, _now, Quick, _now);
    }

    /// <summary>The first window, which is left out, and one whose mean becomes the baseline.</summary>
    private void Settle(int max, TimeSpan duration) => Succeed(max + Math.Max(max, AdaptiveWindow.FewestSamples), duration);

    /// <returns>Whether the last of them has made room.</returns>
    private bool Succeed(int times, TimeSpan duration)
    {
        var hasGrown = false;
        for (var time = 0; time < times; time++)
        {
            _now += Quick;
            hasGrown = _window.Record(SendOutcome.Accepted, isTimeout: false, _now, duration, _now);
        }

        return hasGrown;
    }
}
