using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.Diagnostics;

namespace Postoffice.AspNetCore.Api;

/// <summary>Around every endpoint: the headers that each answer bears, and a problem for each exception, so that none reaches the application.</summary>
internal sealed partial class ApiFilter(ILogger<ApiFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = "no-store";

        try
        {
            return await next(context);
        }
        catch (Exception exception)
        {
            // A caller that has gone hears no answer.
            return http.RequestAborted.IsCancellationRequested && exception is OperationCanceledException ? Results.Empty : ToProblem(http, exception);
        }
    }

    private Problem ToProblem(HttpContext http, Exception exception)
    {
        var problem = ExceptionProblems.From(exception);
        if (problem is null)
        {
            Log.Failed(logger, exception, http.Request.Method, http.GetEndpoint()?.DisplayName);
        }
        else if (problem.Status >= StatusCodes.Status500InternalServerError)
        {
            Log.Refused(logger, exception, http.Request.Method, http.GetEndpoint()?.DisplayName);
        }

        return problem ?? Problem.Internal();
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RequestFailed, LogLevel.Error, "{Method} {Endpoint} failed")]
        public static partial void Failed(ILogger logger, Exception exception, string method, string? endpoint);

        [LoggerMessage(EventIds.RequestRefused, LogLevel.Warning, "{Method} {Endpoint} was answered with 503")]
        public static partial void Refused(ILogger logger, Exception exception, string method, string? endpoint);
    }
}
