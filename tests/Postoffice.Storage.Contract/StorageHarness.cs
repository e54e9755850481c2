using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Postoffice.Storage.InMemory.Tests")]
[assembly: InternalsVisibleTo("Postoffice.Storage.Sqlite.Tests")]
[assembly: InternalsVisibleTo("Postoffice.Storage.Postgres.Tests")]

namespace Postoffice.Storage.Contract;

/// <summary>An empty, migrated store and its clock, for one test.</summary>
internal sealed class StorageHarness
{
    internal required IStorage Storage { get; init; }

    internal required ITopicStore Topics { get; init; }

    internal required IPublisherStore Publishers { get; init; }

    internal required IMessageLog Log { get; init; }

    internal required IStagedMessageStore Staged { get; init; }

    internal required IDeliveryStore Deliveries { get; init; }

    internal required IOrderingKeyStore OrderingKeys { get; init; }

    internal required IDeadLetterStore DeadLetters { get; init; }

    internal required IReplayStore Replays { get; init; }

    internal required IMessageSearchStore Search { get; init; }

    internal required ILeaseStore Leases { get; init; }

    internal required IActivityStore Activity { get; init; }

    internal required IOverviewStore Overview { get; init; }

    /// <summary>Moves the clock of the store forward.</summary>
    public required Func<TimeSpan, Task> AdvanceAsync { get; init; }

    /// <summary>The time on the clock of the store.</summary>
    public required Func<Task<DateTimeOffset>> NowAsync { get; init; }

    /// <summary>The number of rows outside the topics' logs: everything but topics, heads and messages.</summary>
    public required Func<Task<long>> CountRowsOutsideLogAsync { get; init; }

    /// <summary>Removes the database.</summary>
    public required Func<ValueTask> DisposeAsync { get; init; }
}
