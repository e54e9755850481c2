using Postoffice.Threading;

namespace Postoffice.Cluster;

/// <summary>Tells this node's supervisor that a publisher was created, changed or deleted here, so that it need not wait for its next poll.</summary>
internal sealed class PublisherChanges(TimeProvider time) : IDisposable
{
    private readonly WakeSignal _wake = new(time);

    public void Notify() => _wake.Wake();

    public ValueTask WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _wake.WaitAsync(atMost, cancellationToken);

    public void Dispose() => _wake.Dispose();
}
