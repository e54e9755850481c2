using Postoffice.Deliveries;
using Postoffice.Outcomes;
using Postoffice.Publishers;

namespace Postoffice.Pipeline;

/// <content>What it tells of itself.</content>
internal sealed partial class DeliveryWindow
{
    /// <summary>How the publisher does, for those who ask why a message waits.</summary>
    public PublisherReport? Report(double rate)
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                // A publisher that stops is found until it has stopped: there is nothing left to tell of it.
                return null;
            }

            var (now, clock) = (Now, _time.GetUtcNow());
            return new PublisherReport
            {
                At = clock,
                Breaker = _flow.BreakerState switch { BreakerState.Open => "open", BreakerState.HalfOpen => "half_open", _ => "closed" },
                ProbeAt = clock + (_flow.ProbeAt - now),
                LastError = _lastError,
                MaxDemand = _flow.MaxDemand,
                EffectiveDemand = _flow.EffectiveDemand,
                InFlight = _flow.InFlight,
                Rate = rate,
                RateLimitedUntil = clock + _flow.RateLimitedFor,
                OfflineUntil = clock + (_flow.OfflineUntil - now),
                Sending =
                [
                    .. _inFlight.Values.OrderBy(entry => entry.BegunAt).Take(PublisherReport.MaxSending)
                        .Select(entry => ToReport(entry.Delivery, clock - (now - entry.BegunAt), IsKeyed(entry.Delivery.Message))),
                ],
            };
        }
    }

    private static SendingReport ToReport(Delivery delivery, DateTimeOffset since, bool isKeyed)
    {
        var message = delivery.Message;
        return isKeyed
            ? new SendingReport(message.Position, delivery.Attempt, since, message.OrderingKey, message.Id)
            : new SendingReport(message.Position, delivery.Attempt, since);
    }
}
