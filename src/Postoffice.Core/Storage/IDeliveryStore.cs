using Postoffice.Deliveries;
using Postoffice.Messages;

namespace Postoffice.Storage;

/// <summary>The books of the publishers: cursors, parked deliveries, dead letters, delivery log.</summary>
internal interface IDeliveryStore
{
    /// <summary>
    /// Writes one flush of a publisher: cursor, settled-above set, delivery log, failed attempts, parked deliveries and dead letters, in one transaction and
    /// one round trip, only while <see cref="SettleBatch.Epoch"/> is the publisher's epoch. Writing the same batch again (same <see cref="SettleBatch.Sequence"/>)
    /// changes nothing and says <see cref="SettleStatus.Settled"/>, so it is safe to retry after a lost connection.
    /// </summary>
    Task<SettleStatus> SettleAsync(SettleBatch batch, CancellationToken cancellationToken);

    /// <summary>Parked deliveries that are due, by the clock of the store, earliest first, then by position. Those behind their key are never among them.</summary>
    /// <param name="topicId">The publisher's topic.</param>
    /// <param name="publisherId">The publisher.</param>
    /// <param name="except">Positions that are in hand: in flight, or attempted and not written yet.</param>
    /// <param name="max">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<IReadOnlyList<DueDelivery>> ReadDueAsync(long topicId, long publisherId, IReadOnlyCollection<long> except, int max, CancellationToken cancellationToken);

    /// <summary>
    /// Makes due now, all at the same moment and so in order of position, what waits (or is due already) only because the receiver was unavailable (<see cref="ParkEntry.Unavailable"/>): it is back, or
    /// a new owner is about to find out. What was refused or throttled keeps its time. Nothing happens under another epoch than the publisher's.
    /// </summary>
    /// <returns>How many that are.</returns>
    Task<int> MakeUnavailableDueAsync(long topicId, long publisherId, long epoch, CancellationToken cancellationToken);

    /// <summary>
    /// Makes one parked delivery due now, by an operator's hand; one that is due already keeps its place, and one whose attempt is under way has its turn.
    /// Needs no epoch: at worst it is due a moment after an attempt has parked it anew, or was settled a moment ago.
    /// </summary>
    Task<MakeDueStatus> MakeDueAsync(long topicId, long publisherId, long position, CancellationToken cancellationToken);

    /// <returns>For each of these publishers that has parked deliveries with a due time: how long until the earliest is due, by the clock of the store; zero or less when it is.</returns>
    Task<IReadOnlyDictionary<long, TimeSpan>> NextDueAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken);

    /// <returns>Where the message stands for each publisher of its topic, in order of publisher number.</returns>
    Task<IReadOnlyList<DeliveryState>> StatesAsync(Message message, CancellationToken cancellationToken);
}

internal enum MakeDueStatus
{
    /// <summary>It is not parked.</summary>
    NotParked,

    /// <summary>It waits behind another of its ordering key, and goes when that one has gone.</summary>
    BehindKey,

    /// <summary>It is due, or in flight.</summary>
    Due,
}

/// <summary>A parked delivery that is due.</summary>
/// <param name="Message">Its message.</param>
/// <param name="Attempts">How many attempts were made so far.</param>
internal readonly record struct DueDelivery(Message Message, int Attempts);

internal enum SettleStatus
{
    Settled,

    /// <summary>Another epoch owns the publisher, or it is deleted: stop its pipeline and drop its results.</summary>
    LeaseLost,
}

/// <summary>What one flush of a publisher writes. Each position appears in one of the lists of outcomes at most.</summary>
internal sealed class SettleBatch
{
    public required long TopicId { get; init; }

    public required long PublisherId { get; init; }

    /// <summary>The fence: the batch counts only while the publisher has this epoch.</summary>
    public required long Epoch { get; init; }

    /// <summary>1, 2, 3 … within the epoch; one higher than the last batch written.</summary>
    public required long Sequence { get; init; }

    /// <summary>The position up to which everything is settled or parked, after this batch.</summary>
    public required long Cursor { get; init; }

