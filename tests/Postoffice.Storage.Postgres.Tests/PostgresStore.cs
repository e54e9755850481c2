using Postoffice.Storage.Contract;
using Postoffice.Testing.PostgreSql;

namespace Postoffice.Storage.Postgres.Tests;

/// <summary>Makes what the suites need, on a database of its own.</summary>
internal static class PostgresStore
{
    public static async Task<StorageHarness> CreateAsync(PostgresServer server)
    {
        var database = await TestDatabase.CreateAsync(server);
        return new StorageHarness
        {
            Storage = database.Storage,
            Topics = database.Topics,
            Publishers = database.Publishers,
            Log = database.Log,
            Staged = database.Staged,
            Deliveries = database.Deliveries,
            OrderingKeys = database.OrderingKeys,
            DeadLetters = database.DeadLetters,
            Replays = database.Replays,
            Search = database.Search,
            Leases = database.Leases,
            Activity = database.Activity,
            Overview = database.Overview,
            AdvanceAsync = database.AdvanceAsync,
            NowAsync = database.NowAsync,
            CountRowsOutsideLogAsync = database.CountRowsOutsideLogAsync,
            DisposeAsync = database.DisposeAsync,
        };
    }
}
