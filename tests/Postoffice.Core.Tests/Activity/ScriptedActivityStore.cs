using System.Threading.Channels;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Activity;

/// <summary>An activity store in front of another: fails when told to, and tells of each write that was tried.</summary>
internal sealed class ScriptedActivityStore(IActivityStore inner) : IActivityStore
{
    private readonly Channel<IReadOnlyCollection<ActivityRow>> _writes = Channel.CreateUnbounded<IReadOnlyCollection<ActivityRow>>();
    private readonly Channel<(TimeSpan Age, int Max)> _prunes = Channel.CreateUnbounded<(TimeSpan, int)>();

    public bool IsDown { get; set; }

    /// <summary>How many writes were tried.</summary>
    public int Writes { get; private set; }

    /// <summary>By how much its clock is ahead.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>What the next prunes say that they have removed; then 0.</summary>
    public Queue<int> Pruned { get; } = new();

    public ValueTask<IReadOnlyCollection<ActivityRow>> NextWriteAsync() => _writes.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public ValueTask<(TimeSpan Age, int Max)> NextPruneAsync() => _prunes.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public async Task<DateTimeOffset> WriteAsync(Guid nodeId, IReadOnlyCollection<ActivityRow> rows, CancellationToken cancellationToken)
    {
        Writes++;
        _writes.Writer.TryWrite(rows);
        return IsDown ? throw new StorageUnavailableException("It is down.") : await inner.WriteAsync(nodeId, rows, cancellationToken) + Ahead;
    }

    public Task<ActivityReading> ReadAsync(ActivityScope scope, CancellationToken cancellationToken) => inner.ReadAsync(scope, cancellationToken);

    public Task<IReadOnlyDictionary<long, AttemptCounts>> AttemptsAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken) =>
        inner.AttemptsAsync(publisherIds, cancellationToken);

    public Task<int> PruneAsync(TimeSpan age, int max, CancellationToken cancellationToken)
    {
        _prunes.Writer.TryWrite((age, max));
        return Task.FromResult(Pruned.TryDequeue(out var removed) ? removed : 0);
    }
}