    /// <summary>What is settled or parked beyond the cursor: see <see cref="SettledSet"/>.</summary>
    public required byte[] SettledAbove { get; init; }

    public IReadOnlyList<DeliveredEntry> Delivered { get; init; } = [];

    public IReadOnlyList<FailedEntry> Failed { get; init; } = [];

    /// <summary>Deliveries to park, or to park again with a new due time.</summary>
    public IReadOnlyList<ParkEntry> Parked { get; init; } = [];

    /// <summary>Positions whose parked row goes away, since they are delivered, skipped or dead now.</summary>
    public IReadOnlyList<long> Unparked { get; init; } = [];

    public IReadOnlyList<DeadEntry> Dead { get; init; } = [];

    /// <summary>Positions that the publisher's filter leaves out: entered in the delivery log as skipped, with no attempts.</summary>
    public IReadOnlyList<long> Skipped { get; init; } = [];

    /// <summary>Positions whose dead letter goes away, since a replay has delivered or parked them.</summary>
    public IReadOnlyList<long> Revived { get; init; } = [];

    /// <summary>How far the replay has come; null when there is none, or nothing new to say of it.</summary>
    public ReplayMark? Replay { get; init; }
}

/// <summary>How far a replay has come. Counts only while the publisher's replay is this one; when its end is reached the replay goes away.</summary>
/// <param name="Id">The replay.</param>
/// <param name="Position">Settled or parked up to here.</param>
internal readonly record struct ReplayMark(Guid Id, long Position);

/// <summary>A delivered message: one element of the delivery log's compact rows.</summary>
/// <param name="Position">Its position.</param>
/// <param name="Attempts">Attempts made, the last included.</param>
/// <param name="StatusCode">What the receiver answered.</param>
/// <param name="Duration">How long the last attempt took.</param>
/// <param name="Age">How long before that it was received, by this node's clock; null when that counts for nothing. No store writes it: it is for the figures.</param>
internal readonly record struct DeliveredEntry(long Position, int Attempts, int? StatusCode, TimeSpan Duration, TimeSpan? Age = null);

/// <summary>A failed attempt: a row of its own.</summary>
internal readonly record struct FailedEntry(long Position, int Attempt, int? StatusCode, TimeSpan Duration, string Error);

/// <summary>A delivery to park.</summary>
/// <param name="Position">Its message's position.</param>
/// <param name="Attempts">Attempts made so far.</param>
/// <param name="Delay">It is due so long after the settle, by the clock of the store; null: it waits behind another of its ordering key, and is never due by itself.</param>
/// <param name="Reason">Why it waits, in few words: <c>unavailable (503)</c>, <c>rejected (404)</c>, <c>in flight</c>, <c>behind key</c>.</param>
/// <param name="OrderingKey">The message's ordering key, whatever the publisher's ordering; null when it has none.</param>
internal readonly record struct ParkEntry(long Position, int Attempts, TimeSpan? Delay, string Reason, string? OrderingKey = null)
{
    /// <summary>The reason of a delivery that waits behind another of its ordering key.</summary>
    public const string BehindKey = "behind key";

    /// <summary>The reason of an attempt that is parked while it runs.</summary>
    public const string InFlight = "in flight";

    /// <summary>How the reason of a delivery begins that failed for its receiver's sake, not its own.</summary>
    public const string Unavailable = "unavailable";
}

/// <summary>A delivery that is given up.</summary>
/// <param name="Position">Its message's position.</param>
/// <param name="Attempts">Attempts made.</param>
/// <param name="StatusCode">The last answer's status code; null when there was none.</param>
/// <param name="Reason">Why it is given up.</param>
/// <param name="Error">What the last attempt met.</param>
/// <param name="Group">What it has in common with others: see <see cref="Outcomes.ErrorGroup"/>.</param>
/// <param name="OrderingKey">The message's ordering key; null when it has none.</param>
/// <param name="BlocksKey">Whether its key waits for an operator.</param>
internal readonly record struct DeadEntry(
    long Position, int Attempts, int? StatusCode, string Reason, string Error, string Group = "", string? OrderingKey = null, bool BlocksKey = false);
