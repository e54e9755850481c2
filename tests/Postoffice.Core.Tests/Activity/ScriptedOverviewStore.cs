using Postoffice.Storage;

namespace Postoffice.Core.Tests.Activity;

/// <summary>Answers as the test says, and counts how often it was asked.</summary>
internal sealed class ScriptedOverviewStore : IOverviewStore
{
    private int _asked;

    public int Asked => _asked;

    /// <summary>The pulse's only fact.</summary>
    public long Fact { get; set; }

    public bool IsDown { get; set; }

    /// <summary>Runs before each answer; may wait.</summary>
    public Func<Task> BeforeAnswer { get; set; } = () => Task.CompletedTask;

    public async Task<OverviewReading> ReadAsync(CancellationToken cancellationToken)
    {
        await AskAsync();
        return new OverviewReading(new ActivityReading(DateTimeOffset.UnixEpoch, [], []), Fact, 0, [], []);
    }

    public async Task<PulseReading> PulseAsync(CancellationToken cancellationToken)
    {
        await AskAsync();
        return new PulseReading(DateTimeOffset.UnixEpoch, 0, 0, [Fact]);
    }

    public Task<IReadOnlyList<NodeStatus>> NodesAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<NodeStatus>>([]);

    public Task<IReadOnlyDictionary<long, TopicFigures>> TopicsAsync(IReadOnlyCollection<long> topicIds, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<long, TopicFigures>>(new Dictionary<long, TopicFigures>());

    private async Task AskAsync()
    {
        Interlocked.Increment(ref _asked);
        await BeforeAnswer();
        if (IsDown)
        {
            throw new StorageUnavailableException("It is down.");
        }
    }
}
