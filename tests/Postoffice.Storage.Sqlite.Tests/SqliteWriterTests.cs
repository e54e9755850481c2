using Postoffice.Topics;

namespace Postoffice.Storage.Sqlite.Tests;

/// <summary>Group commit, and what happens when a part of a group or all of it fails.</summary>
public sealed class SqliteWriterTests : SqliteTests
{
    [Fact]
    public async Task Appends_that_wait_together_are_committed_together()
    {
        const int Appends = 128;
        var topic = await AddTopicAsync();
        var commits = Store.Database.Writer.Commits;

        var appends = await QueueAsync(() => Enumerable.Range(0, Appends).Select(_ => AppendAsync(topic, NewMessage())).ToList());

        (await Task.WhenAll(appends)).Select(result => result![0].FirstPosition).Should().Equal(Enumerable.Range(1, Appends).Select(number => (long)number));
        (Store.Database.Writer.Commits - commits).Should().Be(1 + 2, "one for the work that held the writer up, then two full groups of 64");
    }

    [Fact]
    public async Task A_group_is_bounded_by_its_bytes_too()
    {
        var topic = await AddTopicAsync();
        var commits = Store.Database.Writer.Commits;

        await Task.WhenAll(await QueueAsync(() => Enumerable.Range(0, 16).Select(_ => AppendAsync(topic, NewMessage(1024 * 1024))).ToList()));

        (Store.Database.Writer.Commits - commits).Should().Be(1 + 4, "4 MiB make a group");
    }

    [Fact]
    public async Task Alone_a_write_does_not_wait()
    {
        var commits = Store.Database.Writer.Commits;

        await AddTopicAsync("a");
        await AddTopicAsync("b");

        (Store.Database.Writer.Commits - commits).Should().Be(2);
    }

    [Fact]
    public async Task Work_that_throws_is_rolled_back_alone()
    {
        var work = await QueueAsync(() => new List<Task<Topic?>>
        {
            Store.Topics.TryAddAsync(new NewTopic("before", null), Cancel),
            Store.Database.WriteAsync<Topic?>(
                session =>
                {
                    session.ExecuteOnce("INSERT INTO topics (name, recovery_enabled, created_at) VALUES ('half', 0, 0)");
                    throw new InvalidTimeZoneException("mine");
                },
                Cancel),
            Store.Topics.TryAddAsync(new NewTopic("after", null), Cancel),
        });

        await ((Func<Task>)(() => work[1])).Should().ThrowAsync<InvalidTimeZoneException>().WithMessage("mine");
        (await work[0]).Should().NotBeNull();
        (await work[2]).Should().NotBeNull();
        (await Store.Topics.ListAsync(0, 10, Cancel)).Select(topic => topic.Name).Should().Equal("before", "after");
    }

