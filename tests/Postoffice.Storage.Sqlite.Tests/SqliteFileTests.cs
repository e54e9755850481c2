using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Postoffice.Publishers;

namespace Postoffice.Storage.Sqlite.Tests;

/// <summary>The file: durable settings, one process at a time, clear words when it cannot be used.</summary>
public sealed class SqliteFileTests : SqliteTests
{
    [Fact]
    public async Task A_commit_is_on_the_disk_when_it_returns()
    {
        (await Store.PragmaAsync("synchronous")).Should().Be(2L, "2 is FULL");
        (await Store.PragmaAsync("journal_mode")).Should().Be("wal");
        (await Store.PragmaAsync("foreign_keys")).Should().Be(1L);
        (await Store.PragmaAsync("busy_timeout")).Should().Be(5000L);
    }

    [Fact]
    public async Task Readers_cannot_write()
    {
        var write = () => Store.Database.ReadAsync(session => session.ExecuteOnce("DELETE FROM topics"), Cancel);

        await write.Should().ThrowAsync<StorageUnavailableException>().WithMessage("*readonly*");
    }

    [Fact]
    public async Task Everything_is_there_after_a_restart()
    {
        var topic = await AddTopicAsync();
        await AppendAsync(topic, NewMessage(), NewMessage());

        Store.Reopen();

        await Store.Storage.CheckSchemaAsync(Cancel);
        (await Store.Topics.FindAsync("orders", Cancel)).Should().Be(topic);
        (await PositionsAsync(topic)).Should().Equal(1, 2);
        (await AppendAsync(topic, NewMessage()))![0].FirstPosition.Should().Be(3);
    }

    [Fact]
    public async Task A_new_process_need_not_wait_for_the_leases_of_the_one_that_died()
    {
        await AddTopicAsync();
        var publisher = new NewPublisher("orders", "http", "http://receiver.example/", Active: true, FromNow: false, PublisherSettings.Default);
        await Store.Publishers.TryAddAsync(publisher, Cancel);
        await Store.Leases.AcquireAsync(Guid.NewGuid(), 1, [], TimeSpan.FromHours(1), Cancel);

        Store.Reopen();
        await Store.Storage.MigrateAsync(Cancel);

        (await Store.Leases.AcquireAsync(Guid.NewGuid(), 1, [], TimeSpan.FromHours(1), Cancel)).Should().ContainSingle().Which.Epoch.Should().Be(2);
        await Store.Storage.MigrateAsync(Cancel);
        (await Store.Leases.AcquireAsync(Guid.NewGuid(), 1, [], TimeSpan.FromHours(1), Cancel)).Should().BeEmpty("its own leases are not void");
    }

    [Fact]
    public async Task Closing_leaves_one_file_and_the_lock()
    {
        await AppendAsync(await AddTopicAsync(), NewMessage());

        Store.Database.Dispose();

        Directory.EnumerateFiles(Path.GetDirectoryName(Store.Path)!).Select(Path.GetFileName).Should().BeEquivalentTo("postoffice.db", "postoffice.db-lock");
    }

    [Fact]
    public async Task A_second_one_on_the_same_file_is_refused_until_the_first_is_closed()
    {
        using var second = Store.Open();
        var start = () => new SqliteStorage(second).MigrateAsync(Cancel);

        (await start.Should().ThrowAsync<InvalidOperationException>())
            .WithMessage($"The SQLite file {Store.Path} is used by another process*stop the other one*Postoffice:Storage:Sqlite:Path*");

        Store.Database.Dispose();
        await start.Should().NotThrowAsync();
    }

    [Fact]
    public async Task Another_process_sees_the_lock_and_its_own_is_respected()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/flock"), "The tool flock is not on this machine.");
        var lockPath = Store.Path + "-lock";
        (await FlockAsync("--nonblock", lockPath, "true")).Should().Be(1, "this process holds the lock");

        Store.Database.Dispose();
        (await FlockAsync("--nonblock", lockPath, "true")).Should().Be(0);

        // The other process holds the lock until its input ends.
        using var other = Process.Start(new ProcessStartInfo("/usr/bin/flock", [lockPath, "sh", "-c", "echo held; read line"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        (await other.StandardOutput.ReadLineAsync(Cancel)).Should().Be("held");
        using var mine = Store.Open();
        var start = () => new SqliteStorage(mine).MigrateAsync(Cancel);
        await start.Should().ThrowAsync<InvalidOperationException>();

        other.StandardInput.Close();
        await other.WaitForExitAsync(Cancel);
        await start.Should().NotThrowAsync();
    }

    [Fact]
    public async Task A_missing_folder_is_created()
    {
        var path = Path.Combine(Path.GetDirectoryName(Store.Path)!, "a", "b", "new.db");
        using var database = new SqliteDatabase(path, Store.Time, NullLogger.Instance);

        await new SqliteStorage(database).MigrateAsync(Cancel);

        File.Exists(path).Should().BeTrue();
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named_with_the_remedy()
    {
        // A file stands where a folder would have to be; this fails for root as well.
        using var database = new SqliteDatabase(Path.Combine(Store.Path, "below.db"), Store.Time, NullLogger.Instance);
        var start = () => new SqliteStorage(database).MigrateAsync(Cancel);

        (await start.Should().ThrowAsync<StorageUnavailableException>()).WithMessage("*below.db*right to write its folder*Postoffice:Storage:Sqlite:Path*");
    }

    [Fact]
    public async Task What_is_no_database_is_refused()
    {
        var path = Path.Combine(Path.GetDirectoryName(Store.Path)!, "letter.txt");
        await File.WriteAllTextAsync(path, new string('x', 10_000), Cancel);
        using var database = new SqliteDatabase(path, Store.Time, NullLogger.Instance);
        var start = () => new SqliteStorage(database).MigrateAsync(Cancel);

        (await start.Should().ThrowAsync<StorageUnavailableException>()).WithMessage("*letter.txt*not an SQLite database*");
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        Store.Database.Dispose();

        await ((Func<Task>)(() => Store.Storage.PingAsync(Cancel))).Should().ThrowAsync<ObjectDisposedException>();
        await ((Func<Task>)(() => AddTopicAsync())).Should().ThrowAsync<ObjectDisposedException>();
    }

    private static async Task<int> FlockAsync(params string[] arguments)
    {
        using var process = Process.Start("/usr/bin/flock", arguments);
        await process.WaitForExitAsync(Cancel);
        return process.ExitCode;
    }
}
