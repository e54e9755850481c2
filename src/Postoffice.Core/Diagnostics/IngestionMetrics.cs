using System.Diagnostics.Metrics;

namespace Postoffice.Diagnostics;

/// <summary>What ingestion measures.</summary>
internal sealed class IngestionMetrics
{
    private readonly Counter<long> _ingested;
    private readonly Histogram<double> _duration;

    public IngestionMetrics(IMeterFactory meterFactory)
    {
        var meter = meterFactory.Create(PostofficeTelemetry.Name);
        _ingested = meter.CreateCounter<long>("postoffice.messages.ingested", "{message}", "Messages appended to a topic's log.");
        _duration = meter.CreateHistogram(
            "postoffice.ingest.duration", "s", "Time one append took, commit included.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5] });
    }

    public void Appended(string topic, int messages, TimeSpan duration)
    {
        _ingested.Add(messages, new KeyValuePair<string, object?>("topic", topic));
        _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("topic", topic));
    }
}
