using Postoffice.Outcomes;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Outcomes;

public class BreakerTests
{
    private const int MaxDemand = 8;

    private readonly Breaker _breaker = new();
    private TimeSpan _now = TimeSpan.FromMinutes(1);

    [Fact]
    public void Lets_everything_pass_until_enough_fail_in_a_row()
    {
        Record(SendOutcome.Unavailable, Breaker.FailureThreshold - 1);
        Record(SendOutcome.Accepted);
        Record(SendOutcome.Unavailable, Breaker.FailureThreshold - 1);
        _breaker.AllowedInFlight(_now).Should().Be(int.MaxValue);

        Record(SendOutcome.Rejected);
        _breaker.State.Should().Be(BreakerState.Open);
        _breaker.AllowedInFlight(_now).Should().Be(0);
    }

    [Fact]
    public void Lets_one_probe_out_when_its_pause_is_over_and_twice_as_much_with_each_success()
    {
        Open();
        _now += Breaker.FirstPause - TimeSpan.FromTicks(1);
        _breaker.AllowedInFlight(_now).Should().Be(0);
        _now += TimeSpan.FromTicks(1);
        _breaker.AllowedInFlight(_now).Should().Be(1);

        Record(SendOutcome.Accepted);
        _breaker.AllowedInFlight(_now).Should().Be(2);
        Record(SendOutcome.Accepted);
        _breaker.AllowedInFlight(_now).Should().Be(4);
        Record(SendOutcome.Accepted);
        _breaker.State.Should().Be(BreakerState.Closed);
        _breaker.AllowedInFlight(_now).Should().Be(int.MaxValue);
    }

    [Fact]
    public void Pauses_twice_as_long_after_each_probe_that_fails_up_to_the_longest_pause()
    {
        Open();
        foreach (var pause in new[] { 1, 2, 4, 8, 16, 30, 30 })
        {
            (_breaker.ProbeAt - _now).TotalSeconds.Should().BeApproximately(pause, 0.001);
            _now = _breaker.ProbeAt;
            _breaker.AllowedInFlight(_now).Should().Be(1);
            Record(SendOutcome.Unavailable);
        }
    }

    [Fact]
    public void Failures_of_attempts_that_were_under_way_before_it_opened_prolong_nothing()
    {
        Open();
        var (probeAt, before) = (_breaker.ProbeAt, _now - TimeSpan.FromTicks(1));
        Record(SendOutcome.Unavailable, 40, before);
        _now = probeAt;
        _breaker.AllowedInFlight(_now).Should().Be(1);
        Record(SendOutcome.Unavailable, 40, before);
        _breaker.State.Should().Be(BreakerState.HalfOpen);
    }

    [Fact]
    public void A_success_of_an_attempt_that_was_under_way_half_opens_it()
    {
        Open();
        Record(SendOutcome.Accepted);
        _breaker.AllowedInFlight(_now).Should().Be(2);
    }

    [Fact]
    public void Starts_with_a_short_pause_again_once_it_was_closed()
    {
        Open();
        _now = _breaker.ProbeAt;
        _breaker.AllowedInFlight(_now);
        Record(SendOutcome.Unavailable);
        _now = _breaker.ProbeAt;
        _breaker.AllowedInFlight(_now);
        Record(SendOutcome.Accepted, 3);
        _breaker.State.Should().Be(BreakerState.Closed);

        Open();
        (_breaker.ProbeAt - _now).Should().Be(Breaker.FirstPause);
    }

    [Fact]
    public void A_message_refused_by_a_receiver_that_has_just_taken_another_does_not_open_it_again()
    {
        Open();
        _now = _breaker.ProbeAt;
        _breaker.AllowedInFlight(_now);
        Record(SendOutcome.Accepted);
        Record(SendOutcome.Rejected, 20);
        _breaker.State.Should().Be(BreakerState.HalfOpen);

        Record(SendOutcome.Unavailable);
        _breaker.State.Should().Be(BreakerState.Open);
    }

    [Theory]
    [InlineData(SendOutcome.Unavailable, true)]
    [InlineData(SendOutcome.Throttled, true)]
    [InlineData(SendOutcome.Rejected, false)]
    public void Probes_with_what_failed_before_unless_it_was_the_message_that_was_refused(SendOutcome outcome, bool isProbing)
    {
        Record(outcome, Breaker.FailureThreshold);
        _breaker.IsProbing.Should().BeFalse("nothing goes out while it is open");
        _now = _breaker.ProbeAt;
        _breaker.AllowedInFlight(_now);
        _breaker.IsProbing.Should().Be(isProbing);

        Record(SendOutcome.Accepted);
        _breaker.IsProbing.Should().BeFalse();
    }

    [Fact]
    public void A_receiver_that_refuses_everything_stays_shut_out()
    {
        Record(SendOutcome.Rejected, Breaker.FailureThreshold);
        _now = _breaker.ProbeAt;
        _breaker.AllowedInFlight(_now).Should().Be(1);
        Record(SendOutcome.Rejected);
        _breaker.State.Should().Be(BreakerState.Open);
    }

    [Theory]
    [InlineData(SendOutcome.Blocked)]
    [InlineData(SendOutcome.Invalid)]
    public void What_the_receiver_was_never_asked_says_nothing_of_it(SendOutcome outcome)
    {
        Record(outcome, 100);
        _breaker.State.Should().Be(BreakerState.Closed);
    }

    [Fact]
    public void A_failure_that_all_will_meet_opens_it_at_once()
    {
        _breaker.Record(SendOutcome.Unavailable, _now, MaxDemand, _now, jitter: 0.5, failsForAll: true);
        _breaker.State.Should().Be(BreakerState.Open);

        _now = _breaker.ProbeAt;
        _breaker.AllowedInFlight(_now).Should().Be(1);
        _breaker.IsProbing.Should().BeTrue();
    }

    private void Open() => Record(SendOutcome.Unavailable, Breaker.FailureThreshold);

    private void Record(SendOutcome outcome, int times = 1, TimeSpan? begunAt = null)
    {
        for (var time = 0; time < times; time++)
        {
            _breaker.Record(outcome, begunAt ?? _now, MaxDemand, _now, jitter: 0.5);
        }
    }
}
