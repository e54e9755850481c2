using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Postoffice.Activity;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Activity;

public sealed class OverviewReaderTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedOverviewStore _store = new();
    private readonly ScriptedOverviewStore _pulseStore = new();
    private readonly PulseWatcher _watcher;
    private readonly OverviewReader _reader;

    public OverviewReaderTests()
    {
        _watcher = new PulseWatcher(_pulseStore, _time, NullLogger<PulseWatcher>.Instance);
        _reader = new OverviewReader(_store, _watcher, _time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_callers_within_a_second_cost_one_query()
    {
        var snapshots = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _reader.ReadAsync(Cancel)));
        _time.Advance(TimeSpan.FromSeconds(0.9));

        snapshots.Should().OnlyContain(snapshot => snapshot == snapshots[0]);
        (await _reader.ReadAsync(Cancel)).Should().BeSameAs(snapshots[0]);
        _store.Asked.Should().Be(1);

        _time.Advance(TimeSpan.FromSeconds(0.2));
        (await _reader.ReadAsync(Cancel)).Should().NotBeSameAs(snapshots[0]);
        _store.Asked.Should().Be(2);
    }

    [Fact]
    public async Task Whoever_is_told_of_a_change_gets_what_was_read_after_it()
    {
        var before = await _reader.ReadAsync(Cancel);
        using var listener = _watcher.Listen();
        await listener.NextAsync(TimeSpan.FromSeconds(15), Cancel);

        var after = await _reader.ReadAsync(Cancel);

        after.Should().NotBeSameAs(before);
        (await _reader.ReadAsync(Cancel)).Should().BeSameAs(after);
        _store.Asked.Should().Be(2);
    }

    [Fact]
    public async Task A_change_while_one_reads_is_followed_by_one_more_query_for_all_who_ask_then()
    {
        var answer = new TaskCompletionSource();
        _store.BeforeAnswer = () => answer.Task;
        var before = _reader.ReadAsync(Cancel);
        using var listener = _watcher.Listen();
        await listener.NextAsync(TimeSpan.FromSeconds(15), Cancel);
        var after = Enumerable.Range(0, 10).Select(_ => _reader.ReadAsync(Cancel)).ToList();
        answer.SetResult();

        var snapshots = await Task.WhenAll(after);
        snapshots.Should().OnlyContain(snapshot => snapshot == snapshots[0]).And.NotContain(await before);
        _store.Asked.Should().Be(2);
    }

    [Fact]
    public async Task A_failure_is_the_answer_of_those_who_waited_for_it_and_of_nobody_after_them()
    {
        _store.IsDown = true;
        await _reader.Awaiting(reader => reader.ReadAsync(Cancel)).Should().ThrowAsync<StorageUnavailableException>();

        _store.IsDown = false;
        (await _reader.ReadAsync(Cancel)).Should().NotBeNull();
    }

    [Fact]
    public async Task A_caller_that_leaves_takes_nothing_from_the_others()
    {
        var answer = new TaskCompletionSource();
        _store.BeforeAnswer = () => answer.Task;
        using var leaving = new CancellationTokenSource();
        var first = _reader.ReadAsync(leaving.Token);
        var second = _reader.ReadAsync(Cancel);

        await leaving.CancelAsync();
        answer.SetResult();

        await first.Invoking(_ => first).Should().ThrowAsync<OperationCanceledException>();
        (await second).Should().NotBeNull();
        _store.Asked.Should().Be(1);
    }
}
