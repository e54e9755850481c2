using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postoffice.AspNetCore.Api.Answers;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Ingestion;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Api;

/// <summary>Messages, many in one request: all are published or none.</summary>
internal static class BulkMessagesApi
{
    public static void Map(RouteGroupBuilder api) =>
        new ApiRoute(api, "/bulk_messages", MessagesApi.Tag).Post<BulkRequest>("PublishMessages", PublishAsync)
            .WithSummary("Publishes up to 3,000 messages, all or none. An Idempotency-Key stands for the whole request.")
            .Produces<BulkAnswer>(StatusCodes.Status201Created)
            .Answers(StatusCodes.Status400BadRequest, StatusCodes.Status409Conflict)
            .Answers(StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType);

    private static async Task<IResult> PublishAsync(HttpContext context, IPostoffice postoffice, ITopicStore topics, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(context, RequestBody.BulkLimit);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        if (!BulkRequest.TryRead(body.Bytes, context.Request.Headers[IdempotencyKey.Header], out var request, out var problem))
        {
            return problem;
        }

        // The body may be large, and the wait for the commit long; all that is needed of it is copied.
        body.Dispose();

        if (request.Messages.Count == 0)
        {
            return await topics.FindAsync(request.Topic, cancellationToken) is null ? Problem.UnknownTopic(request.Topic) : Created([]);
        }

        var published = await postoffice.PublishManyAsync(request.Topic, request.Messages, cancellationToken);
        if (published[0].Repeated)
        {
            IdempotencyKey.MarkReplayed(context.Response);
        }

        return Created([.. published.Select(message => message.Id)]);
    }

    private static JsonAnswer<BulkAnswer> Created(IReadOnlyList<Guid> ids) =>
        new(StatusCodes.Status201Created, new BulkAnswer(ids), ApiJson.Default.BulkAnswer);
}
