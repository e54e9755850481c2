using Postoffice.Storage;
using Postoffice.Storage.InMemory;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses the memory of the process as storage.</summary>
public static class InMemoryBuilderExtensions
{
    /// <summary>
    /// Keeps everything in the memory of this process: for tests and first steps. Nothing outlives the process, nothing is shared with another node,
    /// and nothing is ever removed. The time is that of the registered <see cref="TimeProvider"/>, or of the system when there is none.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    public static PostofficeBuilder UseInMemory(this PostofficeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.Services
            .AddSingleton(services => new InMemoryDatabase(services.GetService<TimeProvider>() ?? TimeProvider.System))
            .AddSingleton<IStorage, InMemoryStorage>()
            .AddSingleton<ITopicStore, InMemoryTopicStore>()
            .AddSingleton<IPublisherStore, InMemoryPublisherStore>()
            .AddSingleton<IMessageLog, InMemoryMessageLog>()
            .AddSingleton<IStagedMessageStore, InMemoryStagedMessageStore>()
            .AddSingleton<IDeliveryStore, InMemoryDeliveryStore>()
            .AddSingleton<IOrderingKeyStore, InMemoryOrderingKeyStore>()
            .AddSingleton<IDeadLetterStore, InMemoryDeadLetterStore>()
            .AddSingleton<IReplayStore, InMemoryReplayStore>()
            .AddSingleton<IMessageSearchStore, InMemoryMessageSearchStore>()
            .AddSingleton<ILeaseStore, InMemoryLeaseStore>()
            .AddSingleton<IActivityStore, InMemoryActivityStore>()
            .AddSingleton<IOverviewStore, InMemoryOverviewStore>();
        return builder;
    }
}
