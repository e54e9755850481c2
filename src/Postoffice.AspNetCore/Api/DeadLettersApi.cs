using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postoffice.AspNetCore.Api.Answers;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Deliveries;
using Postoffice.Storage;
using Postoffice.Topics;

namespace Postoffice.AspNetCore.Api;

/// <summary>Dead letters: list, group, inspect.</summary>
internal static class DeadLettersApi
{
    public const string Tag = "Dead letters";

    public static void Map(RouteGroupBuilder api)
    {
        new ApiRoute(api, "/dead_letters", Tag).Get("ListDeadLetters", ListAsync)
            .WithSummary("Lists the dead letters, newest first.")
            .Produces<Page<DeadLetterResource>>().Answers(StatusCodes.Status400BadRequest);
        new ApiRoute(api, "/dead_letters/groups", Tag).Get("GroupDeadLetters", GroupAsync)
            .WithSummary("Groups the dead letters by what they died of, the largest group first.")
            .Produces<Page<DeadLetterGroupResource>>().Answers(StatusCodes.Status400BadRequest);
        new ApiRoute(api, "/dead_letters/{id}", Tag).Get("GetDeadLetter", FindAsync)
            .WithSummary("Finds a dead letter, with its message and its failed attempts.")
            .Produces<Single<DeadLetterDetail>>().Answers(StatusCodes.Status404NotFound);
        new ApiRoute(api, "/publishers/{id}/dead_letters", Tag).Get("ListDeadLettersOfPublisher", ListOfPublisherAsync)
            .WithSummary("Lists the dead letters of one publisher, newest first.")
            .Produces<Page<DeadLetterResource>>().Answers(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(
        [AsParameters] AnyDeadLetterQuery query,
        string? limit,
        string? after,
        IDeadLetterStore letters,
        ITopicStore topics,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        return await PageAsync(query.Read(errors), errors, query.Topic, limit, after, letters, topics, cancellationToken);
    }

    private static async Task<IResult> ListOfPublisherAsync(
        string id,
        [AsParameters] DeadLetterQuery query,
        string? limit,
        string? after,
        IDeadLetterStore letters,
        IPublisherStore publishers,
        ITopicStore topics,
        CancellationToken cancellationToken)
    {
        if (!PublishersApi.TryNumber(id, out var number) || await publishers.FindAsync(number, cancellationToken) is null)
        {
            return PublishersApi.NotFound(id);
        }

        var errors = new FieldErrors();
        return await PageAsync(query.Read(errors) with { PublisherId = number }, errors, query.Topic, limit, after, letters, topics, cancellationToken);
    }

    private static async Task<IResult> PageAsync(
        DeadLetterFilter filter,
        FieldErrors errors,
        string? topic,
        string? limit,
        string? after,
        IDeadLetterStore letters,
        ITopicStore topics,
        CancellationToken cancellationToken)
    {
        var count = Paging.ReadLimit(limit, errors);
        DeadLetterPlace? place = null;
        if (after is not null)
        {
            errors.Add("after", DeadLetterIds.TryParsePlace(after, out var given) ? null : Paging.AfterError);
            place = given;
        }

        var (ofTopic, problem) = await OfTopicAsync(filter, errors, topic, topics, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        var fetched = await letters.ListAsync(ofTopic, place, count + 1, cancellationToken);
        return JsonAnswer.Ok(Paging.ToPage(fetched, count, DeadLetterResource.From, DeadLetterIds.FormatPlace), ApiJson.Default.PageDeadLetterResource);
    }

    private static async Task<IResult> GroupAsync(
        [AsParameters] AnyDeadLetterQuery query, string? limit, IDeadLetterStore letters, ITopicStore topics, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var count = Paging.ReadLimit(limit, errors);
        var (filter, problem) = await OfTopicAsync(query.Read(errors), errors, query.Topic, topics, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        // The largest come first, and further pages would move under the reader; a narrower question shows more.
        var groups = await letters.GroupsAsync(filter, count, cancellationToken);
        return JsonAnswer.Ok(
            new Page<DeadLetterGroupResource>([.. groups.Select(DeadLetterGroupResource.From)], Next: null), ApiJson.Default.PageDeadLetterGroupResource);
    }

    private static async Task<IResult> FindAsync(
        string id, IDeadLetterStore letters, IMessageLog log, IDeliveryStore deliveries, CancellationToken cancellationToken)
    {
        if (!DeadLetterIds.TryParse(id, out var letterId)
            || await letters.FindAsync(letterId, cancellationToken) is not { } letter
            || await log.FindAsync(letter.MessageId, cancellationToken) is not { } message)
        {
            return NotFound(id);
        }

        var states = await deliveries.StatesAsync(message, cancellationToken);
        return new DeadLetterAnswer(letter, message, states.FirstOrDefault(state => state.Publisher.Id == letter.PublisherId)?.FailedAttempts ?? []);
    }

    /// <returns>The filter with the topic's number; or what is wrong with the request.</returns>
    public static async Task<(DeadLetterFilter Filter, Problem? Problem)> OfTopicAsync(
        DeadLetterFilter filter, FieldErrors errors, string? topic, ITopicStore topics, CancellationToken cancellationToken)
    {
        if (errors.ToProblem() is { } problem || topic is null)
        {
            return (filter, errors.ToProblem());
        }

        return TopicName.CanBeAsked(topic) && await topics.FindAsync(topic, cancellationToken) is { } known
            ? (filter with { TopicId = known.Id }, null)
            : (filter, Problem.UnknownTopic(topic));
    }

    public static Problem NotFound(string id) => Problem.NotFound($"There is no dead letter {Text.Shorten(id)}.");
}
