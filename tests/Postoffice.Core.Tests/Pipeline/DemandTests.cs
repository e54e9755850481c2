using CsCheck;
using Postoffice.Pipeline;
using Postoffice.Publishers;

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

    /// <summary>The vectors of the design, which are GenStage's own: a batch is handed over when it is finished, and what it then asks stands in brackets.</summary>
    [Theory]
    [InlineData(10, 5, "10", "5(5) 5(5)", 10)]
    [InlineData(1, 0, "1", "1(1)", 1)]
    [InlineData(1_000, 750, "100", "100(0)", 900)]
    [InlineData(1_000, 750, "100 100", "100(0) 100(0)", 800)]
    [InlineData(1_000, 750, "100 100 100", "100(0) 100(0) 100(300)", 1_000)]
    [InlineData(10, 5, "3 3 3", "3(0) 3(6) 3(0)", 7)]
    public void At_a_low_watermark_asks_up_to_the_maximum_again(int max, int min, string arriving, string batches, int outstanding)
    {
        var demand = new Demand(max, min, DemandMode.LowWatermark);
        demand.Outstanding.Should().Be(max);

        var asked = new List<string>();
        foreach (var arrived in arriving.Split(' ').Select(int.Parse))
        {
            demand.Take(arrived);
            asked.AddRange(demand.Cut(arrived).Select(batch => $"{batch}({demand.Finish(batch)})"));
        }

        string.Join(' ', asked).Should().Be(batches);
        demand.Outstanding.Should().Be(outstanding);
    }

    [Fact]
    public void At_a_low_watermark_asks_at_the_very_delivery_that_reaches_it()
    {
        var demand = new Demand(10, 5, DemandMode.LowWatermark);
        demand.Take(10);
        Enumerable.Range(0, 10).Select(_ => demand.Finish()).Should().Equal(0, 0, 0, 0, 5, 0, 0, 0, 0, 5);
    }

    [Theory]
    [InlineData(10, 5, DemandMode.LowWatermark, 5)]
    [InlineData(10, 9, DemandMode.LowWatermark, 1)]
    [InlineData(1, 0, DemandMode.LowWatermark, 1)]
    [InlineData(10, 5, DemandMode.Completed, 10)]
    public void Hands_over_one_refill_at_a_time_at_a_low_watermark_and_all_at_once_otherwise(int max, int min, DemandMode mode, int batch) =>
        new Demand(max, min, mode).MaxBatch.Should().Be(batch);

    [Fact]
    public void Nothing_more_is_taken_than_is_asked_for_and_nothing_finished_that_is_not_in_flight()
    {
        var demand = new Demand(10, 5);
        demand.Invoking(one => one.Take(11)).Should().Throw<ArgumentOutOfRangeException>();
        demand.Invoking(one => one.Take(-1)).Should().Throw<ArgumentOutOfRangeException>();
        demand.Invoking(one => one.Finish()).Should().Throw<ArgumentOutOfRangeException>();
        (demand.Pending, demand.InFlight).Should().Be((10, 0));
    }

    /// <summary>Any interleaving of takes, finishes and cancellations, one at a time or in batches, beside a model that counts each delivery.</summary>
    [Fact]
    public void Never_exceeds_its_maximum_never_loses_demand_and_is_never_stuck()
    {
        var steps = Gen.Int[0, 1_000].Array[0, 200];
        Gen.Select(Gen.Int[1, 60], Gen.Int[0, 59], Gen.Enum<DemandMode>(), steps).Where(input => input.Item2 < input.Item1).Sample((max, min, mode, choices) =>
        {
            var demand = new Demand(max, min, mode);
            var finished = 0;
            foreach (var choice in choices)
            {
                var count = choice / 3;
                if (choice % 3 == 0)
                {
                    Take(demand, 1 + (count % (max + 1)));
                }
                else if (demand.InFlight > 0)
                {
                    count = choice % 3 == 1 ? 1 : 1 + (count % demand.InFlight);
                    finished += count;
                    var isDue = mode == DemandMode.LowWatermark ? max - finished <= min : finished >= Math.Max(1, min);
                    var asked = demand.Finish(count);
                    Assert.Equal(isDue ? finished : 0, asked);
                    finished -= asked;
                }

                Assert.InRange(demand.Outstanding, 1, max);
                Assert.Equal(max, demand.Outstanding + finished);
                Assert.Equal(demand.Outstanding, demand.Pending + demand.InFlight);
                Assert.All(demand.Cut(count), batch => Assert.InRange(batch, 1, demand.MaxBatch));
                Assert.Equal(count, demand.Cut(count).Sum());
            }

            // A producer that goes on is never left without demand, however little it hands over at a time.
            var untilRefill = Math.Max(1, mode == DemandMode.LowWatermark ? max - min : min);
            for (var delivery = 0; delivery < 2 * max; delivery++)
            {
                FinishAll(demand);
                Assert.True(demand.Pending > 0, "Nothing is in flight and nothing is asked for.");
                demand.Take(1);
            }

            FinishAll(demand);
            Assert.InRange(demand.Pending, max - untilRefill + 1, max);
        });
    }

    [Theory]
    [InlineData(DemandMode.Completed, 10, 2)]
    [InlineData(DemandMode.Completed, 10, 9)]
    [InlineData(DemandMode.LowWatermark, 10, 0)]
    [InlineData(DemandMode.LowWatermark, 10, 9)]
    public void Asks_for_all_of_it_again_when_all_that_was_asked_for_is_finished(DemandMode mode, int max, int min)
    {
        var demand = new Demand(max, min, mode);
        demand.Take(3);
        FinishAll(demand);
        demand.Take(demand.Pending);
        demand.Finish(demand.InFlight).Should().BeGreaterThan(0);
        (demand.Pending, demand.InFlight).Should().Be((max, 0));
    }

    /// <summary>Takes the count if it is asked for; what is more is refused and changes nothing.</summary>
    private static void Take(Demand demand, int count)
    {
        var (pending, inFlight) = (demand.Pending, demand.InFlight);
        if (count <= pending)
        {
            demand.Take(count);
            Assert.Equal((pending - count, inFlight + count), (demand.Pending, demand.InFlight));
        }
        else
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => demand.Take(count));
            Assert.Equal((pending, inFlight), (demand.Pending, demand.InFlight));
        }
    }

    private static void FinishAll(Demand demand)
    {
        while (demand.InFlight > 0)
        {
            demand.Finish();
        }
    }
}
