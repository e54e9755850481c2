using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postoffice.AspNetCore.Api.Answers;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Ingestion;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Api;

/// <summary>Messages for later.</summary>
internal static class ScheduledMessagesApi
{
    public static void Map(RouteGroupBuilder api) =>
        new ApiRoute(api, "/schedule_messages", MessagesApi.Tag).Post<ScheduleRequest>("ScheduleMessage", ScheduleAsync)
            .WithSummary("Publishes one message at a given time. With an Idempotency-Key it may be repeated safely.")
            .Produces<Single<MessageResource>>(StatusCodes.Status201Created)
            .Answers(StatusCodes.Status400BadRequest, StatusCodes.Status409Conflict)
            .Answers(StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType);

    private static async Task<IResult> ScheduleAsync(
        HttpContext context, IPostoffice postoffice, IStagedMessageStore staged, IMessageLog log, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(context, RequestBody.MessageLimit);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        if (!ScheduleRequest.TryRead(body.Bytes, context.Request.Headers[IdempotencyKey.Header], out var request, out var scheduleAt, out var problem))
        {
            return problem;
        }

        var id = await postoffice.ScheduleAsync(request.Topic, request.Message, scheduleAt, cancellationToken);
        if (id == request.Message.Id)
        {
            return MessageAnswer.ScheduledFor(request.Topic, id, request.Message, scheduleAt);
        }

        // An earlier request with this key is what counts, with its own time; it may be in the log by now.
        IdempotencyKey.MarkReplayed(context.Response);
        if (await staged.FindAsync(id, cancellationToken) is { } earlier)
        {
            return MessageAnswer.ScheduledFor(request.Topic, id, earlier.Message, earlier.DeliverAt);
        }

        return await log.FindAsync(id, cancellationToken) is { } logged
            ? MessageAnswer.Logged(StatusCodes.Status201Created, request.Topic, logged, [])
            : MessageAnswer.ScheduledFor(request.Topic, id, request.Message, scheduleAt);
    }
}
