using CsCheck;
using Postoffice.Pipeline;

namespace Postoffice.Core.Tests.Pipeline;

public class DemandTests
{
    [Fact]
    public void Asks_for_all_at_once_and_then_for_what_has_finished_in_steps_of_the_minimum()
    {
        var demand = new Demand(10, 2);
        demand.Pending.Should().Be(10);

        demand.Take(10);
        demand.Pending.Should().Be(0);

        demand.Finish().Should().Be(0);
        demand.Finish().Should().Be(2);
        demand.Pending.Should().Be(2);
        demand.InFlight.Should().Be(8);
    }

    [Fact]
    public void Asks_for_each_one_that_finishes_when_the_minimum_is_zero()
    {
        var demand = new Demand(1, 0);
        demand.Take(1);
        demand.Finish().Should().Be(1);
    }

    [Fact]
    public void Asks_for_the_rest_when_nothing_is_in_flight_any_more()
    {
        var demand = new Demand(10, 9);
        demand.Take(3);
        demand.Finish().Should().Be(0);
        demand.Finish().Should().Be(0);
        demand.Finish().Should().Be(0, "seven are asked for still, so the producer is not stuck");

        demand.Take(7);
        for (var finished = 0; finished < 5; finished++)
        {
            demand.Finish().Should().Be(0);
        }

        // Eight have finished; the ninth makes nine.
        demand.Finish().Should().Be(9);
        demand.Finish().Should().Be(0);
        (demand.Pending, demand.InFlight).Should().Be((9, 0));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 5)]
    [InlineData(5, -1)]
    public void Refuses_bounds_that_cannot_hold(int max, int min) =>
        FluentActions.Invoking(() => new Demand(max, min)).Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void Never_exceeds_its_maximum_never_loses_demand_and_is_never_stuck()
    {
        var steps = Gen.Int[0, 100].Array[0, 200];
        Gen.Select(Gen.Int[1, 60], Gen.Int[0, 59], steps).Where(input => input.Item2 < input.Item1).Sample((max, min, choices) =>
        {
            var demand = new Demand(max, min);
            foreach (var choice in choices)
            {
                if (choice % 2 == 0 && demand.Pending > 0)
                {
                    demand.Take(1 + (choice % demand.Pending));
                }
                else if (demand.InFlight > 0)
                {
                    demand.Finish();
                }

                (demand.Pending + demand.InFlight).Should().BeLessThanOrEqualTo(max);
                (demand.Pending + demand.InFlight).Should().BeGreaterThan(0, "somebody must be able to move");
            }

            while (demand.InFlight > 0)
            {
                demand.Finish();
            }

            demand.Take(demand.Pending);
            while (demand.InFlight > 0)
            {
                demand.Finish();
            }

            demand.Pending.Should().BeGreaterThan(0);
        });
    }
}
