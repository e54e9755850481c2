using Microsoft.AspNetCore.Http;
using Postoffice.AspNetCore.Api.Answers;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Messages;
using Postoffice.Search;
using Postoffice.Storage;
using Postoffice.Topics;

namespace Postoffice.AspNetCore.Api;

/// <summary>Messages: look for them.</summary>
internal static class MessageSearchApi
{
    /// <param name="messages">The path that publishes, too.</param>
    public static void Map(ApiRoute messages) =>
        messages.Get("SearchMessages", SearchAsync)
            .WithSummary("Searches messages, newest first. Give attribute.NAME=VALUE for each attribute that must have a value.")
            .Produces<FoundMessages>().Answers(StatusCodes.Status400BadRequest);

    private static async Task<IResult> SearchAsync(
        HttpRequest request,
        [AsParameters] MessageSearchParameters parameters,
        ITopicStore topics,
        IPublisherStore publishers,
        MessageSearch search,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var query = parameters.Read(request, errors, out var after, out var limit);
        if (errors.ToProblem() is { } problem)
        {
            return problem;
        }

        (query, problem) = await OfTopicAsync(query, parameters.Topic, topics, publishers, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        // Within a topic a place is a position, which means nothing in another topic.
        if (after is { } place && (query.TopicId ?? place.TopicId) != place.TopicId)
        {
            return FieldErrors.Single("after", Paging.AfterError);
        }

        var answer = await search.FindAsync(query, after, limit, cancellationToken);
        return JsonAnswer.Ok(FoundMessages.From(answer), ApiJson.Default.FoundMessages);
    }

    /// <returns>The query with the number of the topic, which a publisher implies; or what is wrong with the request.</returns>
    private static async Task<(MessageQuery Query, Problem? Problem)> OfTopicAsync(
        MessageQuery query, string? name, ITopicStore topics, IPublisherStore publishers, CancellationToken cancellationToken)
    {
        if (name is not null)
        {
            if (!TopicName.CanBeAsked(name) || await topics.FindAsync(name, cancellationToken) is not { } topic)
            {
                return (query, Problem.UnknownTopic(name));
            }

            query = query with { TopicId = topic.Id };
        }

        if (query.PublisherId is { } publisherId)
        {
            if (await publishers.FindAsync(publisherId, cancellationToken) is not { } publisher)
            {
                return (query, FieldErrors.Single("publisher_id", $"is invalid: there is no publisher {publisherId}"));
            }

            if (name is not null && publisher.TopicId != query.TopicId)
            {
                return (query, FieldErrors.Single("publisher_id", $"is invalid: publisher {publisherId} is one of the topic {publisher.Topic}"));
            }

            query = query with { TopicId = publisher.TopicId };
        }

        return (query, null);
    }
}
