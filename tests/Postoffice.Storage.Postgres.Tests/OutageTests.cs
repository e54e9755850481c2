using System.Diagnostics;
using Npgsql;
using Postoffice.Testing.PostgreSql;

namespace Postoffice.Storage.Postgres.Tests;

/// <summary>A server that is gone, silent or cuts connections: every seam says so in time, and works again without a new data source.</summary>
public sealed class OutageTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    // Over connecting and the statement there is one deadline; the rest is for a machine that is busy.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_seam_says_that_a_stopped_server_is_unavailable_and_works_when_it_is_back()
    {
        Assert.SkipUnless(postgres.Server.CanStop, "A server that is not ours is not stopped.");
        await using var server = await PostgresServer.StartAsync(fsync: false, Cancel);
        await using var database = await CreateAsync(server);

        await server.StopAsync(PostgresStopMode.Immediate, Cancel);
        await AllAreUnavailableAsync(database);

        await server.StartAgainAsync(Cancel);
        await AllWorkAsync(database);
    }

    [Fact]
    public async Task Every_seam_gives_up_on_a_silent_server_in_time_and_leaks_no_connection()
    {
        var place = new NpgsqlConnectionStringBuilder(postgres.Server.ConnectionString);
        await using var proxy = new FaultyProxy(place.Host == "localhost" ? "127.0.0.1" : place.Host!, place.Port);
        await using var database = await CreateAsync(postgres.Server, proxy.Port);

        // All connections are open, so that the calls are caught in the middle of a statement.
        await OpenAllConnectionsAsync(database);
        proxy.Freeze();
        await AllAreUnavailableAsync(database);

        // Those connections are closed, so now the calls are caught while they connect.
        await AllAreUnavailableAsync(database);

        proxy.Thaw();
        await OpenAllConnectionsAsync(database);
        await AllWorkAsync(database);
    }

    // The database client itself may hang, when a dead network holds up the very request to call a statement off.
    [Fact]
    public async Task An_access_that_can_not_be_called_off_is_given_up()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(postgres.Server, options => options.CommandTimeout = Timeout);
        var never = new TaskCompletionSource<int>();

        await FluentActions.Awaiting(() => database.Get<PostgresDatabase>().RunAsync((_, _) => never.Task, Cancel))
            .Should().ThrowAsync<StorageUnavailableException>();
        never.SetResult(0);
    }

    [Fact]
    public async Task A_connection_cut_while_a_statement_runs_is_unavailable()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var topicId = await database.AddTopicAsync();
        await using var other = await database.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync(Cancel);
        await TestDatabase.RunAsync(other, "SELECT FROM postoffice.topic_heads FOR UPDATE");

        var append = database.AppendAsync(topicId, 1);
        await database.UntilWaitsForLockAsync(append);
        await database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");

        await FluentActions.Awaiting(() => append).Should().ThrowAsync<StorageUnavailableException>();
        await transaction.RollbackAsync(Cancel);
        (await database.AppendAsync(topicId, 1)).Should().Be(1);
    }

    [Fact]
    public async Task A_statement_that_waits_too_long_is_unavailable_and_writes_nothing()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, options => options.CommandTimeout = Timeout);
        var topicId = await database.AddTopicAsync();
        await using (var other = await database.OpenAsync())
        await using (await other.BeginTransactionAsync(Cancel))
        {
            await TestDatabase.RunAsync(other, "SELECT FROM postoffice.topic_heads FOR UPDATE");

            (await FluentActions.Awaiting(() => database.AppendAsync(topicId, 1)).Should().ThrowAsync<StorageUnavailableException>())
                .WithMessage("*did not answer within 00:00:01*");
        }

        (await database.AppendAsync(topicId, 1)).Should().Be(1);
    }

    [Fact]
    public async Task A_caller_who_cancels_is_told_so()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var topicId = await database.AddTopicAsync();
        await using var other = await database.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync(Cancel);
        await TestDatabase.RunAsync(other, "SELECT FROM postoffice.topic_heads FOR UPDATE");
        using var caller = new CancellationTokenSource();

        var append = database.Log.AppendAsync(topicId, [new AppendRequest([new() { Payload = default }])], caller.Token);
        await database.UntilWaitsForLockAsync(append);
        await caller.CancelAsync();

        (await FluentActions.Awaiting(() => append).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
    }

    [Fact]
    public async Task A_standby_is_unavailable_for_writes()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var topicId = await database.AddTopicAsync();
        var name = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database;
        await database.ExecuteAsync($"ALTER DATABASE {name} SET default_transaction_read_only = on");
        await database.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND application_name = 'postoffice'");

        // The first may meet the connection that was ended, the second meets the setting.
        await FluentActions.Awaiting(() => database.AppendAsync(topicId, 1)).Should().ThrowAsync<StorageUnavailableException>();
        (await FluentActions.Awaiting(() => database.AppendAsync(topicId, 1)).Should().ThrowAsync<StorageUnavailableException>())
            .WithInnerException<PostgresException>().Which.SqlState.Should().Be(PostgresErrorCodes.ReadOnlySqlTransaction);
    }

    [Fact]
    public async Task A_fault_of_our_own_stays_what_it_is()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(postgres.Server);

        await FluentActions.Awaiting(() => database.Log.HeadsAsync([1], Cancel)).Should().ThrowAsync<PostgresException>();
    }

    [Fact]
    public async Task Neither_message_nor_description_tells_the_password()
    {
        const string Password = "open-sesame";
        var options = new PostgresOptions
        {
            ConnectionString = $"Host=127.0.0.1;Port=1;Database=books;Username=me;Password={Password}",
            CommandTimeout = Timeout,
        };
        await using var dataSource = PostgresDatabase.CreateDataSource(options);
        var database = new PostgresDatabase(dataSource, options);

        database.Description.Should().Be("PostgreSQL database books at 127.0.0.1:1, schema postoffice");
        (await FluentActions.Awaiting(() => database.ExecuteAsync("SELECT 1", [], Cancel)).Should().ThrowAsync<StorageUnavailableException>())
            .Which.ToString().Should().NotContain(Password).And.Contain("127.0.0.1:1");
    }

    /// <summary>One connection for each call at most: a leak of one shows when all are opened at once.</summary>
    private static async Task<TestDatabase> CreateAsync(PostgresServer server, int? port = null)
    {
        var database = await TestDatabase.CreateAsync(server, options =>
        {
            if (options.ConnectionString.Length > 0)
            {
                var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString) { MaxPoolSize = EverySeam.Calls.Count };
                settings.Port = port ?? settings.Port;
                options.ConnectionString = settings.ConnectionString;
            }

            options.CommandTimeout = Timeout;
        });
        await database.AddTopicAsync();
        await database.AddPublisherAsync();
        return database;
    }

    // A migration may wait long for that of another node, so it has a deadline of its own.
    private static async Task AllAreUnavailableAsync(TestDatabase database) =>
        await Task.WhenAll(EverySeam.Calls.Where(call => call.Name != "migrate").Select(async entry =>
        {
            var clock = Stopwatch.StartNew();
            await FluentActions.Awaiting(() => entry.Call(database, Cancel)).Should().ThrowAsync<StorageUnavailableException>(entry.Name);
            clock.Elapsed.Should().BeLessThan(Patience, entry.Name);
        }));

    private static async Task OpenAllConnectionsAsync(TestDatabase database)
    {
        var dataSource = database.DataSource;
        var connections = new List<NpgsqlConnection>();
        for (var call = 0; call < EverySeam.Calls.Count; call++)
        {
            // One after another, each within its own time, so that a busy machine makes no leak of it.
            connections.Add(await dataSource.OpenConnectionAsync(Cancel));
        }

        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }
    }

    private static async Task AllWorkAsync(TestDatabase database)
    {
        foreach (var (name, call) in EverySeam.Calls)
        {
            await FluentActions.Awaiting(() => call(database, Cancel)).Should().NotThrowAsync(name);
        }
    }
}
