using Postoffice.Deliveries;
using Postoffice.Messages;

namespace Postoffice.Storage;

/// <summary>Replays: one at a time for each publisher.</summary>
internal interface IReplayStore
{
    /// <summary>
    /// Begins a replay of what lies at or before the publisher's cursor, and gives the publisher a new version, so that its pipeline starts anew and takes the
    /// replay up. Messages from before the publisher's start position are replayed too.
    /// </summary>
    /// <param name="publisherId">The publisher.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="dryRun">Only counts, and changes nothing.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task<ReplayResult> StartAsync(long publisherId, ReplayRequest request, bool dryRun, CancellationToken cancellationToken);

    /// <summary>Ends a replay; what is in flight is finished. The publisher gets a new version.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> CancelAsync(long publisherId, CancellationToken cancellationToken);

    /// <returns>The replay that is under way; null when there is none.</returns>
    Task<Replay?> FindAsync(long publisherId, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the next messages of a replay: those after <paramref name="after"/> up to its <see cref="Replay.Until"/>, in order of position, without those
    /// that are parked (they are sent anyway), at most <paramref name="max"/>. Fewer mean that the end is reached.
    /// </summary>
    Task<IReadOnlyList<ReplayedMessage>> ReadAsync(
        long topicId, Replay replay, long after, int max, CancellationToken cancellationToken);
}

/// <summary>A message to be sent once more.</summary>
/// <param name="Message">The message.</param>
/// <param name="IsDead">Whether it is a dead letter now.</param>
internal readonly record struct ReplayedMessage(Message Message, bool IsDead);
