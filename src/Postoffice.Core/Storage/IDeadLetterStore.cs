using Postoffice.Deliveries;

namespace Postoffice.Storage;

/// <summary>The dead letters, for those who look after them.</summary>
internal interface IDeadLetterStore
{
    /// <returns>The dead letters, newest first (then by publisher and position, descending), those after <paramref name="after"/>, at most <paramref name="limit"/>.</returns>
    Task<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterFilter filter, DeadLetterPlace? after, int limit, CancellationToken cancellationToken);

    Task<DeadLetter?> FindAsync(DeadLetterId id, CancellationToken cancellationToken);

    Task<long> CountAsync(DeadLetterFilter filter, CancellationToken cancellationToken);

    /// <returns>The groups by reason and <see cref="DeadLetter.Group"/>, the largest first, at most <paramref name="limit"/>.</returns>
    Task<IReadOnlyList<DeadLetterGroup>> GroupsAsync(DeadLetterFilter filter, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Makes them parked deliveries again, due now, with all their attempts before them: the count starts at 0. One transaction; the oldest first
    /// (by time of death, publisher, position), at most <paramref name="max"/>.
    /// </summary>
    /// <returns>How many.</returns>
    Task<int> RetryAsync(DeadLetterFilter filter, int max, CancellationToken cancellationToken);

    /// <summary>
    /// Gives them up for good: they are entered in the delivery log as discarded. One transaction; the oldest first, at most <paramref name="max"/>.
    /// A publisher one of whose keys is set free by it gets a new version, so that its pipeline starts anew and goes on with the key.
    /// </summary>
    /// <returns>How many.</returns>
    Task<int> DiscardAsync(DeadLetterFilter filter, int max, CancellationToken cancellationToken);
}

/// <summary>A place in the list of dead letters.</summary>
internal readonly record struct DeadLetterPlace(DateTimeOffset DiedAt, long PublisherId, long Position);
