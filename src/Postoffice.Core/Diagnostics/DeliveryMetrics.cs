using System.Diagnostics;
using System.Diagnostics.Metrics;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Postoffice.Diagnostics;

/// <summary>What the pipelines measure.</summary>
internal sealed class DeliveryMetrics
{
    private static readonly string[] OutcomeNames = [.. Enum.GetNames<SendOutcome>().Select(name => name.ToLowerInvariant())];

    private readonly Counter<long> _attempts;
    private readonly Histogram<double> _attemptDuration;
    private readonly Histogram<double> _latency;
    private readonly Histogram<int> _settleBatch;
    private readonly Counter<long> _ownFaults;
    private readonly Counter<long> _skipped;

    public DeliveryMetrics(IMeterFactory meterFactory)
    {
        var meter = meterFactory.Create(PostofficeTelemetry.Name);
        _attempts = meter.CreateCounter<long>("postoffice.delivery.attempts", "{attempt}", "Attempts made, by outcome.");
        _attemptDuration = meter.CreateHistogram(
            "postoffice.delivery.attempt.duration", "s", "Time one attempt took.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.05, 0.1, 0.5, 1, 5, 10, 30] });
        _latency = meter.CreateHistogram(
            "postoffice.delivery.latency", "s", "Time from received to delivered; replays, and what was there before the publisher, do not count.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30, 300, 3600] });
        _settleBatch = meter.CreateHistogram<int>("postoffice.settle.batch_size", "{delivery}", "Outcomes written by one flush.");
        _ownFaults = meter.CreateCounter<long>("postoffice.delivery.own_faults", "{attempt}", "Attempts that failed by this node's own fault, and count for nothing.");
        _skipped = meter.CreateCounter<long>("postoffice.delivery.skipped", "{message}", "Messages that a publisher's filter left out.");
    }

    public void Attempted(Publisher publisher, SendOutcome outcome, TimeSpan duration)
    {
        // Nobody listens: no tags are built.
        if (!_attempts.Enabled && !_attemptDuration.Enabled)
        {
            return;
        }

        var tags = new TagList
        {
            { "topic", publisher.Topic },
            { "publisher", publisher.Id },
            { "type", publisher.Type },
            { "outcome", OutcomeNames[(int)outcome] },
        };
        _attempts.Add(1, tags);
        _attemptDuration.Record(duration.TotalSeconds, tags);
    }

    public void FailedByOwnFault(Publisher publisher) =>
        _ownFaults.Add(1, new KeyValuePair<string, object?>("topic", publisher.Topic), new("publisher", publisher.Id), new("type", publisher.Type));

    public void Settled(Publisher publisher, int outcomes, int skipped)
    {
        try
        {
            var (topic, number) = (new KeyValuePair<string, object?>("topic", publisher.Topic), new KeyValuePair<string, object?>("publisher", publisher.Id));
            _settleBatch.Record(outcomes, topic, number);
            if (skipped > 0)
            {
                _skipped.Add(skipped, topic, number);
            }
        }
        catch (Exception exception)
        {
            // Some listener's fault: the outcomes are written, and the settler goes on.
            Trace.TraceError($"A metric listener threw: {exception}");
        }
    }

    /// <param name="publisher">The publisher.</param>
    /// <param name="delivered">What one flush has written.</param>
    /// <param name="clockOffset">By how much the clock that messages were received by is ahead of this node's.</param>
    public void Delivered(Publisher publisher, IReadOnlyList<DeliveredEntry> delivered, TimeSpan clockOffset)
    {
        if (!_latency.Enabled)
        {
            return;
        }

        try
        {
            var tags = new TagList { { "topic", publisher.Topic }, { "publisher", publisher.Id }, { "type", publisher.Type } };
            for (var index = 0; index < delivered.Count; index++)
            {
                if (delivered[index].Age is { } age)
                {
                    _latency.Record(Math.Max(0, (age + clockOffset).TotalSeconds), tags);
                }
            }
        }
        catch (Exception exception)
        {
            Trace.TraceError($"A metric listener threw: {exception}");
        }
    }
}
