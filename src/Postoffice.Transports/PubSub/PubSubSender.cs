using Postoffice.Deliveries;

namespace Postoffice.Transports.PubSub;

/// <summary>Sends the deliveries of one publisher to one Pub/Sub topic.</summary>
/// <param name="publisher">Calls the service; the sender's own.</param>
/// <param name="messages">Makes the messages.</param>
/// <param name="topic">The full name of the topic.</param>
/// <param name="timeout">How long an attempt may take.</param>
/// <param name="time">The clock of the deadline that the service is told.</param>
internal sealed class PubSubSender(GrpcPublisher publisher, PubSubMessages messages, string topic, TimeSpan timeout, TimeProvider time) : ISender
{
    public async ValueTask<SendResult> SendAsync(Delivery delivery, CancellationToken cancellationToken) =>
        (await SendBatchAsync([delivery], cancellationToken).ConfigureAwait(false))[0]!.Value;

    public async ValueTask<SendResult?[]> SendBatchAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var results = new SendResult?[deliveries.Count];
        var call = new Call(deliveries, results, (time.GetUtcNow() + timeout).UtcDateTime, cancellationToken);

        // Side by side: more than one only when they are too large for one.
        await Task.WhenAll(PublishRequests.Cut(topic, Build(deliveries, results)).Select(request => PublishAsync(request, call))).ConfigureAwait(false);
        if (Array.TrueForAll(results, result => result is null))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return results;
    }

    public ValueTask DisposeAsync() => publisher.DisposeAsync();

    /// <summary>What cannot be sent at all has its result, and is not among them.</summary>
    private OutgoingMessage[] Build(IReadOnlyList<Delivery> deliveries, SendResult?[] results)
    {
        var outgoing = new List<OutgoingMessage>(deliveries.Count);
        for (var index = 0; index < deliveries.Count; index++)
        {
            var (message, error) = messages.Build(deliveries[index]);
            if (message is null)
            {
                results[index] = new SendResult(SendOutcome.Invalid, Error: error);
                continue;
            }

            outgoing.Add(new OutgoingMessage(index, message));
        }

        return [.. outgoing];
    }

    private async Task PublishAsync(ArraySegment<OutgoingMessage> request, Call call)
    {
        SendResult result;
        IReadOnlyList<string> ids;
        try
        {
            (result, ids) = await publisher.PublishAsync(request.Select(outgoing => outgoing.Message), call.Deadline, call.CancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (call.CancellationToken.IsCancellationRequested)
        {
            // Of these nothing is known; others of the batch may have their answer.
            return;
        }

        // The service takes a request whole or not at all, and does not say which message it dislikes. Nothing of it was published.
        if (result.Outcome == SendOutcome.Rejected && request.Count > 1)
        {
            var half = request.Count / 2;
            await Task.WhenAll(PublishAsync(request[..half], call), PublishAsync(request[half..], call)).ConfigureAwait(false);
            return;
        }

        for (var index = 0; index < request.Count; index++)
        {
            var of = request[index].Index;
            call.Results[of] = call.Deliveries[of].KeepsAnswer && ids.Count > index ? result with { Answer = $"message id {ids[index]}" } : result;
        }
    }

    private sealed record Call(IReadOnlyList<Delivery> Deliveries, SendResult?[] Results, DateTime Deadline, CancellationToken CancellationToken);
}
