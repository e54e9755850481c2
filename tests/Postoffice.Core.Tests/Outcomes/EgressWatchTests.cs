using Postoffice.Core.Tests.Pipeline;
using Postoffice.Outcomes;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Outcomes;

public class EgressWatchTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly EgressWatch _watch = new();
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void What_the_node_lacks_itself_is_its_own_fault_whoever_answers()
    {
        Answered("a");
        IsOurs("b", SendFault.Local).Should().BeTrue();
        _watch.IsCutOff.Should().BeFalse("others are served");
    }

    [Fact]
    public void A_single_host_that_is_unreachable_may_be_down()
    {
        for (var i = 0; i < 100; i++)
        {
            IsOurs("a", SendFault.Unreachable).Should().BeFalse();
            _now += Second;
        }
    }

    [Fact]
    public void Two_hosts_that_are_unreachable_while_nothing_answers_say_that_the_node_is_cut_off()
    {
        IsOurs("a", SendFault.Unreachable).Should().BeFalse();
        IsOurs("b", SendFault.Unreachable).Should().BeTrue();
        IsOurs("b", SendFault.Unreachable).Should().BeTrue();
        IsOurs("a", SendFault.Unreachable).Should().BeTrue();
        _watch.IsCutOff.Should().BeTrue();
    }

    [Fact]
    public void Two_hosts_are_only_down_while_a_third_answers()
    {
        Answered("c");
        _now += EgressWatch.Memory - TimeSpan.FromTicks(1);
        IsOurs("a", SendFault.Unreachable).Should().BeFalse();
        IsOurs("b", SendFault.Unreachable).Should().BeFalse();

        _now += TimeSpan.FromTicks(1);
        IsOurs("a", SendFault.Unreachable).Should().BeTrue();
    }

    [Fact]
    public void A_refused_connection_is_an_answer()
    {
        IsOurs("c", new SendResult(SendOutcome.Unavailable, Error: "connection refused")).Should().BeFalse();
        IsOurs("a", SendFault.Unreachable).Should().BeFalse();
        IsOurs("b", SendFault.Unreachable).Should().BeFalse();
    }

    [Fact]
    public void So_is_that_the_target_is_not_set_up()
    {
        IsOurs("c", new SendResult(SendOutcome.Unavailable, 404, "NOT_FOUND", Fault: SendFault.Setup)).Should().BeFalse();
        IsOurs("a", SendFault.Unreachable).Should().BeFalse();
        IsOurs("b", SendFault.Unreachable).Should().BeFalse();
    }

    [Fact]
    public void A_timeout_or_a_target_that_was_never_asked_tells_nothing()
    {
        IsOurs("a", SendFault.Unreachable);
        IsOurs("c", SendFault.Timeout).Should().BeFalse();
        IsOurs("d", new SendResult(SendOutcome.Blocked)).Should().BeFalse();
        IsOurs("d", new SendResult(SendOutcome.Invalid)).Should().BeFalse();
        IsOurs("d", new SendResult(SendOutcome.Unavailable, Error: "no credentials", Fault: SendFault.Setup)).Should().BeFalse();
        IsOurs("b", SendFault.Unreachable).Should().BeTrue();
        IsOurs("c", SendFault.Timeout).Should().BeFalse();
    }

    [Fact]
    public void Hosts_that_were_unreachable_long_apart_prove_nothing()
    {
        IsOurs("a", SendFault.Unreachable);
        _now += EgressWatch.Memory;
        IsOurs("b", SendFault.Unreachable).Should().BeFalse();
    }

    [Fact]
    public void An_answer_ends_it_at_once()
    {
        CutOff();
        Answered("a");
        _watch.IsCutOff.Should().BeFalse();
        IsOurs("b", SendFault.Unreachable).Should().BeFalse();

        _now += EgressWatch.Memory;
        IsOurs("a", SendFault.Unreachable).Should().BeFalse("what was before the answer is forgotten");
        IsOurs("b", SendFault.Unreachable).Should().BeTrue();
    }

    [Fact]
    public void Once_cut_off_the_rare_attempts_of_held_publishers_are_enough()
    {
        CutOff();
        for (var i = 0; i < 10; i++)
        {
            _now += EgressHold.LongestPause * 1.2;
            IsOurs(i % 2 == 0 ? "a" : "b", SendFault.Unreachable).Should().BeTrue();
        }
    }

    [Fact]
    public void When_only_one_host_is_left_it_is_that_host_again()
    {
        CutOff();
        _now += EgressWatch.LongMemory;
        IsOurs("b", SendFault.Unreachable).Should().BeFalse();
        _watch.IsCutOff.Should().BeFalse();
    }

    [Theory]
    [InlineData("https://receiver.example:8443/hook?a=1", "receiver.example")]
    [InlineData("http://10.0.0.1/", "10.0.0.1")]
    [InlineData("projects/acme/topics/orders", "scripted")]
    [InlineData("", "scripted")]
    public void Ports_and_paths_of_one_host_are_no_two_hosts(string target, string host) =>
        EgressWatch.HostOf(DeliveryWindowTests.Publisher with { Type = "scripted", Target = target }).Should().Be(host);

    [Fact]
    public void An_answer_costs_no_memory()
    {
        Answered("a");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _watch.IsOurs("a", new SendResult(SendOutcome.Accepted, 200), _now);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    private void CutOff()
    {
        IsOurs("a", SendFault.Unreachable);
        IsOurs("b", SendFault.Unreachable).Should().BeTrue();
    }

    private void Answered(string host) => IsOurs(host, new SendResult(SendOutcome.Accepted, 200)).Should().BeFalse();

    private bool IsOurs(string host, SendFault fault) => IsOurs(host, new SendResult(SendOutcome.Unavailable, Error: "e", Fault: fault));

    private bool IsOurs(string host, SendResult result) => _watch.IsOurs(host, result, _now);
}
