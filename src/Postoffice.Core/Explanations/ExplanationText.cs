using System.Globalization;
using Postoffice.Storage;

namespace Postoffice.Explanations;

/// <summary>Says a reason and its facts in one sentence, without signs that JSON escapes: people read it in a terminal.</summary>
internal static class ExplanationText
{
    public static Explanation With(ExplanationReason reason, ExplanationFacts facts) => new(reason, Say(reason, facts), facts);

    private static string Say(ExplanationReason reason, ExplanationFacts facts) => reason switch
    {
        ExplanationReason.Delivered => $"Delivered{At(facts.At)} by attempt {Number(facts.Attempts)}{Status(facts.StatusCode)}.",
        ExplanationReason.Filtered => $"Left out{At(facts.At)}: the filter of the publisher does not match it.",
        ExplanationReason.Discarded => $"Discarded{At(facts.At)}: an operator gave it up.",
        ExplanationReason.Dead => $"Dead{Since(facts.Since)} after {Attempts(facts.Attempts)}: {facts.Reason}{Last(facts.Error)}. Retry or discard the dead letter.",
        ExplanationReason.CreatedLater => $"Never meant for this publisher: it was created later and starts after position {Number(facts.StartPosition)}. A replay would send it.",
        ExplanationReason.Settled => "Settled; the delivery log no longer goes back far enough to say how.",
        ExplanationReason.Paused => $"The publisher is paused{Since(facts.Since)}{Because(facts.Reason)}. Resume it to have this sent.",
        ExplanationReason.InFlight => $"In flight on node {facts.Node?.Host}{Since(facts.Since)}: attempt {Number(facts.Attempt)}.",
        ExplanationReason.BehindKey => $"Waits behind position {Number(facts.Key!.HeadPosition)} of its ordering key, {Head(facts.Key)}.",
        ExplanationReason.Parked => $"Parked until {Time(facts.Until)} after {Attempts(facts.Attempts)}: {facts.Reason}{Last(facts.Error)}.",
        ExplanationReason.NotRunning => facts.Reason is { } fault
            ? $"The publisher cannot run: {fault}. Set its settings anew."
            : "No node runs the publisher. Start a node that reaches the storage and has a transport of its type; one takes it over within seconds.",
        ExplanationReason.BreakerOpen => $"The receiver fails, so only probes are sent to it; {Probe(facts.ProbeAt)}{Last(facts.Error)}.",
        ExplanationReason.Offline => $"Node {facts.Node?.Host} reaches no target at all and tries again at {Time(facts.Until)}. Check its network.",
        ExplanationReason.RateLimited => $"The rate limit of the publisher holds it back until {Time(facts.Until)}.",
        _ => $"Waits for its turn: {Number(facts.Ahead)} before it{Seconds(facts.Seconds)}.",
    };

    private static string Head(Deliveries.BlockedKey key) => key switch
    {
        { IsDead: true } => $"a dead letter ({key.Reason}): retry or discard it to set the key free",
        { Reason: ParkEntry.InFlight, DueAt: null } => "which is in flight",
        { DueAt: { } due } => $"which is parked until {Time(due)} ({key.Reason})",
        _ => "which goes next",
    };

    private static string Probe(DateTimeOffset? probeAt) => probeAt is { } at ? $"the next goes out at {Time(at)}" : "one is under way";

    private static string At(DateTimeOffset? time) => time is { } given ? $" at {Time(given)}" : "";

    private static string Since(DateTimeOffset? time) => time is { } given ? $" since {Time(given)}" : "";

    private static string Status(int? code) => code is { } given ? $", answered with {Number(given)}" : "";

    private static string Because(string? reason) => reason is null ? "" : $" ({reason})";

    private static string Last(string? error) => error is null ? "" : $"; the last attempt met: {error.TrimEnd('.')}";

    private static string Attempts(int? attempts) => attempts == 1 ? "1 attempt" : $"{Number(attempts)} attempts";

    private static string Seconds(double? seconds) => seconds is { } given ? $", about {Number(Math.Round(given))} s at the rate of the last minute" : "";

    private static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "";

    private static string Number(IFormattable? number) => number?.ToString(null, CultureInfo.InvariantCulture) ?? "";
}
