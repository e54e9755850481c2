using Postoffice.Pipeline;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>Where the window settles with receivers of different kinds; each run writes its figures.</summary>
public class AdaptiveWindowSimulationTests(ITestOutputHelper output)
{
    private readonly AdaptiveWindow _window = new(100);

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(40)]
    [InlineData(90)]
    public void Settles_near_what_the_receiver_takes_and_wastes_few_attempts(int capacity)
    {
        var receiver = Receiver(random => Between(random, 50, 150));
        receiver.Capacity = capacity;
        Show("at first", receiver.Run(1_000));
        var course = Show($"capacity {capacity}", receiver.Run(20_000));

        course.Highest.Should().BeLessThanOrEqualTo(capacity + 1);
        course.Mean.Should().BeInRange(0.65 * capacity, capacity, "it swings between a half and all of it");
        (course.Accepted / course.Seconds).Should().BeGreaterThan(0.65 * capacity / 0.1, "the receiver is kept at work");
        course.Refused.Should().BeLessThan(course.Accepted / (capacity / 2));
    }

    [Fact]
    public void Has_its_full_demand_again_soon_after_the_receiver_recovers()
    {
        var receiver = Receiver(random => Between(random, 50, 150));
        receiver.Capacity = 2;
        receiver.Run(2_000);
        _window.Limit.Should().BeLessThanOrEqualTo(3);

        // One more for each window: 1 + 2 + … + 100 successes.
        receiver.Capacity = int.MaxValue;
        var course = Show("recovery", receiver.Run(100 * 101 / 2));
        _window.Limit.Should().Be(100);
        course.Refused.Should().Be(0);
    }

    [Fact]
    public void A_receiver_that_works_on_one_after_the_other_is_not_given_a_queue_to_hold()
    {
        // With little mail it is quick; then a backlog comes.
        for (var success = 0; success < 500; success++)
        {
            var now = TimeSpan.FromSeconds(-success);
            _window.Record(Transports.SendOutcome.Accepted, isTimeout: false, now, TimeSpan.FromMilliseconds(100), now);
        }

        var receiver = Receiver(random => Between(random, 50, 150));
        receiver.IsSerial = true;
        Show("at first", receiver.Run(5_000));
        var course = Show("one after the other", receiver.Run(20_000));
        course.Mean.Should().BeLessThan(8);
        course.Highest.Should().BeLessThan(16);
        (course.Accepted / course.Seconds).Should().BeApproximately(10, 0.5, "nothing is lost by it");
    }

    [Fact]
    public void A_queue_that_makes_attempts_time_out_is_shortened()
    {
        var receiver = Receiver(_ => TimeSpan.FromMilliseconds(100));
        (receiver.IsSerial, receiver.Timeout) = (true, TimeSpan.FromSeconds(5));
        Show("at first", receiver.Run(1_000));
        var course = Show("5 s are enough for 50", receiver.Run(20_000));
        course.Highest.Should().BeLessThanOrEqualTo(51);
        course.Refused.Should().BeLessThan(course.Accepted / 50);
    }

    [Theory]
    [InlineData("a local one, with pauses", 1, 0.5, 0.01)]
    [InlineData("a steady one", 200, 0.5, 0)]
    [InlineData("a slow one", 4_000, 0.5, 0)]
    public void Keeps_its_full_demand_in_spite_of_noise(string receiver, int median, double spread, double pauses)
    {
        var course = Show(receiver, Receiver(random => Noisy(random, median, spread, pauses)).Run(200_000));
        course.Lowest.Should().Be(100);
    }

    [Fact]
    public void Keeps_nearly_all_of_its_demand_with_a_tail_of_ten_times_the_median()
    {
        var course = Show("a long tail", Receiver(random => Noisy(random, 4_000, 1, 0)).Run(200_000));
        course.Mean.Should().BeGreaterThan(90);
    }

    private SimulatedReceiver Receiver(Func<Random, TimeSpan> work) => new(_window, seed: 1) { Work = work };

    private static TimeSpan Between(Random random, int low, int high) => TimeSpan.FromMilliseconds(low + ((high - low) * random.NextDouble()));

    /// <summary>Log-normal, and now and then a pause of 30 ms.</summary>
    private static TimeSpan Noisy(Random random, double median, double spread, double pauses)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return TimeSpan.FromMilliseconds((median * Math.Exp(spread * normal)) + (random.NextDouble() < pauses ? 30 : 0));
    }

    private SimulatedReceiver.Course Show(string what, SimulatedReceiver.Course course)
    {
        output.WriteLine($"{what}: {course.Lowest}…{course.Highest}, mean {course.Mean:F1}; {course.Accepted / course.Seconds:F1}/s, refused {course.Refused} of {course.Refused + course.Accepted}");
        return course;
    }
}
