using Postoffice.Messages;
using Postoffice.Storage;

namespace Postoffice.Search;

/// <summary>
/// Finds messages by walking the logs, newest first, in bounded steps: it answers when the page is full, when everything is looked through, or when the time is up,
/// and says how far it has come.
/// </summary>
internal sealed class MessageSearch(IMessageSearchStore store, TimeProvider time) : IDisposable
{
    /// <summary>How many searches that may take many steps a node runs at once; more wait for their turn. What delivers uses the same database.</summary>
    public const int MaxAtOnce = 2;

    // The first step is small, so that a store whose steps are slow answers in time; it grows while steps are quick.
    private const int FirstChunk = 500;
    private const int MaxChunk = 5_000;
    private const int Growth = 3;

    /// <summary>No further step is begun after this: a person waits, and others use the database too.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Quick = Budget / 10;

    private readonly SemaphoreSlim _turns = new(MaxAtOnce);

    /// <param name="query">What is looked for.</param>
    /// <param name="after">Where the answer before says to go on; null to begin with the newest.</param>
    /// <param name="limit">How many messages to return, at most.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async Task<SearchAnswer> FindAsync(MessageQuery query, MessagePlace? after, int limit, CancellationToken cancellationToken)
    {
        // Where next to every message looked at is one of those meant, one more than is shown tells whether there is a next page.
        if (!query.IsFiltered || (query.IsOfFailures && !query.LooksInside))
        {
            return await WalkAsync(query, after, limit, limit + 1, cancellationToken).ConfigureAwait(false);
        }

        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await WalkAsync(query, after, limit, FirstChunk, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private async Task<SearchAnswer> WalkAsync(MessageQuery query, MessagePlace? after, int limit, int chunk, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var stretch = await StretchAsync(query, cancellationToken).ConfigureAwait(false);
        var found = new List<FoundMessage>();
        var scanned = 0L;
        while (true)
        {
            var began = time.GetTimestamp();
            var part = await store.SearchAsync(query, stretch, after, chunk, limit - found.Count, cancellationToken).ConfigureAwait(false);
            found.AddRange(part.Messages);
            scanned += part.Scanned;
            after = part.Next;
            if (after is null || found.Count >= limit || time.GetElapsedTime(started) >= Budget)
            {
                return new SearchAnswer(found, scanned, after);
            }

            chunk = time.GetElapsedTime(began) < Quick ? Math.Min(chunk * Growth, MaxChunk) : chunk;
        }
    }

    /// <summary>Within a topic received_at grows with the position, so a span of time is a stretch of the log.</summary>
    private async Task<LogStretch> StretchAsync(MessageQuery query, CancellationToken cancellationToken)
    {
        var stretch = LogStretch.All;
        if (query is { TopicId: { } topicId, From: { } from })
        {
            stretch = stretch with { First = await store.FirstPositionAsync(topicId, from, cancellationToken).ConfigureAwait(false) };
        }

        if (query is { TopicId: { } id, To: { } to })
        {
            stretch = stretch with { End = await store.FirstPositionAsync(id, to, cancellationToken).ConfigureAwait(false) };
        }

        return stretch;
    }
}

/// <summary>What a search has found so far.</summary>
/// <param name="Messages">The messages, newest first.</param>
/// <param name="Scanned">How many messages it has looked at.</param>
/// <param name="Next">How far it has come, to go on from there; null when all is looked through.</param>
internal sealed record SearchAnswer(IReadOnlyList<FoundMessage> Messages, long Scanned, MessagePlace? Next);
