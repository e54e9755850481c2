using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>Publishers in front of others: cannot be looked up by number when told so, and counts how often they are listed.</summary>
internal sealed class ScriptedPublisherStore(IPublisherStore inner) : IPublisherStore
{
    /// <summary>How many of the next look-ups fail.</summary>
    public int FailuresLeft { get; set; }

    public int Lists { get; private set; }

    public Task<IReadOnlyList<Publisher>> FindManyAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        if (FailuresLeft == 0)
        {
            return inner.FindManyAsync(ids, cancellationToken);
        }

        FailuresLeft--;
        throw new StorageUnavailableException("down");
    }

    public Task<AddPublisherResult> TryAddAsync(NewPublisher publisher, CancellationToken cancellationToken) => inner.TryAddAsync(publisher, cancellationToken);

    public Task<Publisher?> FindAsync(long id, CancellationToken cancellationToken) => inner.FindAsync(id, cancellationToken);

    public Task<PublisherStatus?> FindStatusAsync(long id, CancellationToken cancellationToken) => inner.FindStatusAsync(id, cancellationToken);

    public Task<IReadOnlyList<PublisherStatus>> ListAsync(long? topicId, long afterId, int limit, CancellationToken cancellationToken)
    {
        Lists++;
        return inner.ListAsync(topicId, afterId, limit, cancellationToken);
    }

    public Task<Publisher?> UpdateAsync(long id, PublisherChange change, CancellationToken cancellationToken) => inner.UpdateAsync(id, change, cancellationToken);

    public Task<bool> DeleteAsync(long id, CancellationToken cancellationToken) => inner.DeleteAsync(id, cancellationToken);
}
