using Postoffice.Messages;

namespace Postoffice.Storage;

/// <summary>The topics' logs: append, read, and nothing else. Positions become visible in commit order.</summary>
internal interface IMessageLog
{
    /// <summary>
    /// Appends to one topic: one transaction, durable when it returns, all requests or none. The topic's head is locked until the commit,
    /// so a reader that has seen a position never meets a smaller one later. The positions of one request are contiguous.
    /// </summary>
    /// <param name="topicId">The topic.</param>
    /// <param name="requests">At least one. No two of them bear the same idempotency key.</param>
    /// <param name="cancellationToken">Cancels the wait; the append may be committed all the same.</param>
    /// <returns>One result a request, in their order; null when the topic is not there.</returns>
    Task<AppendResult[]?> AppendAsync(long topicId, IReadOnlyList<AppendRequest> requests, CancellationToken cancellationToken);

    /// <returns>The messages after <paramref name="after"/>, in order of position without a gap, at most <paramref name="maxCount"/>;
    /// it stops early once <paramref name="maxBytes"/> of payload are exceeded, but never before the first.</returns>
    Task<IReadOnlyList<Message>> ReadAsync(long topicId, long after, int maxCount, int maxBytes, CancellationToken cancellationToken);

    /// <returns>The last position of each topic; a topic that is not there is missing.</returns>
    Task<IReadOnlyDictionary<long, long>> HeadsAsync(IReadOnlyCollection<long> topicIds, CancellationToken cancellationToken);

    Task<Message?> FindAsync(Guid id, CancellationToken cancellationToken);
}

/// <summary>What one caller publishes to one topic: all of it or nothing.</summary>
/// <param name="Messages">At least one; the idempotency key of the first stands for the request, the others bear none.</param>
internal sealed record AppendRequest(IReadOnlyList<NewMessage> Messages)
{
    public string? IdempotencyKey => Messages[0].IdempotencyKey;

    /// <summary>About how many bytes it takes while it waits to be written.</summary>
    public long Size { get; } = Messages.Sum(static message => message.Size);
}

/// <summary>Where one request went.</summary>
/// <param name="FirstPosition">The position of its first message; the others follow without a gap.</param>
/// <param name="ReceivedAt">The time in the log, by the clock of the store.</param>
/// <param name="Repeated">The idempotency key was in the log already: nothing was written, and <paramref name="FirstPosition"/> is where it stands.</param>
internal readonly record struct AppendResult(long FirstPosition, DateTimeOffset ReceivedAt, bool Repeated);
