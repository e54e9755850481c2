using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Postoffice.Activity;
using Postoffice.AspNetCore.Api.Answers;

namespace Postoffice.AspNetCore.Api;

/// <summary>Live events: a pulse whenever something has changed, so that a page knows when to look again.</summary>
internal static class EventsApi
{
    public static void Map(RouteGroupBuilder api) =>
        new ApiRoute(api, "/events", OverviewApi.Tag).Get("ListenToEvents", Listen)
            .WithSummary("Sends an event whenever something has changed, at most one a second, as long as the caller stays.")
            .Produces<string>(StatusCodes.Status200OK, PulseStream.ContentType).Answers();

    private static PulseStream Listen(PulseWatcher watcher, IHostApplicationLifetime lifetime) => new(watcher, lifetime.ApplicationStopping);
}
