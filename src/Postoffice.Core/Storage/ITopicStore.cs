using Postoffice.Topics;

namespace Postoffice.Storage;

/// <summary>Topics by name and number.</summary>
internal interface ITopicStore
{
    /// <returns>The new topic, or null when the name is taken.</returns>
    Task<Topic?> TryAddAsync(NewTopic topic, CancellationToken cancellationToken);

    Task<Topic?> FindAsync(string name, CancellationToken cancellationToken);

    Task<Topic?> FindAsync(long id, CancellationToken cancellationToken);

    /// <returns>Topics with a number above <paramref name="afterId"/>, in order of number, at most <paramref name="limit"/>.</returns>
    Task<IReadOnlyList<Topic>> ListAsync(long afterId, int limit, CancellationToken cancellationToken);

    /// <summary>Removes a topic that has no message, no staged message and no publisher (deleted ones do not count).</summary>
    Task<DeleteTopicStatus> TryDeleteAsync(string name, CancellationToken cancellationToken);
}

internal enum DeleteTopicStatus
{
    Deleted,
    NotFound,

    /// <summary>It has messages, staged messages or publishers.</summary>
    InUse,
}
