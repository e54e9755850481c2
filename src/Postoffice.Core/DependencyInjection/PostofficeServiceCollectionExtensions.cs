using Postoffice;

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

        return new PostofficeBuilder(services);
    }
}
