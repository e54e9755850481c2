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

    /// <summary>
    /// Sends several deliveries together, once each. Never called with more than <see cref="ITransport.MaxBatchSize"/>, nor with fewer than two. One message
    /// that the target refuses keeps none of the others from it: a call that is refused whole for the sake of one is split, within this attempt.
    /// </summary>
    /// <param name="deliveries">The deliveries, each of another message.</param>
    /// <param name="cancellationToken">Cancelled when the publisher's timeout passes, or the drain time of a stopping node is over.</param>
    /// <returns>
    /// What came of each, in their order. When the token was cancelled in the midst: null for those of which nothing is known.
    /// </returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before the target had answered for any of them.</exception>
    ValueTask<SendResult?[]> SendBatchAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} sends one delivery at a time: its transport must not name a {nameof(ITransport.MaxBatchSize)} above 1.");
}
