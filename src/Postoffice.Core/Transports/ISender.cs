using Postoffice.Deliveries;

namespace Postoffice.Transports;

/// <summary>Sends the deliveries of one publisher. Called by many consumers at once.</summary>
public interface ISender : IAsyncDisposable
{
    /// <summary>Sends <paramref name="delivery"/> once. Never retries: an attempt on the wire is always an attempt in the store.</summary>
    /// <param name="delivery">The delivery to send.</param>
    /// <param name="cancellationToken">Cancelled when the drain time of a stopping node is over. The publisher's timeout is the sender's own business.</param>
    /// <returns>What the target answered. A refusal, an unreachable host and a timeout are outcomes, not exceptions.</returns>
    /// <exception cref="OperationCanceledException">The drain time is over; the delivery stays unsettled and is sent again by the next owner.</exception>
    ValueTask<SendResult> SendAsync(Delivery delivery, CancellationToken cancellationToken);
}
