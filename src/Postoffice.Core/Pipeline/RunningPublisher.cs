using Postoffice.Cluster;
using Postoffice.Publishers;

namespace Postoffice.Pipeline;

/// <summary>
/// A publisher whose lease this node holds. Without a pipeline when it cannot be run here (no transport for its type, settings that cannot be read): the lease
/// is kept all the same, so that nobody spins on it.
/// </summary>
internal sealed class RunningPublisher(Publisher publisher, LeaseHold hold, PublisherPipeline? pipeline)
{
    private readonly Lock _lock = new();
    private Task? _stopping;

    public Publisher Publisher => publisher;

    public LeaseHold Hold => hold;

    public PublisherPipeline? Pipeline => pipeline;

    /// <summary>Several may want it stopped; one does it, all wait for it.</summary>
    public Task StopOnceAsync(Func<Task> stop)
    {
        lock (_lock)
        {
            return _stopping ??= Task.Run(stop);
        }
    }
}
