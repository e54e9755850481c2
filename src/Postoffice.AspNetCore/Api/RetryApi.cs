using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postoffice.AspNetCore.Api.Answers;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Api;

/// <summary>One delivery of a message, retried by hand instead of waiting for its time.</summary>
internal static class RetryApi
{
    public static void Map(RouteGroupBuilder api) =>
        new ApiRoute(api, "/messages/{id}/deliveries/{publisher_id}/retry", MessagesApi.Tag).Post("RetryDelivery", RetryAsync)
            .WithSummary("Makes a parked delivery due now, or retries the dead letter.")
            .Produces<Single<RetriedResource>>().Answers(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);

    private static async Task<IResult> RetryAsync(
        string id,
        [Microsoft.AspNetCore.Mvc.FromRoute(Name = "publisher_id")] string publisherId,
        IMessageLog log,
        IDeliveryStore deliveries,
        IDeadLetterStore letters,
        PublisherChanges changes,
        CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out var guid) || await log.FindAsync(guid, cancellationToken) is not { } message)
        {
            return MessagesApi.NotFound(id);
        }

        if (!PublishersApi.TryNumber(publisherId, out var publisher))
        {
            return PublishersApi.NotFound(publisherId);
        }

        var status = await deliveries.MakeDueAsync(message.TopicId, publisher, message.Position, cancellationToken);
        if (status == MakeDueStatus.BehindKey)
        {
            return Problem.BehindKey(id, publisher);
        }

        // The number and the topic: a publisher of another topic may have a dead letter at the same position.
        var letter = new DeadLetterFilter { Ids = [new DeadLetterId(publisher, message.Position)], TopicId = message.TopicId };
        if (status == MakeDueStatus.NotParked && await letters.RetryAsync(letter, 1, cancellationToken) == 0)
        {
            return Problem.NotFound(
                $"For publisher {publisher} there is nothing to retry: message {Text.Shorten(id)} is neither parked nor a dead letter. GET /messages/{Text.Shorten(id)} says where it stands.");
        }

        changes.Notify();
        return JsonAnswer.Ok(new Single<RetriedResource>(new RetriedResource(publisher, "parked")), ApiJson.Default.SingleRetriedResource);
    }
}
