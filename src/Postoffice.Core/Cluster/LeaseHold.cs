namespace Postoffice.Cluster;

/// <summary>
/// This node's own view of a lease: until when it may act on it, by its monotonic clock. The time counts from before the store was asked, and ends a margin
/// early, so the node stops sending before the store could give the publisher to another.
/// </summary>
internal sealed class LeaseHold(Lease lease, long validUntil, TimeProvider time)
{
    private long _validUntil = validUntil;

    public Lease Lease { get; } = lease;

    /// <summary>Whether sending is allowed now.</summary>
    public bool IsValid => time.GetTimestamp() < Interlocked.Read(ref _validUntil);

    /// <summary>The store has renewed the lease.</summary>
    public void Prolong(long validUntil) => Interlocked.Exchange(ref _validUntil, validUntil);
}
