using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postoffice.AspNetCore.Api.Answers;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.Deliveries;
using Postoffice.Explanations;
using Postoffice.Messages;
using Postoffice.Pipeline;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Api;

/// <summary>Why a message is, or is not, delivered.</summary>
internal static class ExplainApi
{
    public static void Map(RouteGroupBuilder api) =>
        new ApiRoute(api, "/messages/{id}/explain", MessagesApi.Tag).Get("ExplainMessage", ExplainAsync)
            .WithSummary("Says for each publisher why a message is, or is not, delivered: one reason, and the facts that decide it.")
            .Produces<Single<ExplanationsResource>>().Answers(StatusCodes.Status404NotFound);

    private static async Task<IResult> ExplainAsync(
        string id,
        ITopicStore topics,
        IMessageLog log,
        IStagedMessageStore staged,
        IDeliveryStore deliveries,
        IOrderingKeyStore keys,
        PublisherOwners owners,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out var guid))
        {
            return MessagesApi.NotFound(id);
        }

        var (message, waiting) = await MessagesApi.LocateAsync(guid, log, staged, cancellationToken);
        if (message is null)
        {
            return waiting is null ? MessagesApi.NotFound(id) : Show(new ExplanationsResource(
                guid, await MessagesApi.NameAsync(topics, waiting.TopicId, cancellationToken), MessageAnswer.Scheduled, Position: null,
                waiting.Message.OrderingKey, ReceivedAt: null, waiting.DeliverAt.UtcDateTime, Publishers: []));
        }

        var topic = await MessagesApi.NameAsync(topics, message.TopicId, cancellationToken);
        var states = await deliveries.StatesAsync(message, cancellationToken);
        var runBy = await owners.FindAsync([.. states.Where(IsOpen).Select(state => state.Publisher.Id)], cancellationToken);
        var explanations = new List<ExplanationResource>(states.Count);
        foreach (var state in states)
        {
            var key = await KeyAsync(message, state, keys, cancellationToken);
            var owner = runBy.GetValueOrDefault(state.Publisher.Id);
            explanations.Add(ExplanationResource.From(
                state.Publisher, ExplanationPolicy.Explain(state, message.Position, message.OrderingKey, key, owner, time.GetUtcNow())));
        }

        return Show(new ExplanationsResource(
            guid, topic, MessageAnswer.InLog, message.Position, message.OrderingKey, message.ReceivedAt.UtcDateTime, ScheduledAt: null, explanations));
    }

    private static bool IsOpen(DeliveryState state) => state.Status is DeliveryStatus.Waiting or DeliveryStatus.Parked;

    /// <summary>A publisher that no longer keeps order may still have deliveries parked behind a key.</summary>
    private static async Task<BlockedKey?> KeyAsync(Message message, DeliveryState state, IOrderingKeyStore keys, CancellationToken cancellationToken)
    {
        var mayWait = IsOpen(state) && (state.Publisher.Settings.Ordering == DeliveryOrdering.Key || state.Reason == ParkEntry.BehindKey);
        return mayWait && message.OrderingKey is { } key ? await keys.FindAsync(message.TopicId, state.Publisher.Id, key, cancellationToken) : null;
    }

    private static JsonAnswer<Single<ExplanationsResource>> Show(ExplanationsResource explanations) =>
        JsonAnswer.Ok(new Single<ExplanationsResource>(explanations), ApiJson.Default.SingleExplanationsResource);
}
