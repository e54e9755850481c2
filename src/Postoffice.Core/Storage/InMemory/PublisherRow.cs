using Postoffice.Deliveries;
using Postoffice.Publishers;

namespace Postoffice.Storage.InMemory;

/// <summary>A publisher, its cursor and lease, and its books. Only touched under <see cref="InMemoryDatabase.Gate"/>.</summary>
internal sealed class PublisherRow(Publisher publisher)
{
    public Publisher Publisher { get; set; } = publisher;

    public bool IsDeleted { get; set; }

    public long Cursor { get; set; } = publisher.StartPosition;

    public byte[] SettledAbove { get; set; } = [];

    public Guid? Owner { get; set; }

    public long Epoch { get; set; }

    public DateTimeOffset LeaseUntil { get; set; }

    /// <summary>What the owner last said, in this epoch.</summary>
    public string? Report { get; set; }

    /// <summary>The last batch written in this epoch; 0 for none.</summary>
    public long Sequence { get; set; }

    /// <summary>How many deliveries it has made.</summary>
    public long DeliveredCount { get; set; }

    /// <summary>How many messages its filter has left out.</summary>
    public long SkippedCount { get; set; }

    public Replay? Replay { get; set; }

    public SortedDictionary<long, ParkedRow> Parked { get; } = [];

    public Dictionary<long, DeadRow> Dead { get; } = [];

    /// <summary>The last entry for each position; a replay replaces it.</summary>
    public Dictionary<long, LogRow> Log { get; } = [];

    public Dictionary<long, List<FailedAttempt>> Failed { get; } = [];

    /// <summary>A pipeline that runs it starts anew.</summary>
    public void RaiseVersion() => Publisher = Publisher with { Version = Publisher.Version + 1 };

    /// <summary>Publisher and cursor are a row each.</summary>
    public long CountRows() =>
        2 + Parked.Count + Dead.Count + Log.Count + Failed.Values.Sum(attempts => attempts.Count) + (Replay is null ? 0 : 1);
}

/// <param name="Attempts">Attempts made so far.</param>
/// <param name="DueAt">Null when it waits behind another of its ordering key.</param>
/// <param name="Reason">Why it waits.</param>
/// <param name="OrderingKey">Its message's ordering key.</param>
internal readonly record struct ParkedRow(int Attempts, DateTimeOffset? DueAt, string Reason, string? OrderingKey);

internal readonly record struct DeadRow(DeadEntry Entry, DateTimeOffset At);

/// <summary>An entry of the delivery log: delivered, skipped or discarded.</summary>
internal readonly record struct LogRow(DeliveryStatus Outcome, int Attempts, int? StatusCode, TimeSpan? Duration, DateTimeOffset At);
