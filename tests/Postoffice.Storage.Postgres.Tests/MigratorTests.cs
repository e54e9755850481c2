using Postoffice.Testing.Hosting;

namespace Postoffice.Storage.Postgres.Tests;

public sealed class MigratorTests(PostgresFixture postgres)
{
    private const string FilesSql = """
        SELECT string_agg(relname || ' ' || relfilenode, ', ' ORDER BY relname) FROM pg_class WHERE relname IN ('messages_received', 'dead_letters_group')
        """;

    private const string DefinitionsSql = "SELECT string_agg(indexdef, ', ' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'postoffice'";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Eight_nodes_migrate_an_empty_database_at_once()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(postgres.Server);
        var options = new PostgresOptions { ConnectionString = database.ConnectionString };

        // A data source each, as in eight processes.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await using var dataSource = PostgresDatabase.CreateDataSource(options);
            await new Migrator(new PostgresDatabase(dataSource, options)).MigrateAsync(Cancel);
        }));

        (await database.ScalarAsync<long>("SELECT count(*) FROM postoffice.schema_migrations")).Should().Be(Migration.All.Count);
        await database.Storage.CheckSchemaAsync(Cancel);
    }

    [Fact]
    public async Task A_schema_that_is_too_new_is_refused()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await database.ExecuteAsync("INSERT INTO postoffice.schema_migrations VALUES (99, '0099_later', clock_timestamp())");

        await FluentActions.Awaiting(() => database.Storage.MigrateAsync(Cancel)).Should().ThrowAsync<SchemaTooNewException>();
        await FluentActions.Awaiting(() => database.Storage.CheckSchemaAsync(Cancel)).Should().ThrowAsync<SchemaTooNewException>();
    }

    [Fact]
    public async Task A_schema_that_is_not_there_is_said_to_need_a_migration()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(postgres.Server);

        (await FluentActions.Awaiting(() => database.Storage.CheckSchemaAsync(Cancel)).Should().ThrowAsync<InvalidOperationException>())
            .WithMessage("*version 0*MigrateOnStart*");
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_nothing_behind_and_is_tried_again()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(postgres.Server);
        var stores = database.Get<PostgresDatabase>();
        var broken = new Migrator(stores, migrations: [new(1, "0001_broken", "CREATE TABLE postoffice.half (id int); SELECT 1 / 0")]);

        await FluentActions.Awaiting(() => broken.MigrateAsync(Cancel)).Should().ThrowAsync<Npgsql.PostgresException>();
        (await database.ScalarAsync<bool>("SELECT to_regclass('postoffice.half') IS NULL")).Should().BeTrue();

        await new Migrator(stores).MigrateAsync(Cancel);
        await database.Storage.CheckSchemaAsync(Cancel);
    }

    [Fact]
    public async Task An_owner_of_the_schema_migrates_without_rights_on_the_database()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(postgres.Server);
        var role = $"role_{Guid.NewGuid():N}";
        await database.ExecuteAsync($"CREATE ROLE {role}; CREATE SCHEMA postoffice AUTHORIZATION {role}");
        var options = new PostgresOptions { ConnectionString = database.ConnectionString + $";Options=-c role={role}" };
        await using (var dataSource = PostgresDatabase.CreateDataSource(options))
        {
            await new Migrator(new PostgresDatabase(dataSource, options)).MigrateAsync(Cancel);
        }

        (await database.ScalarAsync<long>("SELECT count(*) FROM postoffice.schema_migrations")).Should().Be(Migration.All.Count);
        await database.ExecuteAsync($"DROP SCHEMA postoffice CASCADE; DROP ROLE {role}");
    }

    [Fact]
    public async Task A_schema_of_another_name_holds_everything()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, options => options.Schema = "order");
        var topicId = await database.AddTopicAsync();
        var publisher = await database.AddPublisherAsync();
        await database.AppendAsync(topicId, 3);
        var lease = await database.AcquireAsync(Guid.NewGuid());
        await database.Deliveries.SettleAsync(
            new() { TopicId = topicId, PublisherId = publisher.Id, Epoch = lease.Epoch, Sequence = 1, Cursor = 1, SettledAbove = [] }, Cancel);
        await database.Staged.StageAsync(new(topicId, new() { Payload = "{}"u8.ToArray(), IdempotencyKey = "k" }, DateTimeOffset.UnixEpoch), Cancel);
        await database.Staged.RelayDueAsync(10, Cancel);

        (await database.Publishers.FindStatusAsync(publisher.Id, Cancel))!.Should().BeEquivalentTo(new { Cursor = 1, Head = 4 });
        (await database.ScalarAsync<long>("SELECT count(*) FROM \"order\".messages")).Should().Be(4);
        (await database.ScalarAsync<bool>("SELECT to_regnamespace('postoffice') IS NULL")).Should().BeTrue();
    }

    [Fact]
    public async Task Large_indexes_may_be_built_beforehand_as_the_documentation_says()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(postgres.Server);
        await using var other = await TestDatabase.CreateAsync(postgres.Server);
        await new Migrator(database.Get<PostgresDatabase>(), migrations: [.. Migration.All.Take(2)]).MigrateAsync(Cancel);
        var documentation = await File.ReadAllLinesAsync(Path.Combine(BuiltProject.RepositoryRoot, "docs", "operations.md"), Cancel);
        foreach (var statement in documentation.Where(line => line.StartsWith("CREATE INDEX CONCURRENTLY", StringComparison.Ordinal)))
        {
            await database.ExecuteAsync(statement);
        }

        var built = await database.ScalarAsync<string>(FilesSql);
        await database.Storage.MigrateAsync(Cancel);

        (await database.ScalarAsync<string>(FilesSql)).Should().Be(built, "none of them is built again");
        (await database.ScalarAsync<string>(DefinitionsSql)).Should().Be(await other.ScalarAsync<string>(DefinitionsSql));
    }
}
