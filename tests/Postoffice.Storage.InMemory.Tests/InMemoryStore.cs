using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Postoffice.Storage.Contract;

namespace Postoffice.Storage.InMemory.Tests;

/// <summary>Every suite, on stores as an application gets them; the clock is the test's.</summary>
internal static class InMemoryStore
{
    public static Task<StorageHarness> CreateAsync()
    {
        var time = new FakeTimeProvider();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        services.AddPostoffice().UseInMemory();
        var provider = services.BuildServiceProvider();
        return Task.FromResult(new StorageHarness
        {
            Storage = provider.GetRequiredService<IStorage>(),
            Topics = provider.GetRequiredService<ITopicStore>(),
            Publishers = provider.GetRequiredService<IPublisherStore>(),
            Log = provider.GetRequiredService<IMessageLog>(),
            Staged = provider.GetRequiredService<IStagedMessageStore>(),
            Deliveries = provider.GetRequiredService<IDeliveryStore>(),
            OrderingKeys = provider.GetRequiredService<IOrderingKeyStore>(),
            DeadLetters = provider.GetRequiredService<IDeadLetterStore>(),
            Replays = provider.GetRequiredService<IReplayStore>(),
            Search = provider.GetRequiredService<IMessageSearchStore>(),
            Leases = provider.GetRequiredService<ILeaseStore>(),
            Activity = provider.GetRequiredService<IActivityStore>(),
            Overview = provider.GetRequiredService<IOverviewStore>(),
            AdvanceAsync = duration =>
            {
                time.Advance(duration);
                return Task.CompletedTask;
            },
            NowAsync = () => Task.FromResult(time.GetUtcNow()),
            CountRowsOutsideLogAsync = () => Task.FromResult(provider.GetRequiredService<InMemoryDatabase>().CountRowsOutsideLog()),
            DisposeAsync = provider.DisposeAsync,
        });
    }
}
