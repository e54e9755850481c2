using Postoffice.Deliveries;

namespace Postoffice.Storage;

/// <summary>The ordering keys whose messages are parked: the lines that form behind a failing one.</summary>
internal interface IOrderingKeyStore
{
    /// <summary>Every key of the publisher that has parked deliveries or a dead letter that blocks it. Read when a pipeline starts.</summary>
    Task<IReadOnlyList<KeyLine>> ReadLinesAsync(long topicId, long publisherId, CancellationToken cancellationToken);

    /// <summary>
    /// The parked deliveries of these keys, whether they wait behind another or have a due time, in order of position within each key, at most
    /// <paramref name="maxPerKey"/> of each.
    /// </summary>
    /// <param name="topicId">The publisher's topic.</param>
    /// <param name="publisherId">The publisher.</param>
    /// <param name="keys">The keys; compared byte for byte.</param>
    /// <param name="except">Positions that are in hand and must not be read.</param>
    /// <param name="maxPerKey">At most so many of each key.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<IReadOnlyList<DueDelivery>> ReadLineAsync(
        long topicId, long publisherId, IReadOnlyCollection<string> keys, IReadOnlyCollection<long> except, int maxPerKey, CancellationToken cancellationToken);

    /// <summary>
    /// Makes due now, all at the same moment, what is parked behind ordering keys: the publisher keeps their order no longer, and nothing else would ever send
    /// it. Nothing happens under another epoch than the publisher's.
    /// </summary>
    Task DissolveAsync(long topicId, long publisherId, long epoch, CancellationToken cancellationToken);

    /// <returns>The keys of the publisher that are held up, in ordinal order, those after <paramref name="after"/>, at most <paramref name="limit"/>.</returns>
    Task<IReadOnlyList<BlockedKey>> ListAsync(long topicId, long publisherId, string? after, int limit, CancellationToken cancellationToken);

    /// <returns>The key, when it is held up; null when nothing of it is parked and no dead letter blocks it.</returns>
    Task<BlockedKey?> FindAsync(long topicId, long publisherId, string key, CancellationToken cancellationToken);
}

/// <summary>What a pipeline must know of a key when it starts.</summary>
/// <param name="Key">The key.</param>
/// <param name="Head">The lowest parked position; of a key that a dead letter blocks, that dead letter's, when it is lower or nothing is parked.</param>
/// <param name="Kind">What the head is.</param>
/// <param name="Rows">How many deliveries of the key are parked, the head included when it is parked.</param>
internal readonly record struct KeyLine(string Key, long Head, KeyHead Kind, int Rows);

internal enum KeyHead
{
    /// <summary>Parked with a due time: the key waits for it.</summary>
    Parked,

    /// <summary>Parked behind one that is settled since: the key may go on at once.</summary>
    Free,

    /// <summary>A dead letter that blocks the key until an operator retries or discards it.</summary>
    Dead,
}
