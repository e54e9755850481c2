using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Postoffice.AspNetCore.Api;
using Postoffice.AspNetCore.Api.Answers;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Health;

/// <summary>Health for load balancers and orchestrators: the status and nothing else, since anyone may ask.</summary>
internal static class HealthApi
{
    private const string Tag = "Health";

    /// <summary>Answered within a second, also when the storage hangs.</summary>
    private static readonly TimeSpan PingTimeout = TimeSpan.FromMilliseconds(800);

    public static void Map(RouteGroupBuilder api)
    {
        new ApiRoute(api, "/health", Tag).Get("Health", CheckStorageAsync).WithSummary("Says whether the node can serve.")
            .Produces<HealthAnswer>().Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable);
        new ApiRoute(api, "/health/live", Tag).Get("Live", () => new HealthAnswer(true)).WithSummary("Says that the process runs.")
            .Produces<HealthAnswer>();
        new ApiRoute(api, "/health/ready", Tag).Get("Ready", CheckStorageAsync).WithSummary("Says whether the storage answers.")
            .Produces<HealthAnswer>().Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<HealthAnswer> CheckStorageAsync(IStorage storage, [FromServices] TimeProvider? timeProvider, CancellationToken cancellationToken)
    {
        var time = timeProvider ?? TimeProvider.System;
        using var timeout = new CancellationTokenSource(PingTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // A client that does not heed its token must not hold the answer either.
            await storage.PingAsync(linked.Token).WaitAsync(linked.Token);
            return new HealthAnswer(true);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthAnswer(false);
        }
    }

    /// <summary>What health endpoints answer.</summary>
    internal sealed class HealthAnswer(bool healthy) : IResult
    {
        /// <summary><c>ok</c> or <c>unavailable</c>.</summary>
        public string Status => healthy ? "ok" : "unavailable";

        public Task ExecuteAsync(HttpContext httpContext)
        {
            if (!healthy)
            {
                httpContext.Response.Headers.RetryAfter = "1";
            }

            return JsonAnswer.WriteAsync(httpContext, healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("status"u8, Status);
                writer.WriteEndObject();
            });
        }
    }
}
