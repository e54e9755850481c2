using System.Threading.Channels;
using Postoffice.Messages;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Ingestion;

/// <summary>A staging store in front of another: fails when told to, and tells when the relay has looked.</summary>
internal sealed class ScriptedStagedMessageStore(IStagedMessageStore inner, TimeProvider time) : IStagedMessageStore
{
    private readonly Channel<(DateTimeOffset At, int Moved)> _relays = Channel.CreateUnbounded<(DateTimeOffset At, int Moved)>();

    /// <summary>How many of the next relays fail.</summary>
    public int FailuresLeft { get; set; }

    /// <summary>Ends when the relay has looked once more.</summary>
    /// <returns>When it looked and how many messages it moved; -1 when it failed.</returns>
    public ValueTask<(DateTimeOffset At, int Moved)> NextRelayAsync() => _relays.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public async Task<IReadOnlyList<RelayedTopic>> RelayDueAsync(int maxPerTopic, CancellationToken cancellationToken)
    {
        if (FailuresLeft > 0)
        {
            FailuresLeft--;
            _relays.Writer.TryWrite((time.GetUtcNow(), -1));
            throw new StorageUnavailableException("down");
        }

        var relayed = await inner.RelayDueAsync(maxPerTopic, cancellationToken);
        _relays.Writer.TryWrite((time.GetUtcNow(), relayed.Sum(topic => topic.Moved)));
        return relayed;
    }

    public Task<Guid?> StageAsync(StagedMessage message, CancellationToken cancellationToken) => inner.StageAsync(message, cancellationToken);

    public Task<StagedMessage?> FindAsync(Guid id, CancellationToken cancellationToken) => inner.FindAsync(id, cancellationToken);

    public Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken) => inner.NextDueAsync(cancellationToken);
}
