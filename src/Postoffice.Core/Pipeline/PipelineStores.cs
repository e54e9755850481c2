using Postoffice.Storage;

namespace Postoffice.Pipeline;

/// <summary>What a pipeline reads from and writes to.</summary>
/// <param name="Deliveries">Cursors, parked deliveries, outcomes.</param>
/// <param name="Keys">What waits behind ordering keys.</param>
/// <param name="Replays">What is to be sent again.</param>
internal sealed record PipelineStores(IDeliveryStore Deliveries, IOrderingKeyStore Keys, IReplayStore Replays);
