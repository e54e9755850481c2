using Postoffice.Messages;

namespace Postoffice.Storage;

/// <summary>Looks through the logs, from the newest message to older ones, one stretch at a time.</summary>
internal interface IMessageSearchStore
{
    /// <summary>
    /// Looks at the next messages before <paramref name="after"/>, at most <paramref name="chunk"/> of them, and returns those that the query means. Of one topic
    /// they come by position, descending; across topics by time, then topic and position, descending. What is looked at is found through an index, so a call
    /// costs about the same wherever it stands and however long the logs are. With a <see cref="MessageQuery.Text"/> it stops early when the payloads get many.
    /// </summary>
    /// <param name="query">What is looked for. With a topic its times are not looked at: give <paramref name="stretch"/>.</param>
    /// <param name="stretch">The part of the topic's log that is looked through; of no account across topics.</param>
    /// <param name="after">Where the call before has stopped; null to begin with the newest.</param>
    /// <param name="chunk">How many messages to look at, at most; more than <paramref name="limit"/>.</param>
    /// <param name="limit">How many messages to return, at most.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<SearchedChunk> SearchAsync(
        MessageQuery query, LogStretch stretch, MessagePlace? after, int chunk, int limit, CancellationToken cancellationToken);

    /// <returns>The position of the first message of the topic that was received at <paramref name="time"/> or later; the one after the head without one.</returns>
    Task<long> FirstPositionAsync(long topicId, DateTimeOffset time, CancellationToken cancellationToken);
}

/// <summary>A part of a topic's log.</summary>
/// <param name="First">It begins here.</param>
/// <param name="End">It ends before this one.</param>
internal readonly record struct LogStretch(long First, long End)
{
    public static LogStretch All => new(1, long.MaxValue);
}

/// <summary>What a call has found.</summary>
/// <param name="Messages">The messages, newest first.</param>
/// <param name="Scanned">How many messages it has looked at.</param>
/// <param name="Next">Where to go on; null when all is looked through.</param>
internal readonly record struct SearchedChunk(IReadOnlyList<FoundMessage> Messages, int Scanned, MessagePlace? Next);
