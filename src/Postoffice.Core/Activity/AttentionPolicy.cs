using System.Globalization;
using Postoffice.Explanations;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.Activity;

/// <summary>Judges whether somebody should look at a publisher, and why: the gravest reason. Pure: the same row, the same judgement.</summary>
internal static class AttentionPolicy
{
    /// <summary>A publisher that was created or changed so lately is just being taken by a node.</summary>
    public static readonly TimeSpan StartTime = TimeSpan.FromSeconds(10);

    /// <summary>A smaller backlog is nobody's worry, whichever way it goes.</summary>
    public const long MinLag = 100;

    /// <summary>
    /// Of what has come in so much more than what was got done, in five minutes, is a growing backlog: less is what nodes have not told yet of the last minute,
    /// and what was in flight at its ends.
    /// </summary>
    private const double GrowthFactor = 1.1;

    /// <param name="publisher">The publisher and how it does.</param>
    /// <param name="now">The time, by the clock of the store.</param>
    /// <returns>Null when all is well.</returns>
    public static Attention? Judge(OverviewPublisher publisher, DateTimeOffset now) =>
        NotRunning(publisher, now)
        ?? BreakerOpen(publisher)
        ?? Offline(publisher, now)
        ?? Paused(publisher)
        ?? LagGrowing(publisher)
        ?? BlockedKeys(publisher)
        ?? DeadLetters(publisher)
        ?? RateLimited(publisher, now);

    /// <returns>Those that somebody should look at, the gravest reason first and for the same reason the most that waits.</returns>
    public static IReadOnlyList<(OverviewPublisher Publisher, Attention Attention)> Judge(
        IReadOnlyList<OverviewPublisher> publishers, DateTimeOffset now, int max) =>
        [
            .. publishers.Select(publisher => (Publisher: publisher, Attention: Judge(publisher, now)!))
                .Where(judged => judged.Attention is not null)
                .OrderBy(judged => judged.Attention.Reason)
                .ThenByDescending(judged => judged.Publisher.Lag + judged.Publisher.Parked + judged.Publisher.Dead)
                .ThenBy(judged => judged.Publisher.Id)
                .Take(max),
        ];

    private static Attention? NotRunning(OverviewPublisher publisher, DateTimeOffset now)
    {
        if (!publisher.Active || (publisher.Owner is null && now - publisher.UpdatedAt < StartTime))
        {
            return null;
        }

        return publisher.Owner is null || publisher.Fault is not null
            ? Explained(AttentionReason.NotRunning, ExplanationReason.NotRunning, new ExplanationFacts { Reason = publisher.Fault }, publisher.LeaseEnded)
            : null;
    }

    /// <summary>A half-open breaker counts until its first success, as for an explanation.</summary>
    private static Attention? BreakerOpen(OverviewPublisher publisher) =>
        Report(publisher) is { } report && (report.Breaker == "open" || (report.Breaker == "half_open" && report.LastError is not null))
            ? Explained(AttentionReason.BreakerOpen, ExplanationReason.BreakerOpen, new ExplanationFacts { ProbeAt = report.ProbeAt, Error = report.LastError })
            : null;

    private static Attention? Offline(OverviewPublisher publisher, DateTimeOffset now) =>
        Report(publisher) is { OfflineUntil: { } until } && until > now
            ? Explained(
                AttentionReason.Offline, ExplanationReason.Offline,
                new ExplanationFacts { Node = new ExplainedNode(publisher.Owner!.NodeId, publisher.Owner.Host), Until = until })
            : null;

    private static Attention? Paused(OverviewPublisher publisher)
    {
        if (publisher.Active)
        {
            return null;
        }

        var text = publisher.PausedReason switch
        {
            "gone" => "Paused: the receiver says that it is gone (410). Resume the publisher when the receiver is back, or delete it.",
            { Length: > 0 } reason => $"Paused ({reason}). Nothing is sent until it is resumed.",
            _ => "Paused by hand. Nothing is sent until it is resumed.",
        };
        return new Attention(AttentionReason.Paused, text, publisher.PausedAt);
    }

    private static Attention? LagGrowing(OverviewPublisher publisher)
    {
        var (received, advanced) = (publisher.RecentlyReceived, publisher.RecentlyAdvanced);
        return publisher.Lag > MinLag && received > (advanced * GrowthFactor) + MinLag
            ? new Attention(
                AttentionReason.LagGrowing,
                $"Falls behind: in five minutes {Number(received)} messages came in and {Number(advanced)} were dealt with; {Number(publisher.Lag)} wait.",
                Since: null)
            : null;
    }

    private static Attention? BlockedKeys(OverviewPublisher publisher) => publisher.HasBlockedKey
        ? new Attention(AttentionReason.BlockedKeys, "Ordering keys wait behind dead letters. Retry or discard those to set the keys free.", publisher.OldestDead)
        : null;

    private static Attention? DeadLetters(OverviewPublisher publisher) => publisher.Dead > 0
        ? new Attention(
            AttentionReason.DeadLetters,
            publisher.Dead == 1 ? "1 dead letter waits for somebody to retry or discard it." : $"{Number(publisher.Dead)} dead letters wait for somebody to retry or discard them.",
            publisher.OldestDead)
        : null;

    /// <summary>Only while there is something to hold back.</summary>
    private static Attention? RateLimited(OverviewPublisher publisher, DateTimeOffset now) =>
        Report(publisher) is { RateLimitedUntil: { } until } && until > now && publisher.Lag + publisher.Parked > 0
            ? Explained(AttentionReason.RateLimited, ExplanationReason.RateLimited, new ExplanationFacts { Until = until })
            : null;

    /// <returns>What its node says of it; null of a paused one, which may still drain.</returns>
    private static PublisherReport? Report(OverviewPublisher publisher) => publisher.Active ? publisher.Owner?.Report : null;

    private static Attention Explained(AttentionReason reason, ExplanationReason explained, ExplanationFacts facts, DateTimeOffset? since = null) =>
        new(reason, ExplanationText.With(explained, facts).Text, since);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
