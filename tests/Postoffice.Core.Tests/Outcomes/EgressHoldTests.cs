using Postoffice.Outcomes;

namespace Postoffice.Core.Tests.Outcomes;

public class EgressHoldTests
{
    private readonly EgressHold _hold = new();
    private TimeSpan _now = TimeSpan.FromMinutes(1);

    [Fact]
    public void Holds_nothing_while_all_is_well() => _hold.AllowedInFlight(_now).Should().Be(int.MaxValue);

    [Fact]
    public void Lets_one_attempt_out_after_each_pause_and_everything_once_something_has_answered()
    {
        _hold.Begin(_now, 0.5);
        _hold.AllowedInFlight(_now).Should().Be(0);
        _now += EgressHold.FirstPause - TimeSpan.FromTicks(1);
        _hold.AllowedInFlight(_now).Should().Be(0);
        _now += TimeSpan.FromTicks(1);
        _hold.AllowedInFlight(_now).Should().Be(1);

        _hold.End();
        _hold.AllowedInFlight(_now).Should().Be(int.MaxValue);
    }

    [Fact]
    public void Its_pauses_double_up_to_half_a_minute_and_start_anew_after_an_answer()
    {
        Pauses(7).Should().Equal(1, 2, 4, 8, 16, 30, 30);
        _hold.End();
        Pauses(2).Should().Equal(1, 2);
    }

    [Fact]
    public void Many_that_meet_the_same_fault_at_once_make_one_pause()
    {
        for (var i = 0; i < 50; i++)
        {
            _hold.Begin(_now, 0.5);
        }

        _hold.Until.Should().Be(_now + EgressHold.FirstPause);
    }

    [Theory]
    [InlineData(0.0, 0.8)]
    [InlineData(1.0, 1.2)]
    public void Publishers_that_are_held_together_do_not_come_back_together(double jitter, double seconds)
    {
        _hold.Begin(_now, jitter);
        (_hold.Until - _now).TotalSeconds.Should().BeApproximately(seconds, 0.001);
    }

    private List<double> Pauses(int count)
    {
        var pauses = new List<double>();
        for (var i = 0; i < count; i++)
        {
            _hold.Begin(_now, 0.5);
            pauses.Add((_hold.Until - _now).TotalSeconds);
            _now = _hold.Until;
        }

        return pauses;
    }
}
