using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Postoffice.AspNetCore.Api.Contracts;

namespace Postoffice.AspNetCore.Api;

internal static class ApiDescriptions
{
    /// <summary>Describes the problems that an endpoint answers with, beside the 503 that all may.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            endpoint.Produces<ProblemResource>(status, "application/problem+json");
        }

        return endpoint.Produces<ProblemResource>(StatusCodes.Status503ServiceUnavailable, "application/problem+json");
    }
}
