using Microsoft.Extensions.Logging.Abstractions;
using Postoffice.Deliveries;

namespace Postoffice.Storage.Sqlite.Tests;

/// <summary>The schema's versions.</summary>
public sealed class MigratorTests : SqliteTests
{
    [Fact]
    public async Task A_newer_schema_is_refused_and_left_alone()
    {
        await Store.Database.WriteAsync(session => session.ExecuteOnce("INSERT INTO schema_versions VALUES (4711, 0)"), Cancel);

        await ((Func<Task>)(() => Store.Storage.MigrateAsync(Cancel))).Should().ThrowAsync<SchemaTooNewException>().WithMessage("*4711*");
        await ((Func<Task>)(() => Store.Storage.CheckSchemaAsync(Cancel))).Should().ThrowAsync<SchemaTooNewException>();
    }

    [Fact]
    public async Task An_empty_file_does_not_pass_the_check()
    {
        using var database = new SqliteDatabase(Path.Combine(Path.GetDirectoryName(Store.Path)!, "empty.db"), Store.Time, NullLogger.Instance);

        (await ((Func<Task>)(() => new SqliteStorage(database).CheckSchemaAsync(Cancel))).Should().ThrowAsync<InvalidOperationException>())
            .WithMessage("*empty.db*version 0*migrate*MigrateOnStart*");
    }

    [Fact]
    public async Task Migrating_again_changes_nothing()
    {
        await AddTopicAsync();

        await Store.Storage.MigrateAsync(Cancel);

        await Store.Storage.CheckSchemaAsync(Cancel);
        (await Store.Topics.ListAsync(0, 10, Cancel)).Should().ContainSingle();
    }

    [Fact]
    public async Task A_file_of_the_first_version_keeps_what_is_in_it_and_learns_the_keys_of_what_is_parked_and_dead()
    {
        using var database = new SqliteDatabase(Path.Combine(Path.GetDirectoryName(Store.Path)!, "first.db"), Store.Time, NullLogger.Instance);
        await database.WriteAsync(FillFirstVersion, Cancel);

        await new SqliteStorage(database).MigrateAsync(Cancel);

        var publisher = (await new SqlitePublisherStore(database).FindStatusAsync(1, Cancel))!;
        publisher.Publisher.PausedAt.Should().Be(SqliteTime.ToTime(7), "the last change is the best guess");
        (publisher.Cursor, publisher.Parked, publisher.Dead, publisher.Delivered, publisher.Skipped).Should().Be((3, 2, 1, 0, 0));
        (await new SqliteOrderingKeyStore(database).ReadLinesAsync(1, 1, Cancel)).Should().Equal(new KeyLine("customer", 1, KeyHead.Parked, 1));
        (await new SqliteDeadLetterStore(database).ListAsync(new DeadLetterFilter(), null, 10, Cancel)).Should().ContainSingle()
            .Which.Should().BeEquivalentTo(new { Position = 3L, OrderingKey = "customer", BlocksKey = false, Group = "", Reason = "max-attempts" });
    }

    private static object? FillFirstVersion(SqliteSession session)
    {
        const string Initial = "Postoffice.Storage.Sqlite.Migrations.0001_initial.sql";
        using var initial = new StreamReader(typeof(SqliteDatabase).Assembly.GetManifestResourceStream(Initial)!);
        session.ExecuteOnce(initial.ReadToEnd());
        return session.ExecuteOnce("""
            CREATE TABLE schema_versions (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;
            INSERT INTO schema_versions VALUES (1, 0);
            INSERT INTO topics VALUES (1, 'orders', NULL, 0, 0);
            INSERT INTO topic_heads VALUES (1, 3);
            INSERT INTO messages VALUES
                (1, 1, '0198a000-0000-7000-8000-000000000001', 'text/plain', '{}', 'customer', NULL, NULL, 0, x'00'),
                (1, 2, '0198a000-0000-7000-8000-000000000002', 'text/plain', '{}', NULL, NULL, NULL, 0, x'00'),
                (1, 3, '0198a000-0000-7000-8000-000000000003', 'text/plain', '{}', 'customer', NULL, NULL, 0, x'00');
            INSERT INTO publishers VALUES (1, 1, 'http', 'http://receiver.example/', 0, NULL, '{}', 0, 1, 0, 7, NULL);
            INSERT INTO publisher_cursors VALUES (1, 1, 3, x'', NULL, 1, 1, NULL);
            INSERT INTO parked_deliveries VALUES (1, 1, 1, 1, 0, 'unavailable (503)'), (1, 1, 2, 1, 0, 'unavailable (503)');
            INSERT INTO dead_letters VALUES (1, 1, 3, 100, 500, 'max-attempts', 'boom', 0);
            """);
    }
}
