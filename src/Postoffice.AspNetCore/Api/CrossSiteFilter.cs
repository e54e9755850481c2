using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;

namespace Postoffice.AspNetCore.Api;

/// <summary>
/// Keeps pages of other origins from changing anything by the browser of somebody who may: a form needs no leave to POST without a body.
/// An origin to which the application's CORS policy opens the API may. Programs are not asked, since they don't send what browsers do.
/// </summary>
internal sealed class CrossSiteFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        return RequestOrigin.IsUnsafe(http.Request) && RequestOrigin.IsForeign(http.Request) && !await IsOpenedAsync(http)
            ? Problem.CrossSite("A page of another origin sent this by somebody's browser. To let that origin change things, open the API to it: MapPostoffice().RequireCors(…).")
            : await next(context);
    }

    private static async Task<bool> IsOpenedAsync(HttpContext http)
    {
        var origin = http.Request.Headers.Origin.ToString();
        var policies = http.RequestServices.GetService<ICorsPolicyProvider>();
        if (origin.Length == 0 || policies is null)
        {
            return false;
        }

        var policy = http.GetEndpoint()?.Metadata.GetMetadata<ICorsMetadata>() switch
        {
            ICorsPolicyMetadata own => own.Policy,
            IEnableCorsAttribute named => await policies.GetPolicyAsync(http, named.PolicyName),
            null => await policies.GetPolicyAsync(http, policyName: null),
            _ => null,
        };
        return policy is not null && (policy.AllowAnyOrigin || policy.IsOriginAllowed(origin));
    }
}
