using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Postoffice.Storage.Contract;

namespace Postoffice.Storage.Sqlite.Tests;

/// <summary>A store on a fresh file in a folder of its own, with a clock that stands still until it is moved.</summary>
internal sealed class SqliteHarness : IAsyncDisposable
{
    private const string CountRowsSql = """
        SELECT (SELECT count(*) FROM publishers) + (SELECT count(*) FROM publisher_cursors) + (SELECT count(*) FROM staged_messages)
            + (SELECT count(*) FROM parked_deliveries) + (SELECT count(*) FROM dead_letters) + (SELECT count(*) FROM delivery_log)
            + (SELECT count(*) FROM failed_attempts) + (SELECT count(*) FROM nodes)
            + (SELECT count(*) FROM replays) + (SELECT count(*) FROM publisher_reports)
        """;

    private readonly string _folder;

    private SqliteHarness(string folder)
    {
        _folder = folder;
        Path = System.IO.Path.Combine(folder, "postoffice.db");
        Database = Open();
        Storage = new SqliteStorage(Database);
    }

    public string Path { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public SqliteDatabase Database { get; private set; }

    public SqliteStorage Storage { get; private set; }

    public SqliteTopicStore Topics => new(Database);

    public SqlitePublisherStore Publishers => new(Database);

    public SqliteMessageLog Log => new(Database);

    public SqliteStagedMessageStore Staged => new(Database);

    public SqliteDeliveryStore Deliveries => new(Database);

    public SqliteOrderingKeyStore OrderingKeys => new(Database);

    public SqliteDeadLetterStore DeadLetters => new(Database);

    public SqliteReplayStore Replays => new(Database);

    public SqliteMessageSearchStore Search => new(Database);

    public SqliteLeaseStore Leases => new(Database);

    public static async Task<SqliteHarness> CreateAsync()
    {
        var harness = new SqliteHarness(Directory.CreateTempSubdirectory("postoffice-").FullName);
        await harness.Storage.MigrateAsync(TestContext.Current.CancellationToken);
        return harness;
    }

    /// <summary>For the suites that every store passes.</summary>
    public static async Task<StorageHarness> CreateContractAsync()
    {
        var harness = await CreateAsync();
        return new StorageHarness
        {
            Storage = harness.Storage,
            Topics = harness.Topics,
            Publishers = harness.Publishers,
            Log = harness.Log,
            Staged = harness.Staged,
            Deliveries = harness.Deliveries,
            OrderingKeys = harness.OrderingKeys,
            DeadLetters = harness.DeadLetters,
            Replays = harness.Replays,
            Search = harness.Search,
            Leases = harness.Leases,
            Activity = new SqliteActivityStore(harness.Database),
            Overview = new SqliteOverviewStore(harness.Database),
            AdvanceAsync = by =>
            {
                harness.Time.Advance(by);
                return Task.CompletedTask;
            },
            NowAsync = () => Task.FromResult(harness.Time.GetUtcNow()),
            CountRowsOutsideLogAsync = () => harness.Database.ReadAsync(session => (long)session.Scalar(CountRowsSql)!, CancellationToken.None),
            DisposeAsync = harness.DisposeAsync,
        };
    }

    /// <summary>A second one on the same file, as another process would open it.</summary>
    public SqliteDatabase Open() => new(Path, Time, NullLogger.Instance);

    public void Reopen()
    {
        Database.Dispose();
        Database = Open();
        Storage = new SqliteStorage(Database);
    }

    public Task<object?> PragmaAsync(string pragma) =>
        Database.WriteAsync(session => session.ExecuteOnce($"PRAGMA {pragma}"), TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync()
    {
        Database.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
