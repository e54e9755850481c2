using Postoffice.Deliveries;

namespace Postoffice.Transports;

/// <summary>Sends the deliveries of one publisher. Called by many consumers at once.</summary>
public interface ISender : IAsyncDisposable
{
    /// <summary>Sends <paramref name="delivery"/> once. Never retries: an attempt on the wire is always an attempt in the store.</summary>
    /// <param name="delivery">The delivery to send.</param>
    /// <param name="cancellationToken">Cancelled when the publisher's timeout passes, or the drain time of a stopping node is over.</param>
    /// <returns>What the target answered, also when its answer was cut short by the token. A refusal and an unreachable host are outcomes, not exceptions.</returns>
    /// <exception cref="OperationCanceledException">
    /// The token was cancelled before the target had answered. Whether that is a timeout, which is an outcome too, or the end of the drain time, the caller knows.
    /// </exception>
    ValueTask<SendResult> SendAsync(Delivery delivery, CancellationToken cancellationToken);
}
