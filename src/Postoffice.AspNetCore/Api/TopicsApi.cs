using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postoffice.AspNetCore.Api.Answers;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Storage;
using Postoffice.Topics;

namespace Postoffice.AspNetCore.Api;

/// <summary>Topics: create, list, find, delete.</summary>
internal static class TopicsApi
{
    private const string Tag = "Topics";

    public static void Map(RouteGroupBuilder api)
    {
        var topics = new ApiRoute(api, "/topics", Tag);
        topics.Post<TopicRequest>("CreateTopic", CreateAsync).WithSummary("Creates a topic.")
            .Produces<Single<TopicResource>>(StatusCodes.Status201Created)
            .Answers(StatusCodes.Status400BadRequest, StatusCodes.Status409Conflict)
            .Answers(StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType);
        topics.Get("ListTopics", ListAsync).WithSummary("Lists the topics, oldest first.")
            .Produces<Page<TopicResource>>().Answers(StatusCodes.Status400BadRequest);

        // A name of digits is a name too, never a number.
        var topic = new ApiRoute(api, "/topics/{name}", Tag);
        topic.Get("GetTopic", FindAsync).WithSummary("Finds a topic by its name.")
            .Produces<Single<TopicResource>>().Answers(StatusCodes.Status404NotFound);
        topic.Delete("DeleteTopic", DeleteAsync).WithSummary("Deletes a topic without messages and publishers.")
            .Produces(StatusCodes.Status204NoContent).Answers(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, ITopicStore topics, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(context, RequestBody.SmallLimit);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        if (!TopicRequest.TryRead(body.Bytes, out var request, out var problem))
        {
            return problem;
        }

        return await topics.TryAddAsync(request, cancellationToken) is { } topic
            ? JsonAnswer.Created(context.Request, topic.Name, new Single<TopicResource>(TopicResource.From(topic)), ApiJson.Default.SingleTopicResource)
            : Problem.AlreadyExists("name", $"There is a topic \"{Text.Shorten(request.Name)}\" already.");
    }

    private static async Task<IResult> ListAsync(
        ITopicStore topics, IOverviewStore overview, string? limit, string? after, CancellationToken cancellationToken)
    {
        if (!Paging.TryRead(limit, after, out var paging, out var problem))
        {
            return problem;
        }

        var fetched = await topics.ListAsync(paging.After, paging.Fetch, cancellationToken);
        var figures = await overview.TopicsAsync([.. fetched.Take(paging.Limit).Select(topic => topic.Id)], cancellationToken);
        return JsonAnswer.Ok(
            paging.ToPage(fetched, topic => TopicResource.From(topic, figures.GetValueOrDefault(topic.Id)), topic => topic.Id),
            ApiJson.Default.PageTopicResource);
    }

    private static async Task<IResult> FindAsync(string name, ITopicStore topics, IOverviewStore overview, CancellationToken cancellationToken)
    {
        if (await FindMeantAsync(topics, name, cancellationToken) is not { } topic)
        {
            return NotFound(name);
        }

        var figures = await overview.TopicsAsync([topic.Id], cancellationToken);
        return JsonAnswer.Ok(new Single<TopicResource>(TopicResource.From(topic, figures.GetValueOrDefault(topic.Id))), ApiJson.Default.SingleTopicResource);
    }

    private static async Task<IResult> DeleteAsync(string name, ITopicStore topics, CancellationToken cancellationToken)
    {
        var topic = await FindMeantAsync(topics, name, cancellationToken);
        var status = topic is null ? DeleteTopicStatus.NotFound : await topics.TryDeleteAsync(topic.Name, cancellationToken);
        return status switch
        {
            DeleteTopicStatus.Deleted => Results.NoContent(),
            DeleteTopicStatus.InUse => Problem.InUse("The topic has messages or publishers. Delete its publishers first; a topic with messages stays."),
            _ => NotFound(name),
        };
    }

    /// <param name="topics">Where it is looked for.</param>
    /// <param name="name">As it stands in the path: the server undoes all escapes but that of the slash. No new name has one, but <c>a%2Fb</c> is a name too, and goes first.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    private static async Task<Topic?> FindMeantAsync(ITopicStore topics, string name, CancellationToken cancellationToken)
    {
        if (!TopicName.CanBeAsked(name))
        {
            return null;
        }

        var withSlashes = name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return await topics.FindAsync(name, cancellationToken)
            ?? (withSlashes == name ? null : await topics.FindAsync(withSlashes, cancellationToken));
    }

    private static Problem NotFound(string name) => Problem.NotFound($"There is no topic \"{Text.Shorten(name)}\".");
}
