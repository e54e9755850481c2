using Postoffice.Publishers;

namespace Postoffice.Storage;

/// <summary>Publishers and where they stand. Deleted publishers are gone for every method here.</summary>
internal interface IPublisherStore
{
    /// <summary>The most publishers a topic may have: each message is sent once for each.</summary>
    const int MaxPublishersPerTopic = 1_000;

    /// <summary>
    /// Creates the publisher and its cursor: at the topic's head for <see cref="NewPublisher.FromNow"/>, else at 0. Costs no write per message.
    /// Unique per (topic, type, target) among publishers that are not deleted; of many concurrent identical calls one adds.
    /// </summary>
    Task<AddPublisherResult> TryAddAsync(NewPublisher publisher, CancellationToken cancellationToken);

    Task<Publisher?> FindAsync(long id, CancellationToken cancellationToken);

    /// <returns>The publishers with these numbers that are still there, in any order.</returns>
    Task<IReadOnlyList<Publisher>> FindManyAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken);

    Task<PublisherStatus?> FindStatusAsync(long id, CancellationToken cancellationToken);

    /// <returns>Publishers with a number above <paramref name="afterId"/>, in order of number, at most <paramref name="limit"/>; of one topic when given.</returns>
    Task<IReadOnlyList<PublisherStatus>> ListAsync(long? topicId, long afterId, int limit, CancellationToken cancellationToken);

    /// <returns>The publisher as changed, its version one higher; null when it is not there, or no longer of <see cref="PublisherChange.IfVersion"/>.</returns>
    Task<Publisher?> UpdateAsync(long id, PublisherChange change, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the publisher for good: what it had not settled is discarded, its parked rows are removed, and its epoch is raised,
    /// so that a pipeline still running settles nothing more. Deleting again succeeds too.
    /// </summary>
    /// <returns>Whether such a publisher exists or once did.</returns>
    Task<bool> DeleteAsync(long id, CancellationToken cancellationToken);
}
