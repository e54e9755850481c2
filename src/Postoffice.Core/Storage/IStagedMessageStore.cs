using Postoffice.Messages;

namespace Postoffice.Storage;

/// <summary>Messages that are durable but not yet in the log, and the relay that moves them there when they are due.</summary>
internal interface IStagedMessageStore
{
    /// <summary>Stages one message.</summary>
    /// <returns>The id under which it stands: the message's own, or that of an earlier one (staged or in the log) with the same idempotency key.
    /// Null when the topic is not there.</returns>
    Task<Guid?> StageAsync(StagedMessage message, CancellationToken cancellationToken);

    Task<StagedMessage?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Moves what is due into the log, in order of due time: one transaction a topic, at most <paramref name="maxPerTopic"/> messages each. Safe on many nodes at once.
    /// A message whose idempotency key is in the log already is dropped: it was published before.
    /// </summary>
    Task<IReadOnlyList<RelayedTopic>> RelayDueAsync(int maxPerTopic, CancellationToken cancellationToken);

    /// <returns>How long until the earliest staged message is due, by the clock of the store: zero or less when it is; null when there is none.</returns>
    Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken);
}

/// <summary>What a relay did in one topic.</summary>
/// <param name="TopicId">The topic.</param>
/// <param name="Head">The topic's last position after it.</param>
/// <param name="Moved">How many messages left staging.</param>
internal readonly record struct RelayedTopic(long TopicId, long Head, int Moved);
