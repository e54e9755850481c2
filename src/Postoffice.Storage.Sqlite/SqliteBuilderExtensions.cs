using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Postoffice.Storage;
using Postoffice.Storage.Sqlite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the SQLite storage to Postoffice.</summary>
public static class SqliteBuilderExtensions
{
    /// <summary>Keeps everything in one SQLite file: durable, embedded, for one process. Several nodes need <c>UsePostgres</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The database file; see <see cref="SqliteOptions.Path"/>.</param>
    /// <returns>The builder.</returns>
    public static PostofficeBuilder UseSqlite(this PostofficeBuilder builder, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return builder.UseSqlite(options => options.Path = path);
    }

    /// <summary>
    /// Keeps everything in one SQLite file: durable, embedded, for one process. Several nodes need <c>UsePostgres</c>.
    /// Settings come from the section <see cref="SqliteOptions.SectionName"/>, then from <paramref name="configure"/>.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Settings made in code; they win over the configuration.</param>
    /// <returns>The builder.</returns>
    public static PostofficeBuilder UseSqlite(this PostofficeBuilder builder, Action<SqliteOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        var services = builder.Services;
        services.AddOptions<SqliteOptions>().BindConfiguration(SqliteOptions.SectionName).Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SqliteOptions>, SqliteOptionsRules>());
        services.AddSingleton(provider => new SqliteDatabase(
            provider.GetRequiredService<IOptions<SqliteOptions>>().Value.Path,
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            (ILogger?)provider.GetService<ILogger<SqliteDatabase>>() ?? NullLogger.Instance));

        services.AddSingleton<IStorage, SqliteStorage>();
        services.AddSingleton<ITopicStore, SqliteTopicStore>();
        services.AddSingleton<IPublisherStore, SqlitePublisherStore>();
        services.AddSingleton<IMessageLog, SqliteMessageLog>();
        services.AddSingleton<IStagedMessageStore, SqliteStagedMessageStore>();
        services.AddSingleton<IDeliveryStore, SqliteDeliveryStore>();
        services.AddSingleton<IOrderingKeyStore, SqliteOrderingKeyStore>();
        services.AddSingleton<IDeadLetterStore, SqliteDeadLetterStore>();
        services.AddSingleton<IReplayStore, SqliteReplayStore>();
        services.AddSingleton<IMessageSearchStore, SqliteMessageSearchStore>();
        services.AddSingleton<ILeaseStore, SqliteLeaseStore>();
        services.AddSingleton<IActivityStore, SqliteActivityStore>();
        services.AddSingleton<IOverviewStore, SqliteOverviewStore>();
        return builder;
    }
}
