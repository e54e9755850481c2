using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Postoffice.AspNetCore.Api.Answers;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Deliveries;
using Postoffice.Diagnostics;
using Postoffice.Messages;
using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Postoffice.AspNetCore.Api;

/// <summary>One delivery to a publisher's target, outside the log: does it answer, and what?</summary>
internal static partial class PublisherTestApi
{
    public static void Map(RouteGroupBuilder api) =>
        new ApiRoute(api, "/publishers/{id}/test", PublishersApi.Tag).Post<TestRequest>("TestPublisher", TestAsync)
            .WithSummary("Sends one delivery to the publisher's target, outside the log, and says how it answered.")
            .Produces<Single<TestResource>>()
            .Answers(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound, StatusCodes.Status409Conflict)
            .Answers(StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType);

    private static async Task<IResult> TestAsync(
        string id,
        HttpContext context,
        IPublisherStore publishers,
        IEnumerable<ITransport> transports,
        IEnumerable<UnconfiguredTransport> unconfigured,
        TimeProvider time,
        ILogger<SendPipeline> logger,
        CancellationToken cancellationToken)
    {
        var (test, problem) = await ReadAsync(context);
        if (test is null)
        {
            return problem!;
        }

        if (!PublishersApi.TryNumber(id, out var number) || await publishers.FindAsync(number, cancellationToken) is not { } publisher)
        {
            return PublishersApi.NotFound(id);
        }

        if (transports.FirstOrDefault(transport => transport.Type == publisher.Type) is not { } transport)
        {
            return Problem.NoTransport(publisher.Type, unconfigured.FirstOrDefault(transport => transport.Type == publisher.Type)?.Remedy);
        }

        var delivery = new Delivery
        {
            Message = new Message
            {
                Id = Guid.CreateVersion7(time.GetUtcNow()),
                TopicId = publisher.TopicId,
                Position = 0,
                Payload = test.Payload,
                Attributes = test.Attributes,
                TraceParent = MessageMembers.TraceParent(),
                ReceivedAt = time.GetUtcNow(),
            },
            Attempt = 1,
            KeepsAnswer = true,
        };

        var started = time.GetTimestamp();
        var result = await SendAsync(publisher, transport, delivery, time, logger, cancellationToken);
        return JsonAnswer.Ok(
            new Single<TestResource>(new TestResource(
                Name(result.Outcome), result.StatusCode, (int)time.GetElapsedTime(started).TotalMilliseconds, result.Error, result.Answer, delivery.Message.Id)),
            ApiJson.Default.SingleTestResource);
    }

    private static async ValueTask<(TestMessage? Test, Problem? Problem)> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false)
        {
            return (TestRequest.Default, null);
        }

        using var body = await RequestBody.ReadAsync(context, RequestBody.SmallLimit);
        return body.Problem is not null ? (null, body.Problem) : TestRequest.TryRead(body.Bytes, out var test, out var problem) ? (test, null) : (null, problem);
    }

    /// <summary>As an attempt of the running publisher goes, but with connections, a bound and a memory of its own: a test neither hurts nor helps anything.</summary>
    private static async Task<SendResult> SendAsync(
        Publisher publisher, ITransport transport, Delivery delivery, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            await using var sender = transport.CreateSender(publisher, maxInFlight: 1);
            var pipeline = new SendPipeline(publisher, sender, maxInFlight: 1, new EgressWatch(), time, logger);
            return await pipeline.SendAsync(delivery, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is, it keeps the publisher from running too. The caller is told its kind, the operator all of it.
            Log.CannotTest(logger, publisher.Id, exception);
            return new SendResult(SendOutcome.Unavailable, Error: $"The transport \"{publisher.Type}\" can't send for this publisher: {exception.GetType().Name}");
        }
    }

    private static string Name(SendOutcome outcome) => outcome switch
    {
        SendOutcome.Accepted => "accepted",
        SendOutcome.Rejected => "rejected",
        SendOutcome.Throttled => "throttled",
        SendOutcome.Gone => "gone",
        SendOutcome.Blocked => "blocked",
        SendOutcome.Invalid => "invalid",
        _ => "unavailable",
    };

    private static partial class Log
    {
        [LoggerMessage(EventIds.TestFailed, LogLevel.Warning, "Publisher {PublisherId}: a test delivery could not be sent for a reason of our own")]
        public static partial void CannotTest(ILogger logger, long publisherId, Exception exception);
    }
}
