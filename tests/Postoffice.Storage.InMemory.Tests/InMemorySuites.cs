using Postoffice.Storage.Contract;

namespace Postoffice.Storage.InMemory.Tests;

public sealed class InMemoryStorageLifeTests : StorageLifeContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryTopicStoreTests : TopicStoreContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryPublisherStoreTests : PublisherStoreContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryPublisherDeletionTests : PublisherDeletionContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryMessageLogTests : MessageLogContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryMessageContentTests : MessageContentContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryIdempotencyTests : IdempotencyContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryStagedMessageTests : StagedMessageContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryDeliveryStoreTests : DeliveryStoreContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryParkedDeliveryTests : ParkedDeliveryContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryFencingTests : FencingContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryLeaseTests : LeaseContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryPublisherPauseTests : PublisherPauseContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryParkedBehindKeyTests : ParkedBehindKeyContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryOrderingKeyTests : OrderingKeyContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryBlockedKeyTests : BlockedKeyContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemorySkipTests : SkipContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryReportTests : ReportContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryDeadLetterTests : DeadLetterContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryDeadLetterChangeTests : DeadLetterChangeContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryReplayTests : ReplayContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryReplayReadTests : ReplayReadContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryMessageSearchTests : MessageSearchContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryActivityTests : ActivityContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemorySearchByContentTests : SearchByContentContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryOverviewTests : OverviewContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemorySearchByStateTests : SearchByStateContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryMakeDueTests : MakeDueContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}

public sealed class InMemoryPulseTests : PulseContract
{
    internal override Task<StorageHarness> CreateAsync() => InMemoryStore.CreateAsync();
}
