using Microsoft.Extensions.Time.Testing;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Search;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Search;

/// <summary>How a search goes on from step to step; what a step does is the stores' and stands in their contract.</summary>
public sealed class MessageSearchTests : IDisposable
{
    private static readonly MessageQuery Filtered = new() { Text = "a"u8.ToArray() };

    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedStore _store;
    private readonly MessageSearch _search;

    public MessageSearchTests()
    {
        _store = new ScriptedStore(_time);
        _search = new MessageSearch(_store, _time);
    }

    [Fact]
    public async Task What_is_not_filtered_takes_one_step_of_one_more_than_is_shown()
    {
        _store.Add(found: 50, scanned: 50);

        var answer = await FindAsync(new MessageQuery());

        _store.Chunks.Should().Equal(51);
        answer.Messages.Should().HaveCount(50);
        answer.Next.Should().Be(ScriptedStore.Place(1));
    }

    [Fact]
    public async Task Where_rows_lead_to_what_is_parked_a_step_is_small_too()
    {
        _store.Add(found: 50, scanned: 50);
        _store.Add(found: 50, scanned: 50);

        await FindAsync(new MessageQuery { TopicId = 1, State = DeliveryStatus.Parked });
        await FindAsync(new MessageQuery { TopicId = 1, State = DeliveryStatus.Parked, Text = "a"u8.ToArray() });

        _store.Chunks.Should().Equal(51, 500);
    }

    [Fact]
    public async Task Quick_steps_grow_until_the_page_is_full()
    {
        _store.Add(found: 0, scanned: 500);
        _store.Add(found: 20, scanned: 1_500);
        _store.Add(found: 0, scanned: 4_500);
        _store.Add(found: 30, scanned: 1_000);

        var answer = await FindAsync(Filtered);

        _store.Chunks.Should().Equal(500, 1_500, 4_500, 5_000);
        _store.Limits.Should().Equal(50, 50, 30, 30);
        _store.Places.Should().Equal(null, ScriptedStore.Place(1), ScriptedStore.Place(2), ScriptedStore.Place(3));
        answer.Messages.Should().HaveCount(50);
        answer.Scanned.Should().Be(7_500);
        answer.Next.Should().Be(ScriptedStore.Place(4));
    }

    [Fact]
    public async Task Slow_steps_do_not_grow_and_end_when_the_time_is_up()
    {
        for (var step = 0; step < 10; step++)
        {
            _store.Add(found: 1, scanned: 500, takes: TimeSpan.FromMilliseconds(70));
        }

        var answer = await FindAsync(Filtered);

        _store.Chunks.Should().Equal(500, 500, 500);
        answer.Messages.Should().HaveCount(3);
        answer.Scanned.Should().Be(1_500);
        answer.Next.Should().Be(ScriptedStore.Place(3));
    }

    [Fact]
    public async Task It_ends_when_all_is_searched()
    {
        _store.Add(found: 0, scanned: 500);
        _store.Add(found: 1, scanned: 7, isLast: true);

        var answer = await FindAsync(Filtered);

        answer.Messages.Should().ContainSingle();
        answer.Scanned.Should().Be(507);
        answer.Next.Should().BeNull();
    }

    [Fact]
    public async Task Within_a_topic_a_span_of_time_is_a_stretch_of_the_log()
    {
        var (from, to) = (DateTimeOffset.UnixEpoch.AddSeconds(10), DateTimeOffset.UnixEpoch.AddSeconds(20));
        for (var search = 0; search < 4; search++)
        {
            _store.Add(found: 0, scanned: 0, isLast: true);
        }

        await FindAsync(new MessageQuery { TopicId = 1, From = from, To = to });
        await FindAsync(new MessageQuery { TopicId = 1, From = from });
        await FindAsync(new MessageQuery { TopicId = 1, To = to });
        await FindAsync(new MessageQuery { From = from, To = to });

        _store.Stretches.Should().Equal(new LogStretch(10, 20), new LogStretch(10, long.MaxValue), new LogStretch(1, 20), LogStretch.All);
    }

    [Fact]
    public async Task Of_many_searches_a_few_run_at_once_and_who_leaves_takes_no_turn()
    {
        var hold = _store.Hold();
        for (var search = 0; search < MessageSearch.MaxAtOnce + 2; search++)
        {
            _store.Add(found: 0, scanned: 0, isLast: true);
        }

        var running = Enumerable.Range(0, MessageSearch.MaxAtOnce).Select(_ => FindAsync(Filtered)).ToList();
        using var leaving = new CancellationTokenSource();
        var leaver = _search.FindAsync(Filtered, after: null, limit: 50, leaving.Token);
        var waiting = FindAsync(Filtered);
        await leaving.CancelAsync();

        await leaver.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        waiting.IsCompleted.Should().BeFalse();
        _store.Chunks.Should().Equal(Enumerable.Repeat(500, MessageSearch.MaxAtOnce));

        var list = FindAsync(new MessageQuery());
        _store.Chunks.Should().HaveCount(MessageSearch.MaxAtOnce + 1, "a list takes one small step, and waits for nobody");

        hold.SetResult();
        await Task.WhenAll([.. running, list, waiting]);
        _store.Chunks.Should().HaveCount(MessageSearch.MaxAtOnce + 2);
    }

    public void Dispose() => _search.Dispose();

    private Task<SearchAnswer> FindAsync(MessageQuery query) => _search.FindAsync(query, after: null, limit: 50, TestContext.Current.CancellationToken);

    /// <summary>Answers as it was told, and takes its time; position p was received p seconds after the epoch.</summary>
    private sealed class ScriptedStore(FakeTimeProvider time) : IMessageSearchStore
    {
        private readonly Queue<(SearchedChunk Chunk, TimeSpan Takes)> _script = new();
        private int _steps;
        private Task _held = Task.CompletedTask;

        public List<int> Chunks { get; } = [];

        public List<int> Limits { get; } = [];

        public List<MessagePlace?> Places { get; } = [];

        public List<LogStretch> Stretches { get; } = [];

        public static MessagePlace Place(long step) => new(DateTimeOffset.UnixEpoch, 1, step);

        /// <returns>Ends the wait of all searches.</returns>
        public TaskCompletionSource Hold()
        {
            var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _held = hold.Task;
            return hold;
        }

        public void Add(int found, int scanned, TimeSpan takes = default, bool isLast = false) =>
            _script.Enqueue((new SearchedChunk([.. Enumerable.Range(0, found).Select(_ => Message)], scanned, isLast ? null : Place(++_steps)), takes));

        public async Task<SearchedChunk> SearchAsync(
            MessageQuery query, LogStretch stretch, MessagePlace? after, int chunk, int limit, CancellationToken cancellationToken)
        {
            Chunks.Add(chunk);
            Limits.Add(limit);
            Places.Add(after);
            Stretches.Add(stretch);
            var (answer, takes) = _script.Dequeue();
            time.Advance(takes);
            await _held;
            return answer;
        }

        public Task<long> FirstPositionAsync(long topicId, DateTimeOffset time, CancellationToken cancellationToken) =>
            Task.FromResult(time.ToUnixTimeSeconds());

        private static FoundMessage Message => new()
        {
            Id = Guid.Empty,
            TopicId = 1,
            Topic = "orders",
            Position = 1,
            ReceivedAt = DateTimeOffset.UnixEpoch,
            ContentType = "application/json",
            Attributes = MessageAttributes.Empty,
            Size = 2,
            Excerpt = "{}",
            Deliveries = default,
        };
    }
}
