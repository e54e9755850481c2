using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Postoffice.Activity;
using Postoffice.AspNetCore.Api.Answers;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.Storage;
using Postoffice.Topics;

namespace Postoffice.AspNetCore.Api;

/// <summary>How all is: the overview, what was done in the last hour, the nodes.</summary>
internal static class OverviewApi
{
    public const string Tag = "Overview";

    public static void Map(RouteGroupBuilder api)
    {
        new ApiRoute(api, "/overview", Tag).Get("GetOverview", ReadAsync)
            .WithSummary("Says how all is: totals, rates, latency, the last hour, what needs attention, the nodes.")
            .Produces<Single<OverviewResource>>().Answers();
        new ApiRoute(api, "/activity", Tag).Get("GetActivity", ReadActivityAsync)
            .WithSummary("Tells the last hour by the minute: of everything, of a topic, or of a publisher.")
            .Produces<Single<ActivityResource>>().Answers(StatusCodes.Status400BadRequest);
        new ApiRoute(api, "/nodes", Tag).Get("ListNodes", ListNodesAsync)
            .WithSummary("Lists the nodes that live, the longest running first.")
            .Produces<Single<IReadOnlyList<NodeStatusResource>>>().Answers();
    }

    private static async Task<IResult> ReadAsync(OverviewReader overview, CancellationToken cancellationToken) =>
        JsonAnswer.Ok(
            new Single<OverviewResource>(OverviewResource.From(await overview.ReadAsync(cancellationToken))), ApiJson.Default.SingleOverviewResource);

    private static async Task<IResult> ReadActivityAsync(
        IActivityStore activity,
        ITopicStore topics,
        IPublisherStore publishers,
        string? topic,
        [FromQuery(Name = "publisher_id")] string? publisherId,
        CancellationToken cancellationToken)
    {
        if (topic is not null && publisherId is not null)
        {
            return FieldErrors.Single("publisher_id", "is invalid: give a topic or a publisher, not both");
        }

        var scope = ActivityScope.All;
        if (topic is not null)
        {
            if (!TopicName.CanBeAsked(topic) || await topics.FindAsync(topic, cancellationToken) is not { } known)
            {
                return Problem.UnknownTopic(topic);
            }

            scope = ActivityScope.OfTopic(known.Id);
        }
        else if (publisherId is not null)
        {
            if (!long.TryParse(publisherId, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || await publishers.FindAsync(number, cancellationToken) is not { } publisher)
            {
                return FieldErrors.Single("publisher_id", "is invalid: give the number of a publisher that is there");
            }

            scope = ActivityScope.OfPublisher(publisher.TopicId, publisher.Id);
        }

        return JsonAnswer.Ok(
            new Single<ActivityResource>(ActivityResource.From(await activity.ReadAsync(scope, cancellationToken))), ApiJson.Default.SingleActivityResource);
    }

    private static async Task<IResult> ListNodesAsync(IOverviewStore overview, CancellationToken cancellationToken) =>
        JsonAnswer.Ok(
            new Single<IReadOnlyList<NodeStatusResource>>([.. (await overview.NodesAsync(cancellationToken)).Select(NodeStatusResource.From)]),
            ApiJson.Default.SingleNodes);
}
