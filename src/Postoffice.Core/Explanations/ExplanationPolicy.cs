using Postoffice.Deliveries;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.Explanations;

/// <summary>Finds the one reason why a message is, or is not, delivered by a publisher. Pure: the same facts, the same reason.</summary>
internal static class ExplanationPolicy
{
    /// <summary>The states of <see cref="PublisherReport.Breaker"/> in which nothing, or only a probe, goes out.</summary>
    private const string Open = "open";
    private const string HalfOpen = "half_open";

    /// <param name="state">Where the delivery stands.</param>
    /// <param name="position">The message's position.</param>
    /// <param name="orderingKey">Its ordering key.</param>
    /// <param name="key">The same when the store says that it is held up; else null.</param>
    /// <param name="owner">Who runs the publisher; null when nobody does.</param>
    /// <param name="now">The time.</param>
    public static Explanation Explain(
        DeliveryState state, long position, string? orderingKey, BlockedKey? key, PublisherOwner? owner, DateTimeOffset now) => state.Status switch
    {
        DeliveryStatus.Waiting or DeliveryStatus.Parked =>
            Hold(state, position, KeyInFlight(position, orderingKey, key, owner) ?? key, owner, now) ?? Wait(state, owner),
        _ => Settled(state),
    };

    private static Explanation Settled(DeliveryState state)
    {
        var last = state.FailedAttempts.Count > 0 ? state.FailedAttempts[^1] : null;
        return state.Status switch
        {
            DeliveryStatus.Delivered => ExplanationText.With(ExplanationReason.Delivered,
                new ExplanationFacts { At = state.SettledAt, Attempts = state.Attempts, StatusCode = state.StatusCode }),
            DeliveryStatus.Skipped => ExplanationText.With(ExplanationReason.Filtered, new ExplanationFacts { At = state.SettledAt }),
            DeliveryStatus.Discarded => ExplanationText.With(ExplanationReason.Discarded, new ExplanationFacts { At = state.SettledAt }),
            DeliveryStatus.DeadLettered => ExplanationText.With(ExplanationReason.Dead, new ExplanationFacts
            {
                Since = state.SettledAt,
                Reason = state.Reason,
                Attempts = state.Attempts,
                StatusCode = state.StatusCode ?? last?.StatusCode,
                Error = last?.Error,
            }),
            DeliveryStatus.NotSubscribed => ExplanationText.With(ExplanationReason.CreatedLater,
                new ExplanationFacts { StartPosition = state.Publisher.StartPosition }),
            _ => ExplanationText.With(ExplanationReason.Settled, new ExplanationFacts()),
        };
    }

    /// <returns>What holds the delivery up, the gravest first; null when nothing does.</returns>
    private static Explanation? Hold(DeliveryState state, long position, BlockedKey? key, PublisherOwner? owner, DateTimeOffset now) =>
        Paused(state)
        ?? InFlight(state, position, owner)
        ?? BehindKey(position, key)
        ?? Parked(state, now)
        ?? NotRunning(state, owner)
        ?? Breaker(owner)
        ?? Offline(owner, now)
        ?? RateLimited(owner, now);

    private static Explanation? Paused(DeliveryState state) => state.Publisher.Active ? null : ExplanationText.With(ExplanationReason.Paused,
        new ExplanationFacts { Since = state.Publisher.PausedAt, Reason = state.Publisher.PausedReason });

    /// <summary>A report names the attempts that take longest; one that is parked while it runs is known by its reason as well.</summary>
    private static Explanation? InFlight(DeliveryState state, long position, PublisherOwner? owner)
    {
        if (owner is null)
        {
            return null;
        }

        var node = new ExplainedNode(owner.NodeId, owner.Host);
        foreach (var sending in owner.Report?.Sending ?? [])
        {
            if (sending.Position == position)
            {
                return ExplanationText.With(ExplanationReason.InFlight, new ExplanationFacts { Node = node, Since = sending.Since, Attempt = sending.Attempt });
            }
        }

        return state is { Status: DeliveryStatus.Parked, Reason: ParkEntry.InFlight }
            ? ExplanationText.With(ExplanationReason.InFlight, new ExplanationFacts { Node = node, Attempt = state.Attempts + 1 })
            : null;
    }

