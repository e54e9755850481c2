using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Postoffice;
using Postoffice.Activity;
using Postoffice.Cluster;
using Postoffice.Diagnostics;
using Postoffice.Ingestion;
using Postoffice.Pipeline;
using Postoffice.Search;
using Postoffice.Startup;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Postoffice to an application.</summary>
public static class PostofficeServiceCollectionExtensions
{
    /// <summary>
    /// Adds Postoffice: publishing and, as a hosted service, delivery. Settings come from the section <c>Postoffice</c> of the application's configuration,
    /// then from <paramref name="configure"/>. Choose a storage next: <c>UsePostgres</c>, <c>UseSqlite</c> or <c>UseInMemory</c>.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Settings made in code; they win over the configuration.</param>
    /// <returns>The builder.</returns>
    public static PostofficeBuilder AddPostoffice(this IServiceCollection services, Action<PostofficeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddOptions<PostofficeOptions>().BindConfiguration(PostofficeOptions.SectionName);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PostofficeOptions>, PostofficeOptionsValidator>());
        services.AddOptions<PostofficeOptions>().ValidateOnStart();

        // Each room sees its own settings and no other's.
        services.AddSingleton(provider => Options(provider).Ingestion);
        services.AddSingleton(provider => Options(provider).Pipeline);
        services.AddSingleton(provider => Options(provider).Cluster);

        services.AddSingleton(provider => new StorageStartup(
            provider.GetRequiredService<IStorage>(),
            Options(provider).MigrateOnStart,
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<StorageStartup>>()));
        services.AddSingleton<IngestionMetrics>();
        services.AddSingleton<DeliveryMetrics>();
        services.AddSingleton<ActivityRecorder>();
        services.AddSingleton<ActivityWriter>();
        services.AddSingleton<OverviewReader>();
        services.AddSingleton<PulseWatcher>();
        services.AddSingleton<TopicDirectory>();
        services.AddSingleton(provider => new TransportLimits(provider.GetServices<ITransport>, provider.GetRequiredService<IPublisherStore>()));
        services.AddSingleton<TopicReaders>();
        services.AddSingleton<PipelineStores>();
        services.AddSingleton<StagingRelay>();
        services.AddSingleton<IPostoffice, MessageIngestion>();
        services.AddSingleton<LeaseKeeper>();
        services.AddSingleton<PublisherChanges>();
        services.AddSingleton<PublisherOwners>();
        services.AddSingleton<PipelineSupervisor>();
        services.AddSingleton<MessageSearch>();

        // Started in this order, stopped in the reverse: the database is there before anything works on it, and what was done last is written down.
        services.AddHostedService(provider => provider.GetRequiredService<StorageStartup>());
        services.AddHostedService(provider => provider.GetRequiredService<ActivityWriter>());
        services.AddHostedService(provider => provider.GetRequiredService<StagingRelay>());
        services.AddHostedService(provider => provider.GetRequiredService<PipelineSupervisor>());

        return new PostofficeBuilder(services);
    }

    private static PostofficeOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<PostofficeOptions>>().Value;
}
