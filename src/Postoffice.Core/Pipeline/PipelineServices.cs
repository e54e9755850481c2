using Microsoft.Extensions.Logging;
using Postoffice.Diagnostics;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.Pipeline;

/// <summary>What all pipelines of a node share. Nothing in it can be used up by one of them but the slots, and those are bounded a publisher by its demand.</summary>
/// <param name="Readers">The topic readers.</param>
/// <param name="Deliveries">The books.</param>
/// <param name="NodeSlots">The node's bound on deliveries in flight.</param>
/// <param name="Metrics">The pipelines' metrics.</param>
/// <param name="Options">The settings.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The pipelines' log.</param>
/// <param name="Pause">Pauses a publisher for a reason.</param>
internal sealed record PipelineServices(
    TopicReaders Readers,
    IDeliveryStore Deliveries,
    SemaphoreSlim NodeSlots,
    DeliveryMetrics Metrics,
    PipelineOptions Options,
    TimeProvider Time,
    ILogger Logger,
    Action<Publisher, string> Pause);
