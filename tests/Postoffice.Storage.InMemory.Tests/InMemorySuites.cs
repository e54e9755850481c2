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
