using Microsoft.Extensions.Time.Testing;
using Postoffice.Threading;

namespace Postoffice.Core.Tests.Threading;

public sealed class WakeSignalTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly WakeSignal _signal;

    public WakeSignalTests() => _signal = new WakeSignal(_time);

    [Fact]
    public async Task Waiting_ends_with_the_next_wake()
    {
        var waiting = _signal.WaitAsync(TestContext.Current.CancellationToken).AsTask();
        waiting.IsCompleted.Should().BeFalse();

        _signal.Wake();
        await waiting;
    }

    [Fact]
    public async Task A_wake_that_comes_while_nobody_waits_is_kept_and_further_ones_fall_together_with_it()
    {
        _signal.Wake();
        _signal.Wake();

        await _signal.WaitAsync(TestContext.Current.CancellationToken);
        _signal.WaitAsync(TestContext.Current.CancellationToken).AsTask().IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Waiting_ends_when_its_time_is_over_and_not_before()
    {
        var waiting = _signal.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken).AsTask();

        _time.Advance(TimeSpan.FromSeconds(5));
        waiting.IsCompleted.Should().BeFalse("a wait that ended a fraction early would spin");
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await waiting;
    }

    [Fact]
    public async Task A_wake_ends_a_wait_with_a_time_and_its_timer_wakes_nobody_later()
    {
        var waiting = _signal.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken).AsTask();
        _signal.Wake();
        await waiting;

        var next = _signal.WaitAsync(TestContext.Current.CancellationToken).AsTask();
        _time.Advance(TimeSpan.FromMinutes(1));
        next.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task A_kept_wake_ends_a_wait_with_a_time_at_once()
    {
        _signal.Wake();
        await _signal.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);

        _signal.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken).AsTask().IsCompleted.Should().BeFalse("the wake is used up");
    }

    [Fact]
    public async Task Without_time_left_it_does_not_wait()
    {
        await _signal.WaitAsync(TimeSpan.Zero, TestContext.Current.CancellationToken);
        await _signal.WaitAsync(TimeSpan.FromSeconds(-3), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_infinite_time_waits_for_a_wake_alone()
    {
        var waiting = _signal.WaitAsync(Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken).AsTask();
        _time.Advance(TimeSpan.FromDays(365));
        waiting.IsCompleted.Should().BeFalse();

        _signal.Wake();
        await waiting;
    }

    [Fact]
    public async Task Waiting_can_be_cancelled_and_a_wake_is_not_lost_by_it()
    {
        using var cancel = new CancellationTokenSource();
        var waiting = _signal.WaitAsync(TimeSpan.FromSeconds(5), cancel.Token).AsTask();
        await cancel.CancelAsync();
        await waiting.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();

        await FluentActions.Awaiting(() => _signal.WaitAsync(TimeSpan.Zero, cancel.Token).AsTask()).Should().ThrowAsync<OperationCanceledException>();

        _signal.Wake();
        await _signal.WaitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose() => _signal.Dispose();
}
