using Postoffice.Storage.Contract;

namespace Postoffice.Storage.Postgres.Tests;

public sealed class PostgresStorageLifeTests(PostgresFixture postgres) : StorageLifeContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresTopicStoreTests(PostgresFixture postgres) : TopicStoreContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresPublisherStoreTests(PostgresFixture postgres) : PublisherStoreContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresPublisherDeletionTests(PostgresFixture postgres) : PublisherDeletionContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresMessageLogTests(PostgresFixture postgres) : MessageLogContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresMessageContentTests(PostgresFixture postgres) : MessageContentContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresIdempotencyTests(PostgresFixture postgres) : IdempotencyContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresStagedMessageTests(PostgresFixture postgres) : StagedMessageContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresDeliveryStoreTests(PostgresFixture postgres) : DeliveryStoreContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresParkedDeliveryTests(PostgresFixture postgres) : ParkedDeliveryContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresFencingTests(PostgresFixture postgres) : FencingContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresLeaseTests(PostgresFixture postgres) : LeaseContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresPublisherPauseTests(PostgresFixture postgres) : PublisherPauseContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresParkedBehindKeyTests(PostgresFixture postgres) : ParkedBehindKeyContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresOrderingKeyTests(PostgresFixture postgres) : OrderingKeyContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresBlockedKeyTests(PostgresFixture postgres) : BlockedKeyContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresSkipTests(PostgresFixture postgres) : SkipContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresReportTests(PostgresFixture postgres) : ReportContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresDeadLetterTests(PostgresFixture postgres) : DeadLetterContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresDeadLetterChangeTests(PostgresFixture postgres) : DeadLetterChangeContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresReplayTests(PostgresFixture postgres) : ReplayContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresReplayReadTests(PostgresFixture postgres) : ReplayReadContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresMessageSearchTests(PostgresFixture postgres) : MessageSearchContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresActivityTests(PostgresFixture postgres) : ActivityContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresSearchByContentTests(PostgresFixture postgres) : SearchByContentContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresOverviewTests(PostgresFixture postgres) : OverviewContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresSearchByStateTests(PostgresFixture postgres) : SearchByStateContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresMakeDueTests(PostgresFixture postgres) : MakeDueContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}

public sealed class PostgresPulseTests(PostgresFixture postgres) : PulseContract
{
    internal override Task<StorageHarness> CreateAsync() => PostgresStore.CreateAsync(postgres.Server);
}
