using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Postoffice.Storage;
using Postoffice.Storage.Postgres;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses PostgreSQL as the storage.</summary>
public static class PostgresBuilderExtensions
{
    // Keyed, so that the application's own NpgsqlDataSource stays its own.
    internal const string DataSourceKey = "postoffice";

    /// <summary>Keeps topics, messages and publishers in PostgreSQL. Many nodes may share the database.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">How to reach the database; see <see cref="PostgresOptions.ConnectionString"/>.</param>
    /// <returns>The builder.</returns>
    public static PostofficeBuilder UsePostgres(this PostofficeBuilder builder, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        return builder.UsePostgres(options => options.ConnectionString = connectionString);
    }

    /// <summary>
    /// Keeps topics, messages and publishers in PostgreSQL. Settings come from the section <c>Postoffice:Storage:Postgres</c> of the application's
    /// configuration, then from <paramref name="configure"/>.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Settings made in code; they win over the configuration.</param>
    /// <returns>The builder.</returns>
    public static PostofficeBuilder UsePostgres(this PostofficeBuilder builder, Action<PostgresOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        var services = builder.Services;
        services.AddOptions<PostgresOptions>().BindConfiguration(PostgresOptions.SectionName).Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PostgresOptions>, PostgresOptionsRules>());

        services.AddKeyedSingleton(
            DataSourceKey, (provider, _) => PostgresDatabase.CreateDataSource(provider.GetRequiredService<IOptions<PostgresOptions>>().Value));
        services.AddSingleton(provider => new PostgresDatabase(
            provider.GetRequiredKeyedService<NpgsqlDataSource>(DataSourceKey), provider.GetRequiredService<IOptions<PostgresOptions>>().Value));
        services.AddSingleton(provider => new Migrator(provider.GetRequiredService<PostgresDatabase>(), provider.GetService<ILogger<Migrator>>()));

        services.AddSingleton<IStorage, PostgresStorage>();
        services.AddSingleton<ITopicStore, PostgresTopicStore>();
        services.AddSingleton<IPublisherStore, PostgresPublisherStore>();
        services.AddSingleton<IMessageLog, PostgresMessageLog>();
        services.AddSingleton<IStagedMessageStore, PostgresStagedMessageStore>();
        services.AddSingleton<IDeliveryStore, PostgresDeliveryStore>();
        services.AddSingleton<IOrderingKeyStore, PostgresOrderingKeyStore>();
        services.AddSingleton<IDeadLetterStore, PostgresDeadLetterStore>();
        services.AddSingleton<IReplayStore, PostgresReplayStore>();
        services.AddSingleton<IMessageSearchStore, PostgresMessageSearchStore>();
        services.AddSingleton<ILeaseStore, PostgresLeaseStore>();
        services.AddSingleton<IActivityStore, PostgresActivityStore>();
        services.AddSingleton<IOverviewStore, PostgresOverviewStore>();
        return builder;
    }
}
