using Microsoft.Extensions.Logging.Abstractions;
using Postoffice.Activity;
using Postoffice.Core.Tests.Threading;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Activity;

public sealed class PulseWatcherTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ObservedTime _time = new();
    private readonly ScriptedOverviewStore _store = new();
    private readonly PulseWatcher _watcher;

    public PulseWatcherTests() => _watcher = new PulseWatcher(_store, _time, NullLogger<PulseWatcher>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Listeners_hear_the_pulse_at_once_and_share_one_query()
    {
        using var first = _watcher.Listen();
        using var second = _watcher.Listen();

        var heard = await first.NextAsync(Patience, Cancel);

        (await second.NextAsync(Patience, Cancel)).Should().Be(heard);
        using var third = _watcher.Listen();
        (await third.NextAsync(Patience, Cancel)).Should().Be(heard);
        _store.Asked.Should().Be(1);
    }

    [Fact]
    public async Task A_change_is_heard_by_all_with_the_next_query()
    {
        using var first = _watcher.Listen();
        using var second = _watcher.Listen();
        var before = await first.NextAsync(Patience, Cancel);
        await second.NextAsync(Patience, Cancel);

        _store.Fact = 1;
        var heard = Task.WhenAll(first.NextAsync(Patience, Cancel), second.NextAsync(Patience, Cancel));
        await LookAgainAsync();

        (await heard).Should().OnlyContain(pulse => pulse != null && pulse.Change != before!.Change);
        _store.Asked.Should().Be(2);
    }

    [Fact]
    public async Task While_nothing_changes_a_listener_hears_nothing()
    {
        using var listener = _watcher.Listen();
        await listener.NextAsync(Patience, Cancel);

        var next = listener.NextAsync(Patience, Cancel);
        for (var second = 0; second < 15; second++)
        {
            next.IsCompleted.Should().BeFalse();
            await LookAgainAsync();
        }

        (await next).Should().BeNull();
    }

    [Fact]
    public async Task An_outage_keeps_the_listeners_who_hear_more_when_it_is_over()
    {
        _store.IsDown = true;
        using var listener = _watcher.Listen();
        var next = listener.NextAsync(Patience, Cancel);
        await LookAgainAsync();
        await LookAgainAsync();
        next.IsCompleted.Should().BeFalse();

        _store.IsDown = false;
        await LookAgainAsync();

        (await next).Should().NotBeNull();
    }

    [Fact]
    public async Task Without_listeners_nobody_is_asked()
    {
        using (var listener = _watcher.Listen())
        {
            await listener.NextAsync(Patience, Cancel);
        }

        await LookAgainAsync();
        _time.Advance(TimeSpan.FromMinutes(10));
        _store.Asked.Should().Be(1);

        _store.Fact = 1;
        var expected = Pulse.From(new PulseReading(DateTimeOffset.UnixEpoch, 0, 0, [1])).Change;
        using var later = _watcher.Listen();
        while ((await later.NextAsync(Patience, Cancel))!.Change != expected)
        {
            // It was still about to notice that nobody listened.
        }

        _store.Asked.Should().Be(2);
    }

    /// <summary>Lets the watcher look once more, as soon as it waits for that.</summary>
    private async Task LookAgainAsync()
    {
        while (await _time.NextTimerAsync() != PulseWatcher.Interval)
        {
            // A listener's.
        }

        _time.Advance(PulseWatcher.Interval);
    }
}
