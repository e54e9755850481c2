using CsCheck;
using Postoffice.Pipeline;

namespace Postoffice.Core.Tests.Pipeline;

public class NodeSlotsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(4, 3)]
    [InlineData(5, 4)]
    [InlineData(10, 8)]
    [InlineData(1_000, 800)]
    public void One_publisher_alone_gets_four_fifths(int max, int granted)
    {
        var slots = new NodeSlots(max);
        using var hog = slots.Join(() => { });
        hog.TryTake(int.MaxValue).Should().Be(granted);
        slots.Free.Should().Be(max - granted);
        hog.TryTake(1).Should().Be(0);
    }

    [Fact]
    public void Slots_are_granted_at_once_one_by_one_or_together()
    {
        var slots = new NodeSlots(100);
        using var share = slots.Join(() => Assert.Fail("Whoever got what it wanted waits for nothing."));
        for (var held = 1; held <= 30; held++)
        {
            share.TryTake(1).Should().Be(1);
        }

        share.TryTake(40).Should().Be(40);
        (share.Held, slots.Free).Should().Be((70, 30));
        share.Return(70);
        (share.Held, slots.Free).Should().Be((0, 100));
    }

    /// <summary>n publishers that want all they can get hold 4 ÷ (1 + 4n) of the slots each once those that came first have given back what was too much.</summary>
    [Theory]
    [InlineData(2, 444)]
    [InlineData(10, 97)]
    [InlineData(100, 9)]
    public void Greedy_publishers_come_to_equal_parts_whoever_came_first(int publishers, int part)
    {
        var slots = new NodeSlots(1_000);
        var shares = Enumerable.Range(0, publishers).Select(_ => slots.Join(() => { })).ToList();
        var inFlight = new int[publishers];
        for (var round = 0; round < 2_000; round++)
        {
            for (var index = 0; index < publishers; index++)
            {
                // One delivery ends, and the producer takes what it can get.
                var ended = Math.Min(inFlight[index], 1);
                shares[index].Return(ended);
                inFlight[index] += shares[index].TryTake(1_000) - ended;
            }
        }

        shares.Should().OnlyContain(share => share.Held >= part - 1 && share.Held <= part + 4);
    }

    [Fact]
    public void A_newcomer_gets_some_at_once_beside_one_that_wants_all()
    {
        var slots = new NodeSlots(1_000);
        using var hog = slots.Join(() => { });
        using var newcomer = slots.Join(() => { });
        hog.TryTake(1_000);
        newcomer.TryTake(50).Should().Be(50);
    }

    [Fact]
    public void A_slot_that_comes_back_wakes_the_one_that_holds_the_fewest_and_is_its_own()
    {
        var slots = new NodeSlots(4);
        var woken = new List<string>();
        using var first = slots.Join(() => woken.Add("first"));
        using var second = slots.Join(() => woken.Add("second"));
        using var third = slots.Join(() => woken.Add("third"));
        first.TryTake(3).Should().Be(3);
        second.TryTake(2).Should().Be(1);
        third.TryTake(2).Should().Be(0);

        first.Return();
        woken.Should().Equal("third");

        first.TryTake(1).Should().Be(0, "the slot is set aside for the one that was woken");
        second.TryTake(1).Should().Be(0);
        third.TryTake(2).Should().Be(1);
        slots.Free.Should().Be(0);
    }

    [Fact]
    public void Of_two_that_hold_as_many_the_one_that_waits_longer_is_woken()
    {
        var slots = new NodeSlots(1);
        var woken = new List<string>();
        using var first = slots.Join(() => woken.Add("first"));
        using var second = slots.Join(() => woken.Add("second"));
        using var third = slots.Join(() => woken.Add("third"));
        first.TryTake(1);
        second.TryTake(1);
        third.TryTake(1);
        second.TryTake(1).Should().Be(0, "asking again does not cost its place");
        first.Return();
        woken.Should().Equal("second");
    }

    [Fact]
    public void Who_is_woken_and_wants_none_any_more_passes_the_slot_on()
    {
        var slots = new NodeSlots(1);
        var woken = new List<string>();
        using var first = slots.Join(() => woken.Add("first"));
        using var second = slots.Join(() => woken.Add("second"));
        using var third = slots.Join(() => woken.Add("third"));
        first.TryTake(1);
        second.TryTake(1);
        third.TryTake(1);
        first.Return();

        second.TryTake(0).Should().Be(0);
        woken.Should().Equal("second", "third");
        third.TryTake(1).Should().Be(1);
    }

    [Fact]
    public void Leaving_gives_everything_back_and_wakes_all_that_may_take_now()
    {
        var slots = new NodeSlots(2);
        var woken = new List<string>();
        var first = slots.Join(() => woken.Add("first"));
        var second = slots.Join(() => woken.Add("second"));
        using var third = slots.Join(() => woken.Add("third"));
        first.TryTake(1);
        second.TryTake(1);
        third.TryTake(1);

        first.Dispose();
        woken.Should().Equal("third");
        second.Dispose();
        first.Return();
        first.Dispose();
        (slots.Free, third.Held).Should().Be((1, 1), "what was held came back once");

        third.Dispose();
        slots.Free.Should().Be(2, "what was set aside for it came back too");
        first.Invoking(share => share.TryTake(1)).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void No_more_is_returned_than_was_granted()
    {
        var slots = new NodeSlots(1);
        using var first = slots.Join(() => { });
        using var second = slots.Join(() => { });
        first.TryTake(1);
        second.TryTake(1);
        first.Return();
        second.Invoking(share => share.Return()).Should().Throw<ArgumentOutOfRangeException>("the slot that is set aside is not its own before it comes");
        first.Invoking(share => share.Return()).Should().Throw<ArgumentOutOfRangeException>();
    }

    /// <summary>Any sequence of calls: the slots add up, and nobody waits who might take, unless it was woken.</summary>
    [Fact]
    public void Whoever_may_take_is_woken_whatever_happens()
    {
        var steps = Gen.Select(Gen.Int[0, 7], Gen.Int[0, 9], Gen.Int[0, 40]).Array[0, 300];
        Gen.Select(Gen.Int[1, 40], steps).Sample((max, choices) =>
        {
            var slots = new NodeSlots(max);
            var woken = new bool[8];
            var waits = new bool[8];
            var shares = Enumerable.Range(0, 8).Select(Join).ToArray();
            foreach (var (index, kind, count) in choices)
            {
                var share = shares[index];
                var own = share.Held - (woken[index] ? 1 : 0);
                switch (kind)
                {
                    case < 5:
                        var wasWoken = woken[index];
                        woken[index] = false;
                        var granted = share.TryTake(count);
                        waits[index] = granted < count;
                        Assert.True(!wasWoken || count == 0 || granted > 0, "Woken for nothing.");
                        break;
                    case < 9:
                        share.Return(Math.Min(count, own));
                        break;
                    default:
                        woken[index] = waits[index] = false;
                        share.Dispose();
                        shares[index] = Join(index);
                        break;
                }

                Assert.Equal(max, slots.Free + shares.Sum(each => each.Held));
                Assert.InRange(slots.Free, 0, max);
                for (var other = 0; other < shares.Length; other++)
                {
                    var held = shares[other].Held;
                    var mayTake = slots.Free > 0 && (held == 0 || held + 1 <= NodeSlots.Alpha * (slots.Free - 1));
                    Assert.False(waits[other] && !woken[other] && mayTake, $"One that holds {held} waits while {slots.Free} are free.");
                }
            }

            NodeSlots.Share Join(int index) => slots.Join(() => woken[index] = true);
        });
    }
}