    /// <summary>An attempt of the key that is under way goes first wherever it stands in the log: it may be an earlier dead letter's, or a replay's.</summary>
    private static Explanation? BehindKey(long position, BlockedKey? key)
    {
        var goesFirst = key is not null && key.HeadPosition != position && (key.HeadPosition < position || key.Reason == ParkEntry.InFlight);
        return goesFirst ? ExplanationText.With(ExplanationReason.BehindKey, new ExplanationFacts { Key = key }) : null;
    }

    /// <returns>The key as held up by an attempt that is under way, which the store knows nothing of; null when none is, or one before it holds it up.</returns>
    private static BlockedKey? KeyInFlight(long position, string? orderingKey, BlockedKey? key, PublisherOwner? owner)
    {
        if (orderingKey is null)
        {
            return null;
        }

        foreach (var sending in owner?.Report?.Sending ?? [])
        {
            if (sending.Key == orderingKey && sending.Position != position && sending.MessageId is { } messageId
                && (key is null || key.HeadPosition >= Math.Min(position, sending.Position)))
            {
                return new BlockedKey
                {
                    Key = orderingKey,
                    HeadPosition = sending.Position,
                    HeadMessageId = messageId,
                    IsDead = false,
                    Attempts = sending.Attempt - 1,
                    Reason = ParkEntry.InFlight,
                    Waiting = key is null ? 0 : key.Waiting + (key.HeadPosition == sending.Position ? 0 : 1),
                };
            }
        }

        return null;
    }

    private static Explanation? Parked(DeliveryState state, DateTimeOffset now) =>
        state.Status == DeliveryStatus.Parked && state.DueAt > now
            ? ExplanationText.With(ExplanationReason.Parked, new ExplanationFacts
            {
                Until = state.DueAt,
                Attempts = state.Attempts,
                Reason = state.Reason,
                Error = state.FailedAttempts.Count > 0 ? state.FailedAttempts[^1].Error : null,
            })
            : null;

    private static Explanation? NotRunning(DeliveryState state, PublisherOwner? owner)
    {
        var fault = state.Publisher.Settings.Fault;
        return owner is null || fault is not null ? ExplanationText.With(ExplanationReason.NotRunning, new ExplanationFacts { Reason = fault }) : null;
    }

    /// <summary>A half-open breaker counts until its first success: then the last error is gone, and what waits goes out, only not all at once.</summary>
    private static Explanation? Breaker(PublisherOwner? owner) =>
        owner?.Report is { } report && (report.Breaker == Open || (report.Breaker == HalfOpen && report.LastError is not null))
            ? ExplanationText.With(ExplanationReason.BreakerOpen, new ExplanationFacts { ProbeAt = report.ProbeAt, Error = report.LastError })
            : null;

    private static Explanation? Offline(PublisherOwner? owner, DateTimeOffset now) => owner?.Report is { } report && report.OfflineUntil > now
        ? ExplanationText.With(ExplanationReason.Offline,
            new ExplanationFacts { Node = new ExplainedNode(owner.NodeId, owner.Host), Until = report.OfflineUntil, Error = report.LastError })
        : null;

    private static Explanation? RateLimited(PublisherOwner? owner, DateTimeOffset now) => owner?.Report is { } report && report.RateLimitedUntil > now
        ? ExplanationText.With(ExplanationReason.RateLimited, new ExplanationFacts { Until = report.RateLimitedUntil })
        : null;

    private static Explanation Wait(DeliveryState state, PublisherOwner? owner) => ExplanationText.With(ExplanationReason.Waiting, new ExplanationFacts
    {
        Ahead = state.Ahead,
        Seconds = owner?.Report is { Rate: > 0 and var rate } ? Math.Round(state.Ahead / rate, 1) : null,
    });
}
