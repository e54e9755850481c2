using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postoffice.AspNetCore.Api.Answers;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Cluster;
using Postoffice.Pipeline;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Topics;
using Postoffice.Transports;

namespace Postoffice.AspNetCore.Api;

/// <summary>Publishers: create, list, find, change, delete.</summary>
internal static class PublishersApi
{
    public const string Tag = "Publishers";

    public static void Map(RouteGroupBuilder api)
    {
        var publishers = new ApiRoute(api, "/publishers", Tag);
        publishers.Post<PublisherRequest>("CreatePublisher", CreateAsync).WithSummary("Creates a publisher: it sends the messages of a topic to a target.")
            .Produces<Single<PublisherResource>>(StatusCodes.Status201Created)
            .Answers(StatusCodes.Status400BadRequest, StatusCodes.Status409Conflict)
            .Answers(StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType);
        publishers.Get("ListPublishers", ListAsync).WithSummary("Lists the publishers, of one topic when given, oldest first.")
            .Produces<Page<PublisherResource>>().Answers(StatusCodes.Status400BadRequest);

        var publisher = new ApiRoute(api, "/publishers/{id}", Tag);
        publisher.Get("GetPublisher", FindAsync).WithSummary("Finds a publisher and where it stands.")
            .Produces<Single<PublisherResource>>().Answers(StatusCodes.Status404NotFound);
        publisher.Patch<PublisherPatch>("ChangePublisher", ChangeAsync).WithSummary("Pauses or resumes a publisher, or changes its settings.")
            .Produces<Single<PublisherResource>>()
            .Answers(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound)
            .Answers(StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType);
        publisher.Delete("DeletePublisher", DeleteAsync).WithSummary("Deletes a publisher; what it has not delivered is discarded.")
            .Produces(StatusCodes.Status204NoContent).Answers(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context,
        IPublisherStore publishers,
        PublisherChanges changes,
        IEnumerable<ITransport> transports,
        IEnumerable<UnconfiguredTransport> unconfigured,
        CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(context, RequestBody.SmallLimit);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        if (!PublisherRequest.TryRead(body.Bytes, transports, unconfigured, out var request, out var problem))
        {
            return problem;
        }

        var result = await publishers.TryAddAsync(request, cancellationToken);
        if (result is not { Status: AddPublisherStatus.Added, Publisher: { } publisher })
        {
            return Refuse(result.Status, request.Topic);
        }

        changes.Notify();

        // Someone may have deleted it in between; the caller created it all the same. Nobody runs it yet.
        var status = await publishers.FindStatusAsync(publisher.Id, cancellationToken)
            ?? new PublisherStatus(publisher, publisher.StartPosition, publisher.StartPosition, 0, 0);
        return JsonAnswer.Created(
            context.Request,
            publisher.Id.ToString(CultureInfo.InvariantCulture),
            new Single<PublisherResource>(PublisherResource.From(status, owner: null)),
            ApiJson.Default.SinglePublisherResource);
    }

    private static async Task<IResult> ListAsync(
        IPublisherStore publishers,
        ITopicStore topics,
        PublisherOwners owners,
        IActivityStore activity,
        string? topic,
        string? limit,
        string? after,
        CancellationToken cancellationToken)
    {
        if (!Paging.TryRead(limit, after, out var paging, out var problem))
        {
            return problem;
        }

        var ofTopic = topic is not null && TopicName.CanBeAsked(topic) ? await topics.FindAsync(topic, cancellationToken) : null;
        if (topic is not null && ofTopic is null)
        {
            return Problem.UnknownTopic(topic);
        }

        var fetched = await publishers.ListAsync(ofTopic?.Id, paging.After, paging.Fetch, cancellationToken);
        long[] shown = [.. fetched.Take(paging.Limit).Select(status => status.Publisher.Id)];
        var runBy = await owners.FindAsync(shown, cancellationToken);
        var attempts = await activity.AttemptsAsync(shown, cancellationToken);
        return JsonAnswer.Ok(
            paging.ToPage(
                fetched,
                status => PublisherResource.From(status, runBy.GetValueOrDefault(status.Publisher.Id), attempts.GetValueOrDefault(status.Publisher.Id)),
                status => status.Publisher.Id),
            ApiJson.Default.PagePublisherResource);
    }

    private static async Task<IResult> FindAsync(
        string id, IPublisherStore publishers, PublisherOwners owners, IReplayStore replays, IActivityStore activity, CancellationToken cancellationToken) =>
        TryNumber(id, out var number) && await publishers.FindStatusAsync(number, cancellationToken) is { } status
            ? await ShowAsync(status, owners, replays, activity, cancellationToken)
            : NotFound(id);

    private static async Task<IResult> ChangeAsync(
        string id,
        HttpContext context,
        IPublisherStore publishers,
        PublisherOwners owners,
        IReplayStore replays,
        IActivityStore activity,
        PublisherChanges changes,
        CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(context, RequestBody.SmallLimit);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        var isChanged = false;
        var isNumber = TryNumber(id, out var number);
        while (!isChanged && isNumber && await publishers.FindAsync(number, cancellationToken) is { } publisher)
        {
            if (!PublisherPatch.TryRead(body.Bytes, publisher, out var change, out var problem))
            {
                return problem;
            }

            // Not changed: somebody else has changed it since we looked. What he changed and we do not mention stays, so we look again; each round is another's success.
            isChanged = await publishers.UpdateAsync(number, change, cancellationToken) is not null;
        }

        if (isChanged)
        {
            changes.Notify();
        }

        return isChanged && await publishers.FindStatusAsync(number, cancellationToken) is { } status
            ? await ShowAsync(status, owners, replays, activity, cancellationToken)
            : NotFound(id);
    }

    private static async Task<IResult> DeleteAsync(string id, IPublisherStore publishers, PublisherChanges changes, CancellationToken cancellationToken)
    {
        if (!TryNumber(id, out var number) || !await publishers.DeleteAsync(number, cancellationToken))
        {
            return NotFound(id);
        }

        changes.Notify();
        return Results.NoContent();
    }

    private static Problem Refuse(AddPublisherStatus status, string topic) => status switch
    {
        AddPublisherStatus.AlreadyExists => Problem.AlreadyExists("target", "The topic has a publisher of this type with this target already."),
        AddPublisherStatus.TooMany => Problem.LimitExceeded("topic",
            $"The topic has {IPublisherStore.MaxPublishersPerTopic} publishers, the most it may have. Delete one, or use another topic."),
        _ => Problem.UnknownTopic(topic),
    };

    private static async Task<IResult> ShowAsync(
        PublisherStatus status, PublisherOwners owners, IReplayStore replays, IActivityStore activity, CancellationToken cancellationToken)
    {
        var id = status.Publisher.Id;
        var owner = (await owners.FindAsync([id], cancellationToken)).GetValueOrDefault(id);
        var attempts = (await activity.AttemptsAsync([id], cancellationToken)).GetValueOrDefault(id);
        var replay = await replays.FindAsync(id, cancellationToken);
        return JsonAnswer.Ok(new Single<PublisherResource>(PublisherResource.From(status, owner, attempts, replay)), ApiJson.Default.SinglePublisherResource);
    }

    public static bool TryNumber(string id, out long number) => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    public static Problem NotFound(string id) => Problem.NotFound($"There is no publisher {Text.Shorten(id)}.");
}
