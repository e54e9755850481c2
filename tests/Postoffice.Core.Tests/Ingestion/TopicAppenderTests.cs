using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Postoffice.Activity;
using Postoffice.Core.Tests.Storage;
using Postoffice.Diagnostics;
using Postoffice.Ingestion;
using Postoffice.Messages;
using Postoffice.Pipeline;
using Postoffice.Storage;
using Postoffice.Threading;
using Postoffice.Topics;

namespace Postoffice.Core.Tests.Ingestion;

public sealed class TopicAppenderTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<IngestionMetrics>().BuildServiceProvider();
    private readonly ScriptedMessageLog _log = ScriptedMessageLog.WithOneTopic();
    private readonly IngestionOptions _options = new();
    private readonly ActivityRecorder _activity = new(new FakeTimeProvider());
    private readonly TopicReaders _readers;
    private readonly TopicAppender _appender;

    public TopicAppenderTests()
    {
        _readers = new TopicReaders(_log);
        _appender = Appender(topicId: 1);
    }

    [Fact]
    public async Task When_nothing_is_in_flight_a_request_goes_out_at_once()
    {
        var answer = Hold();
        var appending = _appender.AppendAsync(ScriptedMessageLog.Request(), CancellationToken.None);
        _log.Appends.Should().HaveCount(1, "it waits for nobody");

        answer.SetResult();
        (await appending)!.Value.FirstPosition.Should().Be(1);
    }

    [Fact]
    public async Task What_comes_while_an_append_is_in_flight_goes_out_together()
    {
        var answer = Hold();
        var first = _appender.AppendAsync(ScriptedMessageLog.Request(), CancellationToken.None);
        var others = Append(100);
        others.Should().OnlyContain(task => !task.IsCompleted);

        answer.SetResult();

        (await first)!.Value.FirstPosition.Should().Be(1);
        (await Task.WhenAll(others)).Select(result => result!.Value.FirstPosition).Should().Equal(Enumerable.Range(2, 100).Select(n => (long)n));
        BatchSizes().Should().Equal(1, 100);
    }

    [Fact]
    public async Task One_append_holds_no_more_messages_than_the_limit()
    {
        _options.MaxBatchMessages = 10;
        var answer = Hold();
        var first = _appender.AppendAsync(ScriptedMessageLog.Request(), CancellationToken.None);
        var others = Append(25);
        answer.SetResult();

        await Task.WhenAll([first, .. others]);
        BatchSizes().Should().Equal(1, 10, 10, 5);
    }

    [Fact]
    public async Task A_request_larger_than_the_limit_goes_out_whole_and_alone()
    {
        _options.MaxBatchMessages = 10;
        var answer = Hold();
        var first = _appender.AppendAsync(ScriptedMessageLog.Request(), CancellationToken.None);
        var small = _appender.AppendAsync(ScriptedMessageLog.Request(), CancellationToken.None);
        var large = _appender.AppendAsync(ScriptedMessageLog.Request(count: 30), CancellationToken.None);
        var last = _appender.AppendAsync(ScriptedMessageLog.Request(), CancellationToken.None);
        answer.SetResult();

        (await large)!.Value.FirstPosition.Should().Be(3);
        (await last)!.Value.FirstPosition.Should().Be(33);
        await Task.WhenAll(first, small);
        _log.Appends.Select(requests => requests.Sum(request => request.Messages.Count)).Should().Equal(1, 1, 30, 1);
    }

    [Fact]
    public async Task One_append_holds_no_more_than_eight_mebibytes()
    {
        var payload = new byte[1024 * 1024];
        var answer = Hold();
        var first = _appender.AppendAsync(ScriptedMessageLog.Request(), CancellationToken.None);
        Task<AppendResult?>[] others = [.. Enumerable.Range(0, 17).Select(_ => _appender.AppendAsync(ScriptedMessageLog.Request(payload), CancellationToken.None))];
        answer.SetResult();

        await Task.WhenAll([first, .. others]);
        BatchSizes().Should().Equal([1, 7, 7, 3], "a message takes a little more than its payload");
    }

    [Fact]
    public async Task A_key_that_stands_in_the_append_already_waits_for_the_next()
    {
        var answer = Hold();
        var first = _appender.AppendAsync(ScriptedMessageLog.Request(), CancellationToken.None);
        Task<AppendResult?>[] others =
        [
            _appender.AppendAsync(ScriptedMessageLog.Request(key: "a"), CancellationToken.None),
            _appender.AppendAsync(ScriptedMessageLog.Request(key: "b"), CancellationToken.None),
            _appender.AppendAsync(ScriptedMessageLog.Request(key: "a"), CancellationToken.None),
            _appender.AppendAsync(ScriptedMessageLog.Request(), CancellationToken.None),
        ];
        answer.SetResult();

        await first;
        (await Task.WhenAll(others)).Select(result => (result!.Value.FirstPosition, result.Value.Repeated))
            .Should().Equal((2, false), (3, false), (2, true), (4, false));
        BatchSizes().Should().Equal(1, 2, 2);
    }

    [Fact]
    public async Task An_append_that_fails_concerns_its_own_callers_and_nobody_else()
    {
        var answer = Hold();
        var first = _appender.AppendAsync(ScriptedMessageLog.Request(), CancellationToken.None);
        var failing = Append(3);
        _log.BeforeAppend = () =>
        {
            _log.BeforeAppend = () => Task.CompletedTask;
            throw new StorageUnavailableException("down");
        };
        answer.SetResult();

        (await first)!.Value.FirstPosition.Should().Be(1);
        foreach (var task in failing)
        {
            await task.Invoking(failed => failed).Should().ThrowAsync<StorageUnavailableException>();
        }

        (await _appender.AppendAsync(ScriptedMessageLog.Request(), CancellationToken.None))!.Value.FirstPosition.Should().Be(2);
    }

    [Fact]
    public async Task A_topic_that_is_not_there_is_told_to_every_caller()
    {
        var appender = Appender(topicId: 99);
        var answer = Hold();
        Task<AppendResult?>[] appending = [.. Enumerable.Range(0, 3).Select(_ => appender.AppendAsync(ScriptedMessageLog.Request(), CancellationToken.None))];
        answer.SetResult();

        (await Task.WhenAll(appending)).Should().OnlyContain(result => result == null);
    }

    [Fact]
    public async Task Local_readers_are_handed_what_is_committed_and_nothing_that_is_repeated()
    {
        var subscription = _readers.GetOrAdd(1).Subscribe(new WakeSignal(new FakeTimeProvider()), 0);
        await _appender.AppendAsync(ScriptedMessageLog.Request("1", key: "a"), CancellationToken.None);
        await _appender.AppendAsync(ScriptedMessageLog.Request("1", key: "a"), CancellationToken.None);
        await _appender.AppendAsync(ScriptedMessageLog.Request("2", count: 2), CancellationToken.None);

        var into = new Message[10];
        var read = 0;
        while (await subscription.ReadAsync(into.AsMemory(read), TestContext.Current.CancellationToken) is > 0 and var count)
        {
            read += count;
        }

        into.Take(read).Select(message => message.Position).Should().Equal(1, 2, 3);
        _log.Reads.Should().BeEmpty();
    }

    [Fact]
    public async Task Many_callers_at_once_get_each_a_place_of_their_own()
    {
        _log.BeforeAppend = async () => await Task.Yield();
        var results = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(() => _appender.AppendAsync(ScriptedMessageLog.Request(count: 3), CancellationToken.None))));

        _activity.Changes().Rows.Should().ContainSingle().Which.Row.Received.Should().Be(1_500);
        results.Select(result => result!.Value.FirstPosition).Order().Should().Equal(Enumerable.Range(0, 500).Select(n => (n * 3L) + 1));
    }

    public void Dispose() => _services.Dispose();

    private TopicAppender Appender(long topicId) => new(
        new Topic(topicId, "orders", "localhost", false, default), _log, _readers, _options, _services.GetRequiredService<IngestionMetrics>(), _activity,
        new FakeTimeProvider());

    private Task<AppendResult?>[] Append(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => _appender.AppendAsync(ScriptedMessageLog.Request(), CancellationToken.None))];

    /// <summary>Holds the next append up, and no further one.</summary>
    private TaskCompletionSource Hold()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _log.BeforeAppend = () =>
        {
            _log.BeforeAppend = () => Task.CompletedTask;
            return answer.Task;
        };
        return answer;
    }

    private IEnumerable<int> BatchSizes() => _log.Appends.Select(requests => requests.Count);
}
