using Microsoft.Extensions.Logging.Abstractions;
using Postoffice.Activity;
using Postoffice.Cluster;
using Postoffice.Core.Tests.Pipeline;
using Postoffice.Core.Tests.Threading;
using Postoffice.Deliveries;
using Postoffice.Startup;
using Postoffice.Storage;
using Postoffice.Storage.InMemory;

namespace Postoffice.Core.Tests.Activity;

public sealed class ActivityWriterTests : IAsyncDisposable
{
    private readonly ObservedTime _time = new();
    private readonly InMemoryDatabase _database;
    private readonly ScriptedActivityStore _store;
    private readonly ActivityRecorder _recorder;
    private readonly StorageStartup _storage;
    private readonly ActivityWriter _writer;

    public ActivityWriterTests()
    {
        _database = new InMemoryDatabase(_time);
        _store = new ScriptedActivityStore(new InMemoryActivityStore(_database));
        _recorder = new ActivityRecorder(_time);
        _storage = new StorageStartup(new InMemoryStorage(), migrate: true, lifetime: null!, _time, NullLogger<StorageStartup>.Instance);
        _writer = new ActivityWriter(
            _recorder, _store, _storage, new LeaseKeeper(new InMemoryLeaseStore(_database), new ClusterOptions(), _time), _time, NullLogger<ActivityWriter>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_clock_of_the_store_is_asked_before_anything_is_written()
    {
        _store.Ahead = TimeSpan.FromHours(1);

        await StartAsync();

        (await _store.NextWriteAsync()).Should().BeEmpty();
        await _time.NextTimerAsync();
        _recorder.ClockOffset.Should().Be(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task Every_round_writes_what_has_changed()
    {
        await StartAsync();
        await _store.NextWriteAsync();

        _recorder.Received(1, 3);
        await NextRoundAsync();
        (await _store.NextWriteAsync()).Should().ContainSingle().Which.Received.Should().Be(3);

        _recorder.Received(2, 1);
        await NextRoundAsync();
        (await _store.NextWriteAsync()).Should().ContainSingle().Which.TopicId.Should().Be(2);
    }

    [Fact]
    public async Task An_idle_node_asks_for_the_time_once_a_minute()
    {
        await StartAsync();
        await _store.NextWriteAsync();
        for (var round = 0; round < 29; round++)
        {
            await NextRoundAsync();
        }

        await _time.NextTimerAsync();
        _store.Writes.Should().Be(1, "a minute is not over yet");
        _time.Advance(ActivityWriter.Interval);

        (await _store.NextWriteAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task What_an_outage_kept_back_is_written_with_the_first_round_after_it()
    {
        await StartAsync();
        await _store.NextWriteAsync();
        _store.IsDown = true;
        _recorder.Received(1, 3);
        await NextRoundAsync();
        await _store.NextWriteAsync();
        _recorder.Received(1, 2);

        await NextRoundAsync();
        await _store.NextWriteAsync();
        _store.IsDown = false;
        await NextRoundAsync();

        (await _store.NextWriteAsync()).Should().ContainSingle().Which.Received.Should().Be(5);
    }

    [Fact]
    public async Task A_stop_writes_the_rest_and_an_outage_does_not_hold_it_up()
    {
        await StartAsync();
        await _store.NextWriteAsync();
        _recorder.Received(1, 3);
        await _writer.StopAsync(Cancel);
        (await _store.NextWriteAsync()).Should().ContainSingle().Which.Received.Should().Be(3);

        _store.IsDown = true;
        _recorder.Received(1, 4);
        await _writer.StopAsync(Cancel);
        (await _store.NextWriteAsync()).Should().ContainSingle().Which.Received.Should().Be(7);
    }

    [Fact]
    public async Task What_is_older_than_a_day_is_pruned_now_and_then_until_nothing_is_left()
    {
        _store.Pruned.Enqueue(ActivityWriter.PruneSize);
        _store.Pruned.Enqueue(1);
        await StartAsync();
        await _store.NextWriteAsync();
        await _time.NextTimerAsync();

        _time.Advance(ActivityWriter.PruneInterval);

        (await _store.NextPruneAsync()).Should().Be((TimeSpan.FromHours(25), ActivityWriter.PruneSize));
        (await _store.NextPruneAsync()).Should().Be((TimeSpan.FromHours(25), ActivityWriter.PruneSize));
    }

    [Fact]
    public async Task What_a_node_took_in_and_delivered_stands_in_the_store_when_it_has_stopped()
    {
        await using var postoffice = await PostofficeInMemory.StartAsync();
        var topic = await postoffice.AddTopicAsync();
        await postoffice.PublishAsync(4);
        var publisher = await postoffice.AddPublisherAsync();
        await postoffice.PublishAsync(6);
        await postoffice.UntilSettledAsync(publisher, 10);
        await postoffice.Get<IReplayStore>().StartAsync(publisher.Id, new ReplayRequest(null, 1, OnlyFailed: false), dryRun: false, Cancel);
        postoffice.Get<PublisherChanges>().Notify();
        await postoffice.UntilAsync(async () => (await postoffice.Publishers.FindStatusAsync(publisher.Id, Cancel))!.Delivered == 20);

        await postoffice.StopAsync();

        var reading = await postoffice.Get<IActivityStore>().ReadAsync(ActivityScope.OfPublisher(topic.Id, publisher.Id), Cancel);
        reading.Minutes.Sum(minute => minute.Received).Should().Be(10);
        reading.Minutes.Sum(minute => minute.Delivered).Should().Be(20);
        reading.Latencies.Sum().Should().Be(6, "a replay says nothing of how quick we are, nor does what was there before the publisher");
        postoffice.Get<InMemoryDatabase>().Activity.Values.Sum(row => row.Advanced).Should().Be(10);
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.StopAsync(CancellationToken.None);
        _writer.Dispose();
        _storage.Dispose();
    }

    private async Task StartAsync()
    {
        await _storage.StartAsync(Cancel);
        await _writer.StartAsync(Cancel);
    }

    private async Task NextRoundAsync()
    {
        (await _time.NextTimerAsync()).Should().Be(ActivityWriter.Interval);
        _time.Advance(ActivityWriter.Interval);
    }
}
