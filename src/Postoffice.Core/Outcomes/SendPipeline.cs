using System.Globalization;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.RateLimiting;
using Polly.Timeout;
using Postoffice.Deliveries;
using Postoffice.Diagnostics;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.Outcomes;

/// <summary>
/// What a call to the target of one running publisher goes through, from outside in: the judgement (whose fault it was), the bound on how many run at once, the
/// deadline, the transport. Built from the publisher's settings and, as its pipeline is, built anew when they change.
/// </summary>
internal sealed partial class SendPipeline
{
    // Polly takes nothing outside of this; what stands in a publisher's row may be anything. The transport has its own say on it.
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(1);

    private readonly Publisher _publisher;
    private readonly ISender _sender;
    private readonly EgressWatch _egress;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _host;
    private readonly SendResult _deadlinePassed;
    private readonly ResiliencePipeline _pipeline;

    /// <param name="publisher">The publisher, as it stands.</param>
    /// <param name="sender">Its sender; stays the caller's to dispose of.</param>
    /// <param name="maxInFlight">The most calls at once. A last bound: whoever keeps to the publisher's demand never meets it.</param>
    /// <param name="egress">The node's view of its own way out; shared by all publishers.</param>
    /// <param name="time">The clock of the deadline.</param>
    /// <param name="logger">Told of transports that throw.</param>
    public SendPipeline(Publisher publisher, ISender sender, int maxInFlight, EgressWatch egress, TimeProvider time, ILogger logger)
    {
        _publisher = publisher;
        _sender = sender;
        _egress = egress;
        _time = time;
        _logger = logger;
        _host = EgressWatch.HostOf(publisher);

        var asked = publisher.Settings.Timeout;
        var timeout = asked < ShortestTimeout ? ShortestTimeout : asked > LongestTimeout ? LongestTimeout : asked;
        _deadlinePassed = new SendResult(
            SendOutcome.Unavailable,
            Error: string.Create(CultureInfo.InvariantCulture, $"timeout after {timeout.TotalSeconds:0.###} s"),
            Fault: SendFault.Timeout);

        _pipeline = new ResiliencePipelineBuilder { Name = "send", TimeProvider = time }
            .AddConcurrencyLimiter(permitLimit: Math.Max(1, maxInFlight), queueLimit: 0)
            .AddTimeout(timeout)
            .Build();
    }

    /// <summary>Attempts <paramref name="delivery"/> once.</summary>
    /// <param name="delivery">The delivery to send.</param>
    /// <param name="stopSending">Cancelled when the drain time of a stopping node is over.</param>
    /// <returns>
    /// What came of it. A timeout and an exception of the transport are outcomes too. <see cref="SendFault.Local"/> says that the fault was this node's,
    /// whether the transport saw that or the watch on the node's egress: such an attempt counts for nothing.
    /// </returns>
    /// <exception cref="OperationCanceledException">The drain time is over, and the target has not answered.</exception>
    public async ValueTask<SendResult> SendAsync(Delivery delivery, CancellationToken stopSending)
    {
        var outcome = await ExecuteAsync(
            static (sender, delivery, token) => sender.SendAsync(delivery, token), delivery, stopSending).ConfigureAwait(false);
        return Judge(outcome.Exception is { } exception ? Explain(exception, delivery) : outcome.Result);
    }

    /// <summary>Attempts each of <paramref name="batch"/> once, all in one call.</summary>
    /// <param name="batch">The deliveries to send; one or more.</param>
    /// <param name="stopSending">As above.</param>
    /// <returns>What came of each, in their order; null for those of which the target had said nothing when the drain time was over.</returns>
    /// <exception cref="OperationCanceledException">The drain time is over, and the target has not answered for any of them.</exception>
    public async ValueTask<SendResult?[]> SendAsync(Delivery[] batch, CancellationToken stopSending)
    {
        if (batch.Length == 1)
        {
            return [await SendAsync(batch[0], stopSending).ConfigureAwait(false)];
        }

        var outcome = await ExecuteAsync(
            static (sender, batch, token) => SendTogetherAsync(sender, batch, token), batch, stopSending).ConfigureAwait(false);
        if (outcome.Exception is { } exception)
        {
            SendResult? result = Judge(Explain(exception, batch[0]));
            return [.. Enumerable.Repeat(result, batch.Length)];
        }

        var results = outcome.Result!;
        for (var index = 0; index < results.Length; index++)
        {
            // Of these the target had said nothing when it was cut short: by our own stop, or by the deadline.
            results[index] = results[index] is { } known ? Judge(known) : stopSending.IsCancellationRequested ? null : Judge(_deadlinePassed);
        }

        return results;
    }

    private async ValueTask<Outcome<TResult>> ExecuteAsync<TSubject, TResult>(
        Func<ISender, TSubject, CancellationToken, ValueTask<TResult>> send, TSubject subject, CancellationToken stopSending)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, stopSending);
        try
        {
            var outcome = await _pipeline.ExecuteOutcomeAsync(
                static (context, call) => CallAsync(call.send, call.Sender, call.subject, context.CancellationToken),
                context,
                (send, Sender: _sender, subject)).ConfigureAwait(false);
            if (stopSending.IsCancellationRequested && outcome.Exception is not RateLimiterRejectedException)
            {
                outcome.ThrowIfException();
            }

            return outcome;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static async ValueTask<Outcome<TResult>> CallAsync<TSubject, TResult>(
        Func<ISender, TSubject, CancellationToken, ValueTask<TResult>> send, ISender sender, TSubject subject, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Outcome.FromResult(await send(sender, subject, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested)
        {
            // Cut short by us, whatever the transport makes of that (gRPC has an exception of its own for it).
            return Outcome.FromException<TResult>(
                exception as OperationCanceledException ?? new OperationCanceledException("The attempt was cut short.", exception, cancellationToken));
        }
        catch (Exception exception)
        {
            return Outcome.FromException<TResult>(exception);
        }
    }

    private static async ValueTask<SendResult?[]> SendTogetherAsync(ISender sender, Delivery[] batch, CancellationToken cancellationToken)
    {
        var results = await sender.SendBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        return results.Length == batch.Length
            ? results
            : throw new InvalidOperationException($"{sender.GetType().Name} was given {batch.Length} deliveries and returned {results.Length} results.");
    }

    private SendResult Explain(Exception exception, Delivery delivery)
    {
        switch (exception)
        {
            case RateLimiterRejectedException:
                return new SendResult(SendOutcome.Unavailable, Error: "more attempts at once than the publisher's demand allows", Fault: SendFault.Local);
            case TimeoutRejectedException:
                return _deadlinePassed;
            default:
                // A fault of the transport itself: a failed attempt, so that one poison message stops nobody.
                Log.TransportFailed(_logger, delivery.Message.Id, _publisher.Id, exception);
                return new SendResult(SendOutcome.Unavailable, Error: $"The transport \"{_publisher.Type}\" failed: {exception.GetType().Name}");
        }
    }

    private SendResult Judge(SendResult result) =>
        _egress.IsOurs(_host, result, _time.GetElapsedTime(0)) ? result with { Fault = SendFault.Local } : result;

    private static partial class Log
    {
        [LoggerMessage(EventIds.TransportFailed, LogLevel.Error, "Message {MessageId} for publisher {PublisherId}: the transport threw")]
        public static partial void TransportFailed(ILogger logger, Guid messageId, long publisherId, Exception exception);
    }
}
