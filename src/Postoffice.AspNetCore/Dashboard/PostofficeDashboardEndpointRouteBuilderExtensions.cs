using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Dashboard;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds Postoffice's dashboard to an application.</summary>
public static class PostofficeDashboardEndpointRouteBuilderExtensions
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Maps the dashboard: its page, the page's files, and an API of its own below <c>{prefix}/-/api</c>, so that what holds for the dashboard does not
    /// hold for the API of <c>MapPostoffice</c>, which it does not need. Unless authorization is required, only browsers on the same machine may use it.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">The path below which the dashboard lies, <c>/postoffice</c> unless given. Under <c>/</c> everything else of the application goes before it.</param>
    /// <param name="configure">Settings.</param>
    /// <returns>All endpoints of the dashboard, to require authorization: <c>app.MapPostofficeDashboard().RequireAuthorization("operators")</c>.</returns>
    /// <exception cref="InvalidOperationException">
    /// <c>AddPostoffice</c> was not called, or <see cref="PostofficeDashboardOptions.ChangePolicy"/> is set and <c>AddAuthorization</c> was not called.
    /// </exception>
    public static IEndpointConventionBuilder MapPostofficeDashboard(
        this IEndpointRouteBuilder endpoints, string prefix = "/postoffice", Action<PostofficeDashboardOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);

        var options = new PostofficeDashboardOptions();
        configure?.Invoke(options);
        if (options.ChangePolicy is not null && endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(IAuthorizationService)) == false)
        {
            throw new InvalidOperationException(
                $"{nameof(options.ChangePolicy)} is \"{options.ChangePolicy}\", but the application has no authorization. Call builder.Services.AddAuthorization() and add the policy.");
        }

        var guard = new DashboardGuard(options);
        var dashboard = endpoints.MapGroup(prefix);

        // Around the complete endpoint, whichever kind it is, and after all that the application adds to it.
        ((IEndpointConventionBuilder)dashboard).Finally(endpoint => endpoint.RequestDelegate = guard.Before(endpoint.RequestDelegate!));

        var api = dashboard.MapApi("-/api", nameof(MapPostofficeDashboard));
        ((IEndpointConventionBuilder)api).Finally(BeSecondCopy);

        dashboard.MapMethods("-/assets/{**file}", Reading, context => DashboardAssets.Shared.SendAsync(context)).ExcludeFromDescription();
        dashboard.Map("-/{**path}", context => Problem.NotFound("There is nothing at this path.").ExecuteAsync(context)).ExcludeFromDescription();

        MapPage(dashboard, guard, isRoot: prefix.Trim('/').Length == 0);
        return dashboard;
    }

    private static void MapPage(RouteGroupBuilder dashboard, DashboardGuard guard, bool isRoot)
    {
        // Under the root all else goes before it, as it does before a fallback. Elsewhere the path is ours, whatever patterns the application has.
        var order = isRoot ? int.MaxValue : 0;
        var page = new Lazy<DashboardPage>(() => new DashboardPage(DashboardAssets.Shared, guard, DashboardPage.Version));

        dashboard.MapMethods("/favicon.ico", Reading, context => DashboardAssets.Shared.SendIconAsync(context)).WithOrder(order).ExcludeFromDescription();
        dashboard.MapMethods("/{**path}", Reading, context => page.Value.ShowAsync(context))
            .WithOrder(order).WithMetadata(new DashboardGuard.PageMetadata()).ExcludeFromDescription();
        if (!isRoot)
        {
            dashboard.Map("/{**path}", context => Problem.MethodNotAllowed(Reading).ExecuteAsync(context)).WithOrder(order).ExcludeFromDescription();
        }
    }

    /// <summary>Names are the first copy's, as links and the OpenAPI document mean it. Nothing of the application lies below, so nothing has to be left to it.</summary>
    private static void BeSecondCopy(EndpointBuilder endpoint)
    {
        for (var index = endpoint.Metadata.Count - 1; index >= 0; index--)
        {
            if (endpoint.Metadata[index] is IEndpointNameMetadata or IRouteNameMetadata)
            {
                endpoint.Metadata.RemoveAt(index);
            }
        }

        endpoint.Metadata.Add(new ExcludeFromDescriptionAttribute());
        endpoint.Metadata.Add(new NoRedirect());
        ((RouteEndpointBuilder)endpoint).Order = 0;
    }

    /// <summary>Who is not logged in gets a 401 from cookie authentication: a script can tell that from an answer, and a login form it cannot.</summary>
    private sealed class NoRedirect : IDisableCookieRedirectMetadata;
}
