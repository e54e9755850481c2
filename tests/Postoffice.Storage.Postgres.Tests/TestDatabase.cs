using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Postoffice.Cluster;
using Postoffice.Messages;
using Postoffice.Publishers;
using Postoffice.Testing.PostgreSql;
using Postoffice.Topics;

namespace Postoffice.Storage.Postgres.Tests;

/// <summary>A migrated database with the stores on it, made as an application makes them, and a clock that a test moves.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly PostgresServer _server;
    private readonly ServiceProvider _services;
    private readonly NpgsqlDataSource _inspection;
    private readonly string _schema;
    private TimeSpan _shift;

    private TestDatabase(PostgresServer server, string connectionString, Action<PostgresOptions>? configure)
    {
        _server = server;
        ConnectionString = connectionString;
        _inspection = NpgsqlDataSource.Create(connectionString);

        var options = new PostgresOptions();
        configure?.Invoke(options);
        _schema = options.Schema;

        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddPostoffice().UsePostgres(settings =>
        {
            settings.ConnectionString = connectionString;
            configure?.Invoke(settings);
        });
        _services = services.BuildServiceProvider();
    }

    public string ConnectionString { get; }

    /// <summary>The storage's own.</summary>
    public NpgsqlDataSource DataSource => _services.GetRequiredKeyedService<NpgsqlDataSource>(PostgresBuilderExtensions.DataSourceKey);

    public IStorage Storage => Get<IStorage>();

    public ITopicStore Topics => Get<ITopicStore>();

    public IPublisherStore Publishers => Get<IPublisherStore>();

    public IMessageLog Log => Get<IMessageLog>();

    public IStagedMessageStore Staged => Get<IStagedMessageStore>();

    public IDeliveryStore Deliveries => Get<IDeliveryStore>();

    public IOrderingKeyStore OrderingKeys => Get<IOrderingKeyStore>();

    public IDeadLetterStore DeadLetters => Get<IDeadLetterStore>();

    public IReplayStore Replays => Get<IReplayStore>();

    public IMessageSearchStore Search => Get<IMessageSearchStore>();

    public ILeaseStore Leases => Get<ILeaseStore>();

    public IActivityStore Activity => Get<IActivityStore>();

    public IOverviewStore Overview => Get<IOverviewStore>();

    public static async Task<TestDatabase> CreateAsync(PostgresServer server, Action<PostgresOptions>? configure = null)
    {
        var database = await CreateEmptyAsync(server, configure);
        await database.Storage.MigrateAsync(TestContext.Current.CancellationToken);
        return database;
    }

    public static async Task<TestDatabase> CreateEmptyAsync(PostgresServer server, Action<PostgresOptions>? configure = null) =>
        new(server, await server.CreateDatabaseAsync(TestContext.Current.CancellationToken), configure);

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public async Task AdvanceAsync(TimeSpan by)
    {
        _shift += by;
        var seconds = _shift.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        await ExecuteAsync($"""
            CREATE OR REPLACE FUNCTION "{_schema}".current_instant() RETURNS timestamptz LANGUAGE sql VOLATILE
            AS 'SELECT clock_timestamp() + make_interval(secs => {seconds})'
            """);
    }

    public Task<DateTimeOffset> NowAsync() => ScalarAsync<DateTimeOffset>($"SELECT \"{_schema}\".current_instant()");

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _inspection.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        await reader.ReadAsync(TestContext.Current.CancellationToken);
        return await reader.GetFieldValueAsync<T>(0, TestContext.Current.CancellationToken);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _inspection.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A connection of another client.</summary>
    public async Task<NpgsqlConnection> OpenAsync() => await _inspection.OpenConnectionAsync(TestContext.Current.CancellationToken);

    /// <summary>Runs a statement in the transaction of another client.</summary>
    public static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Returns when a statement of this database waits for a lock, or when <paramref name="statement"/> has ended because it did not have to.</summary>
    public async Task UntilWaitsForLockAsync(Task statement, Func<Task>? onTurn = null)
    {
        const string WaitsSql = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')";
        while (!statement.IsCompleted && !await ScalarAsync<bool>(WaitsSql))
        {
            await (onTurn?.Invoke() ?? Task.CompletedTask);
        }
    }

    public Task<long> CountRowsOutsideLogAsync()
    {
        string[] tables =
            ["staged_messages", "publishers", "publisher_cursors", "parked_deliveries", "dead_letters", "delivery_log", "failed_attempts", "nodes", "replays"];
        return ScalarAsync<long>($"SELECT {string.Join(" + ", tables.Select(table => $"(SELECT count(*) FROM \"{_schema}\".{table})"))}");
    }

    public async Task<long> AddTopicAsync(string name = "orders") =>
        (await Topics.TryAddAsync(new NewTopic(name, "orders.example"), TestContext.Current.CancellationToken))!.Id;

    public async Task<Publisher> AddPublisherAsync(string topic = "orders", string target = "http://localhost/a", bool fromNow = false) =>
        (await Publishers.TryAddAsync(
            new NewPublisher(topic, "http", target, Active: true, fromNow, PublisherSettings.Default), TestContext.Current.CancellationToken)).Publisher!;

    public async Task<long> AppendAsync(long topicId, int count) =>
        (await Log.AppendAsync(
            topicId,
            [new AppendRequest([.. Enumerable.Range(0, count).Select(_ => new NewMessage { Payload = "{}"u8.ToArray() })])],
            TestContext.Current.CancellationToken))![0].FirstPosition;

    public async Task<Lease> AcquireAsync(Guid nodeId) =>
        (await Leases.AcquireAsync(nodeId, 1, [], TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).Single();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _inspection.DisposeAsync();
        await _server.DropDatabaseAsync(ConnectionString);
    }
}
