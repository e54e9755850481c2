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
/// What an attempt of one running publisher goes through, from outside in: the bound on how many run at once, the judgement (whose fault it was; what is
/// recorded in the breaker), the deadline, the transport. Built from the publisher's settings and, as its pipeline is, built anew when they change.
/// </summary>
internal sealed partial class SendPipeline
{
    // Polly takes nothing outside of this; what stands in a publisher's row may be anything. The transport has its own say on it.
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(1);

    private static readonly ResiliencePropertyKey<Delivery> DeliveryKey = new("postoffice.delivery");

    private readonly Publisher _publisher;
    private readonly ISender _sender;
    private readonly EgressWatch _egress;
    private readonly Action<Delivery, SendResult> _record;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _host;
    private readonly SendResult _deadlinePassed;
    private readonly ResiliencePipeline<SendResult> _pipeline;

    /// <param name="publisher">The publisher, as it stands.</param>
    /// <param name="sender">Its sender; stays the caller's to dispose of.</param>
    /// <param name="maxInFlight">The most attempts at once. A last bound: whoever keeps to the publisher's demand never meets it.</param>
    /// <param name="egress">The node's view of its own way out; shared by all publishers.</param>
    /// <param name="record">Hears of each attempt that says something of the receiver, before it is returned: for the breaker. Not of our own faults.</param>
    /// <param name="time">The clock of the deadline.</param>
    /// <param name="logger">Told of transports that throw.</param>
    public SendPipeline(
        Publisher publisher, ISender sender, int maxInFlight, EgressWatch egress, Action<Delivery, SendResult> record, TimeProvider time, ILogger logger)
    {
        _publisher = publisher;
        _sender = sender;
        _egress = egress;
        _record = record;
        _time = time;
        _logger = logger;
        _host = EgressWatch.HostOf(publisher);

        var asked = publisher.Settings.Timeout;
        var timeout = asked < ShortestTimeout ? ShortestTimeout : asked > LongestTimeout ? LongestTimeout : asked;
        _deadlinePassed = new SendResult(
            SendOutcome.Unavailable,
            Error: string.Create(CultureInfo.InvariantCulture, $"timeout after {timeout.TotalSeconds:0.###} s"),
            Fault: SendFault.Timeout);

        _pipeline = new ResiliencePipelineBuilder<SendResult> { Name = "send", TimeProvider = time }
            .AddConcurrencyLimiter(permitLimit: Math.Max(1, maxInFlight), queueLimit: 0)
            .AddStrategy(_ => new JudgementStrategy(this))
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
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, stopSending);
        try
        {
            context.Properties.Set(DeliveryKey, delivery);
            var outcome = await _pipeline.ExecuteOutcomeAsync(
                static (context, attempt) => SendOnceAsync(attempt.Sender, attempt.Delivery, context.CancellationToken),
                context,
                (Sender: _sender, Delivery: delivery)).ConfigureAwait(false);

            if (outcome.Exception is RateLimiterRejectedException)
            {
                return new SendResult(SendOutcome.Unavailable, Error: "more attempts at once than the publisher's demand allows", Fault: SendFault.Local);
            }

            outcome.ThrowIfException();
            return outcome.Result;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static async ValueTask<Outcome<SendResult>> SendOnceAsync(ISender sender, Delivery delivery, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Outcome.FromResult(await sender.SendAsync(delivery, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested)
        {
            // Cut short by us, whatever the transport makes of that (gRPC has an exception of its own for it).
            return Outcome.FromException<SendResult>(
                exception as OperationCanceledException ?? new OperationCanceledException("The attempt was cut short.", exception, cancellationToken));
        }
        catch (Exception exception)
        {
            return Outcome.FromException<SendResult>(exception);
        }
    }

    private Outcome<SendResult> Judge(Outcome<SendResult> outcome, ResilienceContext context)
    {
        context.Properties.TryGetValue(DeliveryKey, out var delivery);
        if (outcome.Exception is { } exception)
        {
            if (context.CancellationToken.IsCancellationRequested)
            {
                // Our own stop: no outcome, and nothing to record.
                return outcome;
            }

            outcome = Outcome.FromResult(exception is TimeoutRejectedException ? _deadlinePassed : Failed(delivery!, exception));
        }

        var result = outcome.Result;
        if (_egress.IsOurs(_host, result, _time.GetElapsedTime(0)))
        {
            return Outcome.FromResult(result with { Fault = SendFault.Local });
        }

        _record(delivery!, result);
        return outcome;
    }

    /// <summary>A fault of the transport itself: a failed attempt, so that one poison message stops nobody.</summary>
    private SendResult Failed(Delivery delivery, Exception exception)
    {
        Log.TransportFailed(_logger, delivery.Message.Id, _publisher.Id, exception);
        return new SendResult(SendOutcome.Unavailable, Error: $"The transport \"{_publisher.Type}\" failed: {exception.GetType().Name}");
    }

    private sealed class JudgementStrategy(SendPipeline owner) : ResilienceStrategy<SendResult>
    {
        protected override async ValueTask<Outcome<SendResult>> ExecuteCore<TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<SendResult>>> callback, ResilienceContext context, TState state) =>
            owner.Judge(await callback(context, state).ConfigureAwait(false), context);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.TransportFailed, LogLevel.Error, "Message {MessageId} for publisher {PublisherId}: the transport threw")]
        public static partial void TransportFailed(ILogger logger, Guid messageId, long publisherId, Exception exception);
    }
}
