using Postoffice.Deliveries;

namespace Postoffice.Pipeline;

/// <summary>What may be read of a replay now.</summary>
/// <param name="Replay">The replay.</param>
/// <param name="After">Read up to here.</param>
/// <param name="Room">So many messages at most.</param>
/// <param name="IsUnderWay">Something of it is taken up and not finished.</param>
internal readonly record struct ReplayRoom(Replay Replay, long After, int Room, bool IsUnderWay);
