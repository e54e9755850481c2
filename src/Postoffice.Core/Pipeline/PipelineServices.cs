using Microsoft.Extensions.Logging;
using Postoffice.Activity;
using Postoffice.Diagnostics;
using Postoffice.Outcomes;
using Postoffice.Publishers;

namespace Postoffice.Pipeline;

/// <summary>What all pipelines of a node share. Nothing in it can be used up by one of them: the slots are shared fairly.</summary>
/// <param name="Readers">The topic readers.</param>
/// <param name="Stores">The books.</param>
/// <param name="Slots">The node's bound on calls in flight.</param>
/// <param name="Egress">Whether the node reaches anything at all.</param>
/// <param name="Metrics">The pipelines' metrics.</param>
/// <param name="Activity">What the node has done, for those who look at it.</param>
/// <param name="Options">The settings.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The pipelines' log.</param>
/// <param name="Pause">Pauses a publisher for a reason.</param>
internal sealed record PipelineServices(
    TopicReaders Readers,
    PipelineStores Stores,
    NodeSlots Slots,
    EgressWatch Egress,
    DeliveryMetrics Metrics,
    ActivityRecorder Activity,
    PipelineOptions Options,
    TimeProvider Time,
    ILogger Logger,
    Action<Publisher, string> Pause);
