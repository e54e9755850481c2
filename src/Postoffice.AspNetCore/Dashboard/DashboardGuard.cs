using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;

namespace Postoffice.AspNetCore.Dashboard;

/// <summary>
/// Stands before every endpoint of the dashboard, after the application's own authorization: who may see it, that a change comes from its own page,
/// and who may change something.
/// </summary>
internal sealed class DashboardGuard(PostofficeDashboardOptions options)
{
    /// <summary>
    /// The header that every request of the page that may change something bears. A form cannot set it, and a script of another origin only after the
    /// server has allowed it to, which ours never does.
    /// </summary>
    public const string Header = "X-Postoffice-Dashboard";

    /// <returns><paramref name="next"/>, for those that may.</returns>
    public RequestDelegate Before(RequestDelegate next) => async context =>
    {
        SecurityHeaders.Set(context.Response.Headers);

        // Unless the endpoint knows better: the next user of this browser may be another, who may see less.
        context.Response.Headers.CacheControl = "no-store";
        var refusal = RefuseAccess(context) ?? await RefuseOriginAsync(context);
        if (refusal is not null)
        {
            await refusal.ExecuteAsync(context);
            return;
        }

        await next(context);
    };

    /// <returns>Whether this user may change something.</returns>
    public async ValueTask<bool> MayChangeAsync(HttpContext context)
    {
        if (options.ReadOnly || options.ChangePolicy is not { } policy)
        {
            return !options.ReadOnly;
        }

        return (await context.RequestServices.GetRequiredService<IAuthorizationService>().AuthorizeAsync(context.User, resource: null, policy)).Succeeded;
    }

    private IResult? RefuseAccess(HttpContext context)
    {
        // Read when the request comes, for authorization can be added until then, also to a group around the dashboard.
        var metadata = context.GetEndpoint()?.Metadata;
        var isDecided = metadata?.GetMetadata<IAuthorizeData>() is not null || metadata?.GetMetadata<IAllowAnonymous>() is not null;
        if (options.AllowRemote || isDecided || LocalAccess.Refuse(context) is not { } reason)
        {
            return null;
        }

        return metadata?.GetMetadata<PageMetadata>() is not null ? new RefusalPage(reason) : Problem.RemoteAccess($"{reason} {RefusalPage.Remedy}");
    }

    private async ValueTask<Problem?> RefuseOriginAsync(HttpContext context)
    {
        if (!RequestOrigin.IsUnsafe(context.Request))
        {
            // A link from elsewhere bears no Origin. A script of elsewhere does, and a CORS policy that the application means for all of its paths would let it read.
            return context.Request.Headers.Origin.Count > 0 && RequestOrigin.IsForeign(context.Request)
                ? Problem.CrossSite("A page of another origin asks, which may neither read nor change anything here. Open the API itself to it: MapPostoffice().RequireCors(…).")
                : null;
        }

        if (context.Request.Headers[Header].ToString().Length == 0)
        {
            return Problem.CrossSite($"This copy of the API serves the dashboard's page, whose requests bear the header {Header}. Programs use the API itself.");
        }

        if (!RequestOrigin.IsSameOrigin(context.Request))
        {
            return Problem.CrossSite("Sec-Fetch-Site or Origin name another origin than the dashboard's. "
                + "If the dashboard's own page was refused, a proxy changes the Host header: make it pass Host on as it came.");
        }

        return await MayChangeAsync(context) ? null : Problem.ReadOnly(options.ReadOnly
            ? "The dashboard is read-only. Its setting ReadOnly says so."
            : "You may look at everything and change nothing. Ask whoever runs the application for the right to change things.");
    }

    /// <summary>On endpoints that answer a person: a refusal is a page then.</summary>
    internal sealed class PageMetadata;
}
