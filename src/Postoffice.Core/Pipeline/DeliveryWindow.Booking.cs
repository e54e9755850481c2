using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.Pipeline;

/// <content>What comes of a call to the receiver.</content>
internal sealed partial class DeliveryWindow
{
    /// <summary>Books what came of a call, for one delivery or a batch of them together; outcomes are written with the next flush.</summary>
    /// <returns>Who has something to do now.</returns>
    public Finished Finish(ReadOnlySpan<Attempted> call, TimeSpan duration)
    {
        lock (_lock)
        {
            var waited = _pending.Count;
            var bytes = 0L;
            var (mayGoOn, wasOffline, isOffline) = (false, false, false);
            RecordCall(call);
            foreach (var attempted in call)
            {
                bytes += attempted.Delivery.Message.Payload.Length;
                if (attempted.Decision.Kind == DecisionKind.GiveBack)
                {
                    TakeBack(attempted.Delivery);
                    mayGoOn = true;
                    isOffline |= attempted.Result.Fault == SendFault.Local && _flow.Hold(Now);
                }
                else
                {
                    wasOffline |= Book(attempted, duration);
                    mayGoOn |= IsKeyed(attempted.Delivery.Message) && Order(attempted.Delivery.Message, attempted.Decision);
                }
            }

            return new Finished(
                WakeProducer: _flow.FinishCall(call.Length, bytes) | mayGoOn,
                WakeSettler: _pending.Count > waited && (waited == 0 || (waited < _flushSize && _pending.Count >= _flushSize)),
                IsBack: _flow.TakeIsBack(),
                IsOnline: wasOffline,
                IsOffline: isOffline);
        }
    }

    /// <summary>Gives deliveries back that were not attempted, or whose call our own stop cut short.</summary>
    public void GiveBack(params ReadOnlySpan<Delivery> call)
    {
        lock (_lock)
        {
            var bytes = 0L;
            foreach (var delivery in call)
            {
                bytes += delivery.Message.Payload.Length;
                TakeBack(delivery);
            }

            _flow.FinishCall(call.Length, bytes);
        }
    }

    /// <summary>The breaker hears of a call once, whatever it bore: a receiver that has taken any of it is there.</summary>
    private void RecordCall(ReadOnlySpan<Attempted> call)
    {
        Attempted? told = null;
        foreach (var attempted in call)
        {
            if (attempted.Decision.Kind == DecisionKind.GiveBack || attempted.Result.Outcome is SendOutcome.Blocked or SendOutcome.Invalid)
            {
                continue;
            }

            if (attempted.Result.Outcome == SendOutcome.Accepted)
            {
                told = attempted;
                break;
            }

            told ??= attempted;
        }

        if (told is { } answer)
        {
            _flow.Record(answer.Result, _inFlight[answer.Delivery.Message.Position].BegunAt, Now);
            _parkedWhileDown = _flow.IsDown ? _parkedWhileDown : 0;
        }
    }

    /// <returns>Whether this node was at fault itself until now.</returns>
    private bool Book(in Attempted attempted, TimeSpan duration)
    {
        var (delivery, result, decision) = attempted;
        var position = delivery.Message.Position;
        _inFlight.Remove(position, out var entry);
        var wasOffline = _flow.Measure(result, entry.BegunAt, duration, Now);
        _lastError = result.Outcome == SendOutcome.Accepted ? null : result.Error ?? decision.Reason;

        // Parked while it ran, and ended before that row is written: then there is no row to take away.
        if (delivery.IsParked && _pending.ForgetPark(position))
        {
            delivery.IsParked = false;
        }

        _pending.Add(delivery, result, decision, duration, AgeOf(delivery), BlocksKey(delivery.Message));
        // A dead letter that a replay has in hand has a row too when somebody has retried it meanwhile; this was its attempt.
        if (delivery.IsParked || delivery.Replay == ReplayKind.Dead)
        {
            _outdated.Add(position, _sequence + 1);
        }

        _settled.Add(position);
        if (delivery.Replay != ReplayKind.None)
        {
            _replay?.Finished(position);
        }

        return wasOffline;
    }

    /// <summary>A parked delivery has its row; any other is the producer's again, for the log has been read beyond it.</summary>
    private void TakeBack(Delivery delivery)
    {
        _inFlight.Remove(delivery.Message.Position);
        var candidate = new Candidate(delivery.Message, delivery.Attempt - 1, delivery.IsParked, delivery.Replay);
        if (IsKeyed(delivery.Message))
        {
            _lines!.GiveBack(candidate);
        }
        else if (!delivery.IsParked)
        {
            _givenBack.Enqueue(candidate);
        }
    }

    /// <returns>Null when it says nothing of how quick we are: of a replay, and of what was there before the publisher.</returns>
    private TimeSpan? AgeOf(Delivery delivery) =>
        delivery.Replay == ReplayKind.None && delivery.Message.ReceivedAt >= _publisher.CreatedAt ? _time.GetUtcNow() - delivery.Message.ReceivedAt : null;

    private bool BlocksKey(Message message) => IsKeyed(message) && _publisher.Settings.OnKeyFailure == KeyFailure.Block;

    /// <summary>Whom a finished call concerns.</summary>
    /// <param name="WakeProducer">More deliveries may be read.</param>
    /// <param name="WakeSettler">The first outcome waits to be written, or a batch is full.</param>
    /// <param name="IsBack">The receiver was down, and has just taken a message.</param>
    /// <param name="IsOnline">This node was at fault itself, and is so no more.</param>
    /// <param name="IsOffline">This node is at fault itself, and was not before.</param>
    internal readonly record struct Finished(bool WakeProducer, bool WakeSettler, bool IsBack, bool IsOnline, bool IsOffline);
}
