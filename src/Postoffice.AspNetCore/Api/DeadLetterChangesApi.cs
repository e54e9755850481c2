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

/// <summary>Dead letters: retry and discard, one and many.</summary>
internal static class DeadLetterChangesApi
{
    /// <summary>So many in one transaction: large enough to be quick, small enough to hold nobody up.</summary>
    private const int Batch = 1_000;

    /// <returns>How many.</returns>
    private delegate Task<int> Change(DeadLetterFilter filter, int max, CancellationToken cancellationToken);

    public static void Map(RouteGroupBuilder api)
    {
        MapOne(api, "retry", "RetryDeadLetter", RetryOneAsync, "Retries a dead letter: it is due now, with all its attempts before it.");
        MapOne(api, "discard", "DiscardDeadLetter", DiscardOneAsync, "Gives a dead letter up for good; the delivery log says so.");
        MapMany(api, "retry", "RetryDeadLetters", RetryManyAsync, "Retries dead letters, the oldest first. A dry run only counts.");
        MapMany(api, "discard", "DiscardDeadLetters", DiscardManyAsync, "Gives dead letters up for good, the oldest first. A dry run only counts.");
    }

    private static void MapOne(RouteGroupBuilder api, string verb, string name, Delegate handler, string summary) =>
        new ApiRoute(api, $"/dead_letters/{{id}}/{verb}", DeadLettersApi.Tag).Post(name, handler).WithSummary(summary)
            .Produces<Single<DeadLetterChanged>>().Answers(StatusCodes.Status404NotFound);

    private static void MapMany(RouteGroupBuilder api, string verb, string name, Delegate handler, string summary) =>
        new ApiRoute(api, $"/dead_letters/{verb}", DeadLettersApi.Tag).Post<DeadLetterSelection>(name, handler).WithSummary(summary)
            .Produces<Single<DeadLettersChanged>>()
            .Answers(StatusCodes.Status400BadRequest, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType);

    private static Task<IResult> RetryOneAsync(string id, IDeadLetterStore letters, PublisherChanges changes, CancellationToken cancellationToken) =>
        ChangeOneAsync(id, letters.RetryAsync, "parked", changes, cancellationToken);

    private static Task<IResult> DiscardOneAsync(string id, IDeadLetterStore letters, PublisherChanges changes, CancellationToken cancellationToken) =>
        ChangeOneAsync(id, letters.DiscardAsync, "discarded", changes, cancellationToken);

    private static Task<IResult> RetryManyAsync(
        HttpContext context, IDeadLetterStore letters, ITopicStore topics, PublisherChanges changes, CancellationToken cancellationToken) =>
        ChangeManyAsync(context, letters, letters.RetryAsync, (matched, done, remaining, dryRun) => new(matched, done, null, remaining, dryRun), topics, changes, cancellationToken);

    private static Task<IResult> DiscardManyAsync(
        HttpContext context, IDeadLetterStore letters, ITopicStore topics, PublisherChanges changes, CancellationToken cancellationToken) =>
        ChangeManyAsync(context, letters, letters.DiscardAsync, (matched, done, remaining, dryRun) => new(matched, null, done, remaining, dryRun), topics, changes, cancellationToken);

    private static async Task<IResult> ChangeOneAsync(string id, Change change, string state, PublisherChanges changes, CancellationToken cancellationToken)
    {
        if (!DeadLetterIds.TryParse(id, out var letterId) || await change(new DeadLetterFilter { Ids = [letterId] }, 1, cancellationToken) == 0)
        {
            return DeadLettersApi.NotFound(id);
        }

        changes.Notify();
        return JsonAnswer.Ok(new Single<DeadLetterChanged>(new DeadLetterChanged(DeadLetterIds.Format(letterId), state)), ApiJson.Default.SingleDeadLetterChanged);
    }

    private static async Task<IResult> ChangeManyAsync(
        HttpContext context,
        IDeadLetterStore letters,
        Change change,
        Func<long, int, long, bool, DeadLettersChanged> show,
        ITopicStore topics,
        PublisherChanges changes,
        CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(context, RequestBody.SmallLimit);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        if (!DeadLetterSelection.TryRead(body.Bytes, out var selected, out var problem))
        {
            return problem;
        }

        (var filter, problem) = await DeadLettersApi.OfTopicAsync(selected.Filter, new FieldErrors(), selected.Topic, topics, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        var matched = filter.Ids is { Count: 0 } ? 0 : await letters.CountAsync(filter, cancellationToken);

        // No more than matched at first: one that is retried and dies again meanwhile is not retried twice.
        var wanted = selected.DryRun ? 0 : (int)Math.Min(matched, selected.Limit);
        var done = 0;
        var left = matched;
        try
        {
            while (done < wanted)
            {
                var asked = Math.Min(Batch, wanted - done);
                var count = await change(filter, asked, cancellationToken);
                done += count;
                left = count < asked ? 0 : matched - done;
                if (count < asked)
                {
                    break;
                }
            }
        }
        finally
        {
            // What is committed counts, whether the rest failed or the caller has gone.
            if (done > 0)
            {
                changes.Notify();
            }
        }

        return JsonAnswer.Ok(new Single<DeadLettersChanged>(show(matched, done, left, selected.DryRun)), ApiJson.Default.SingleDeadLettersChanged);
    }
}
