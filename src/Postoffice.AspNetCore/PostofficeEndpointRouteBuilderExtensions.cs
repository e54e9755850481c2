using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Postoffice.AspNetCore.Api;
using Postoffice.AspNetCore.Health;
using Postoffice.Ingestion;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds Postoffice's REST API to an application.</summary>
public static class PostofficeEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps the REST API and the health endpoints. Nothing else changes: JSON options, exception handling and error pages of the application stay
    /// its own.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">
    /// The path below which the API lies, <c>/api</c> unless given. Paths below it that nothing serves get a 404 with a body;
    /// under <c>/</c> they are left to the application.
    /// </param>
    /// <returns>All endpoints of the API, to add authorization, rate limits or CORS.</returns>
    /// <exception cref="InvalidOperationException"><c>AddPostoffice</c> was not called.</exception>
    public static IEndpointConventionBuilder MapPostoffice(this IEndpointRouteBuilder endpoints, string prefix = "/api")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);

        var api = endpoints.MapApi(prefix, nameof(MapPostoffice));
        api.AddEndpointFilter(new CrossSiteFilter());
        return api;
    }

    /// <summary>The endpoints themselves: <see cref="MapPostoffice"/> has them for programs, the dashboard once more for its page.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">The path below which they lie.</param>
    /// <param name="method">Who asks, for the message when services are missing.</param>
    internal static RouteGroupBuilder MapApi(this IEndpointRouteBuilder endpoints, string prefix, string method)
    {
        if (endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(IPostoffice)) == false)
        {
            throw new InvalidOperationException($"{method} needs Postoffice's services. Call builder.Services.AddPostoffice() and choose a storage first.");
        }

        var api = endpoints.MapGroup(prefix);
        api.AddEndpointFilter(new ApiFilter(endpoints.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger<ApiFilter>()));

        TopicsApi.Map(api);
        PublishersApi.Map(api);
        PublisherTestApi.Map(api);
        BlockedKeysApi.Map(api);
        ReplaysApi.Map(api);
        DeadLettersApi.Map(api);
        DeadLetterChangesApi.Map(api);
        MessagesApi.Map(api);
        ExplainApi.Map(api);
        RetryApi.Map(api);
        BulkMessagesApi.Map(api);
        ScheduledMessagesApi.Map(api);
        OverviewApi.Map(api);
        EventsApi.Map(api);
        HealthApi.Map(api);

        if (prefix.Trim('/').Length > 0)
        {
            ApiRoute.MapNotFound(api);
        }

        return api;
    }
}