    [Fact]
    public async Task A_caller_that_has_gone_is_not_written_for()
    {
        using var gone = new CancellationTokenSource();

        var work = await QueueAsync(() =>
        {
            var tasks = new List<Task<Topic?>>
            {
                Store.Topics.TryAddAsync(new NewTopic("gone", null), gone.Token), Store.Topics.TryAddAsync(new NewTopic("here", null), Cancel),
            };
            gone.Cancel();
            return tasks;
        });

        await ((Func<Task>)(() => work[0])).Should().ThrowAsync<OperationCanceledException>();
        (await work[1]).Should().NotBeNull();
        (await Store.Topics.FindAsync("gone", Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task A_full_disk_refuses_writes_and_goes_on_when_there_is_room_again()
    {
        var topic = await AddTopicAsync();
        await AppendAsync(topic, NewMessage());
        var pages = (long)(await Store.PragmaAsync("page_count"))!;
        await Store.PragmaAsync($"max_page_count = {pages}");

        (await ((Func<Task>)(() => AppendAsync(topic, NewMessage(1024 * 1024)))).Should().ThrowAsync<StorageUnavailableException>())
            .WithMessage($"*{Store.Path}*full*Free disk space*");
        (await PositionsAsync(topic)).Should().Equal(1);

        await Store.PragmaAsync($"max_page_count = {pages + 1_000_000}");
        (await AppendAsync(topic, NewMessage(1024 * 1024)))![0].FirstPosition.Should().Be(2);
        (await PositionsAsync(topic)).Should().Equal(1, 2);
    }

    [Fact]
    public async Task What_may_only_be_read_refuses_writes_and_a_new_connection_is_tried_next()
    {
        await Store.PragmaAsync("query_only = ON");

        (await ((Func<Task>)(() => AddTopicAsync())).Should().ThrowAsync<StorageUnavailableException>()).WithMessage("*right to write*");

        // The setting stood on the connection that met the error, and this is another one.
        (await AddTopicAsync()).Should().NotBeNull();
    }

    [Fact]
    public async Task A_transaction_that_was_rolled_back_under_the_group_fails_all_of_it_and_the_next_goes_on()
    {
        // As SQLite does by itself after some errors of the disk.
        var work = await QueueAsync(() => new List<Task>
        {
            AddTopicAsync("before"),
            Store.Database.WriteAsync<bool>(
                session =>
                {
                    session.ExecuteOnce("ROLLBACK");
                    throw new StorageUnavailableException("gone");
                },
                Cancel),
            AddTopicAsync("after"),
        });

        foreach (var task in work)
        {
            await ((Func<Task>)(() => task)).Should().ThrowAsync<StorageUnavailableException>();
        }

        (await Store.Topics.ListAsync(0, 10, Cancel)).Should().BeEmpty();
        (await AddTopicAsync("next")).Should().NotBeNull();
    }

    [Fact]
    public async Task A_broken_connection_is_replaced()
    {
        var topic = await AddTopicAsync();
        var work = await QueueAsync(() => new List<Task>
        {
            AppendAsync(topic, NewMessage()),
            Store.Database.WriteAsync(
                session =>
                {
                    session.Dispose();
                    return true;
                },
                Cancel),
        });

        foreach (var task in work)
        {
            await ((Func<Task>)(() => task)).Should().ThrowAsync<StorageUnavailableException>();
        }

        (await AppendAsync(topic, NewMessage()))![0].FirstPosition.Should().Be(1);
        (await Store.PragmaAsync("synchronous")).Should().Be(2L);
    }

    [Fact]
    public async Task A_failed_commit_fails_every_caller_and_the_next_goes_on()
    {
        // A constraint that is looked at in the commit alone stands for any failure of it.
        await Store.Database.WriteAsync(
            session => session.ExecuteOnce("CREATE TABLE late (topic_id INTEGER REFERENCES topics (id) DEFERRABLE INITIALLY DEFERRED)"), Cancel);

        var work = await QueueAsync(() => new List<Task>
        {
            AddTopicAsync("before"),
            Store.Database.WriteAsync(session => session.ExecuteOnce("INSERT INTO late VALUES (4711)"), Cancel),
            AddTopicAsync("after"),
        });

        foreach (var task in work)
        {
            await ((Func<Task>)(() => task)).Should().ThrowAsync<StorageUnavailableException>();
        }

        (await Store.Topics.ListAsync(0, 10, Cancel)).Should().BeEmpty();
        (await AddTopicAsync("next")).Should().NotBeNull();
    }

    [Fact]
    public async Task What_is_queued_is_finished_before_the_store_closes()
    {
        var work = await QueueAsync(() => Enumerable.Range(0, 10).Select(number => AddTopicAsync($"topic {number}")).ToList(), () => Store.Reopen());

        (await Task.WhenAll(work)).Should().HaveCount(10);
        (await Store.Topics.ListAsync(0, 100, Cancel)).Should().HaveCount(10);
    }

    /// <summary>Holds the writer up, queues work, lets the writer go.</summary>
    private async Task<T> QueueAsync<T>(Func<T> queue, Action? then = null)
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var release = new ManualResetEventSlim();
        var holder = Store.Database.WriteAsync(
            _ =>
            {
                held.SetResult();
                release.Wait(Cancel);
                return true;
            },
            Cancel);
        await held.Task;
        var queued = queue();
        release.Set();
        then?.Invoke();
        await holder;
        return queued;
    }
}
