using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postoffice.AspNetCore.Api.Answers;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Api;

/// <summary>Replays: send once more what a publisher has settled; one at a time.</summary>
internal static class ReplaysApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var replay = new ApiRoute(api, "/publishers/{id}/replay", PublishersApi.Tag);
        replay.Post<ReplayBody>("StartReplay", StartAsync)
            .WithSummary("Sends once more what lies at or before the publisher's cursor, beside what is new and slower than that. A dry run only counts.")
            .Produces<Single<ReplayStarted>>(StatusCodes.Status202Accepted).Produces<Single<ReplayStarted>>()
            .Answers(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound, StatusCodes.Status409Conflict)
            .Answers(StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType);
        replay.Delete("CancelReplay", CancelAsync).WithSummary("Ends a replay; what is in flight is finished.")
            .Produces(StatusCodes.Status204NoContent).Answers(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> StartAsync(
        string id, HttpContext context, IReplayStore replays, PublisherChanges changes, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(context, RequestBody.SmallLimit);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        if (!PublishersApi.TryNumber(id, out var number))
        {
            return PublishersApi.NotFound(id);
        }

        if (!ReplayBody.TryRead(body.Bytes, out var request, out var dryRun, out var problem))
        {
            return problem;
        }

        var result = await replays.StartAsync(number, request, dryRun, cancellationToken);
        if (result is not { Status: ReplayStatus.Started, Replay: { } replay })
        {
            return result.Status == ReplayStatus.AlreadyRunning ? Problem.ReplayRunning(number) : PublishersApi.NotFound(id);
        }

        if (!dryRun)
        {
            changes.Notify();
        }

        return new JsonAnswer<Single<ReplayStarted>>(
            dryRun ? StatusCodes.Status200OK : StatusCodes.Status202Accepted,
            new Single<ReplayStarted>(new ReplayStarted(result.Messages, replay.Position + 1, replay.Until, replay.OnlyFailed, dryRun)),
            ApiJson.Default.SingleReplayStarted);
    }

    private static async Task<IResult> CancelAsync(string id, IReplayStore replays, PublisherChanges changes, CancellationToken cancellationToken)
    {
        if (!PublishersApi.TryNumber(id, out var number) || !await replays.CancelAsync(number, cancellationToken))
        {
            return Problem.NotFound($"Publisher {Text.Shorten(id)} has no replay under way.");
        }

        changes.Notify();
        return Results.NoContent();
    }
}
