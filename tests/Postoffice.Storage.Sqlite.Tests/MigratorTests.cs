using Microsoft.Extensions.Logging.Abstractions;

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
}
