using Postoffice.Storage.Contract;

namespace Postoffice.Storage.Sqlite.Tests;

public sealed class SqliteBlockedKeyTests : BlockedKeyContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteDeadLetterTests : DeadLetterContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteDeadLetterChangeTests : DeadLetterChangeContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteDeliveryStoreTests : DeliveryStoreContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteFencingTests : FencingContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteIdempotencyTests : IdempotencyContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteLeaseTests : LeaseContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteMessageContentTests : MessageContentContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteMessageLogTests : MessageLogContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteOrderingKeyTests : OrderingKeyContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteParkedBehindKeyTests : ParkedBehindKeyContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteParkedDeliveryTests : ParkedDeliveryContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqlitePublisherDeletionTests : PublisherDeletionContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqlitePublisherPauseTests : PublisherPauseContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqlitePublisherStoreTests : PublisherStoreContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteReplayTests : ReplayContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteReplayReadTests : ReplayReadContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteReportTests : ReportContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteSkipTests : SkipContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteStagedMessageTests : StagedMessageContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteStorageLifeTests : StorageLifeContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteTopicStoreTests : TopicStoreContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteMessageSearchTests : MessageSearchContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteActivityTests : ActivityContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteSearchByContentTests : SearchByContentContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteOverviewTests : OverviewContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteSearchByStateTests : SearchByStateContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqliteMakeDueTests : MakeDueContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}

public sealed class SqlitePulseTests : PulseContract
{
    internal override Task<StorageHarness> CreateAsync() => SqliteHarness.CreateContractAsync();
}
