namespace Postoffice.Storage.Contract;

/// <summary>The database as a whole.</summary>
public abstract class StorageLifeContract : StorageContract
{
    [Fact]
    public void The_store_runs_every_suite()
    {
        var derived = GetType().Assembly.GetTypes().Where(type => !type.IsAbstract).Select(type => type.BaseType);

        // A base that only shares steps among suites has no tests of its own.
        var suites = typeof(StorageContract).Assembly.GetTypes().Where(type => type.IsAbstract && type.IsSubclassOf(typeof(StorageContract))
            && type.GetMethods().Any(method => method.DeclaringType == type && method.IsDefined(typeof(FactAttribute), inherit: true)));
        suites.Should().HaveCountGreaterThan(1).And.BeSubsetOf(derived!);
    }

    [Fact]
    public async Task Migrating_again_changes_nothing()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 3);
        var rows = await Store.CountRowsOutsideLogAsync();

        await Store.Storage.MigrateAsync(Cancel);
        await Store.Storage.MigrateAsync(Cancel);

        (await ReadAllAsync(topic)).Should().HaveCount(3);
        (await Store.CountRowsOutsideLogAsync()).Should().Be(rows);
    }

    [Fact]
    public async Task Many_nodes_may_migrate_at_once() =>
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Store.Storage.MigrateAsync(Cancel), Cancel)));

    [Fact]
    public async Task A_migrated_schema_passes_the_check() => await Store.Storage.CheckSchemaAsync(Cancel);

    [Fact]
    public async Task A_live_store_answers_a_ping() => await Store.Storage.PingAsync(Cancel);

    [Fact]
    public void It_says_what_it_is() => Store.Storage.Description.Should().NotBeNullOrWhiteSpace();

    [Fact]
    public async Task The_clock_moves_when_the_test_moves_it()
    {
        var before = await Store.NowAsync();

        await Store.AdvanceAsync(TimeSpan.FromHours(1));

        (await Store.NowAsync()).Should().BeOnOrAfter(before.AddHours(1)).And.BeBefore(before.AddHours(2));
    }
}
