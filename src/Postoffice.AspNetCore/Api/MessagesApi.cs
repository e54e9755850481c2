using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postoffice.AspNetCore.Api.Answers;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Ingestion;
using Postoffice.Messages;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Api;

/// <summary>Messages: publish one, find one.</summary>
internal static class MessagesApi
{
    public const string Tag = "Messages";

    public static void Map(RouteGroupBuilder api)
    {
        var messages = new ApiRoute(api, "/messages", Tag);
        messages.Post<MessageRequest>("PublishMessage", PublishAsync)
            .WithSummary("Publishes one message. With an Idempotency-Key it may be repeated safely.")
            .Produces<Single<MessageResource>>(StatusCodes.Status201Created)
            .Answers(StatusCodes.Status400BadRequest, StatusCodes.Status409Conflict)
            .Answers(StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType);
        MessageSearchApi.Map(messages);

        new ApiRoute(api, "/messages/{id}", Tag).Get("GetMessage", FindAsync)
            .WithSummary("Finds a message, and where it stands for each publisher.")
            .Produces<Single<MessageResource>>().Answers(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> PublishAsync(HttpContext context, IPostoffice postoffice, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(context, RequestBody.MessageLimit);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        if (!MessageRequest.TryRead(body.Bytes, context.Request.Headers[IdempotencyKey.Header], out var request, out var problem))
        {
            return problem;
        }

        var published = await postoffice.PublishAsync(request.Topic, request.Message, cancellationToken);
        if (published.Repeated)
        {
            IdempotencyKey.MarkReplayed(context.Response);
        }

        return MessageAnswer.Published(request.Topic, request.Message, published);
    }

    private static async Task<IResult> FindAsync(
        string id, ITopicStore topics, IMessageLog log, IStagedMessageStore staged, IDeliveryStore deliveries, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out var guid))
        {
            return NotFound(id);
        }

        var (message, waiting) = await LocateAsync(guid, log, staged, cancellationToken);
        return message is not null ? await ShowAsync(message, topics, deliveries, cancellationToken)
            : waiting is not null ? MessageAnswer.Staged(await NameAsync(topics, waiting.TopicId, cancellationToken), waiting)
            : NotFound(id);
    }

    /// <returns>The message in its topic's log, or while it waits to be due; neither when there is none.</returns>
    public static async Task<(Message? Logged, StagedMessage? Staged)> LocateAsync(
        Guid id, IMessageLog log, IStagedMessageStore staged, CancellationToken cancellationToken)
    {
        if (await log.FindAsync(id, cancellationToken) is { } message)
        {
            return (message, null);
        }

        // It may have moved from staging to the log between the two looks.
        return await staged.FindAsync(id, cancellationToken) is { } waiting ? (null, waiting) : (await log.FindAsync(id, cancellationToken), null);
    }

    /// <summary>A topic with messages is never deleted, so its name is there.</summary>
    public static async Task<string> NameAsync(ITopicStore topics, long topicId, CancellationToken cancellationToken) =>
        (await topics.FindAsync(topicId, cancellationToken))?.Name ?? "";

    public static Problem NotFound(string id) => Problem.NotFound($"There is no message {Text.Shorten(id)}.");

    private static async Task<IResult> ShowAsync(Message message, ITopicStore topics, IDeliveryStore deliveries, CancellationToken cancellationToken)
    {
        var topic = await NameAsync(topics, message.TopicId, cancellationToken);
        var states = await deliveries.StatesAsync(message, cancellationToken);
        return MessageAnswer.Logged(StatusCodes.Status200OK, topic, message, states);
    }
}
