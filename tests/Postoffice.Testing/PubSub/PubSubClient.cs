using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Postoffice.Testing.PubSub.Protocol;

namespace Postoffice.Testing.PubSub;

/// <summary>An application that uses Pub/Sub: makes topics and subscriptions, publishes and pulls.</summary>
public sealed class PubSubClient(string host) : IDisposable
{
    private const int AckDeadlineSeconds = 60;
    private const int MaxMessages = 1_000;

    private readonly GrpcChannel _channel = GrpcChannel.ForAddress($"http://{host}", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler { UseProxy = false, EnableMultipleHttp2Connections = true },
        DisposeHttpClient = true,
        MaxReceiveMessageSize = null,
    });

    private Publisher.PublisherClient Publisher => new(_channel);

    private Subscriber.SubscriberClient Subscriber => new(_channel);

    public async Task CreateTopicAsync(string topic, CancellationToken cancellationToken) =>
        await Publisher.CreateTopicAsync(new Topic { Name = topic }, Options(cancellationToken));

    public async Task CreateSubscriptionAsync(string subscription, string topic, CancellationToken cancellationToken, bool isOrdered = false) =>
        await Subscriber.CreateSubscriptionAsync(
            new Subscription { Name = subscription, Topic = topic, AckDeadlineSeconds = AckDeadlineSeconds, EnableMessageOrdering = isOrdered },
            Options(cancellationToken));

    public async Task PublishAsync(string topic, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        await Publisher.PublishAsync(
            new PublishRequest { Topic = topic, Messages = { new PubsubMessage { Data = ByteString.CopyFrom(data.Span) } } }, Options(cancellationToken));

    /// <summary>Pulls and acknowledges until so many messages have come.</summary>
    /// <returns>What came, in order: more than asked for when more was there.</returns>
    public async Task<List<PubsubMessage>> PullAsync(string subscription, int count, CancellationToken cancellationToken)
    {
        var pulled = new List<PubsubMessage>();
        while (pulled.Count < count)
        {
            pulled.AddRange(await PullOnceAsync(subscription, cancellationToken));
        }

        return pulled;
    }

    /// <summary>Pulls and acknowledges what is there now; waits a moment when nothing is.</summary>
    public Task<IReadOnlyList<PubsubMessage>> PullOnceAsync(string subscription, CancellationToken cancellationToken) =>
        PullAsync(new PullRequest { Subscription = subscription, MaxMessages = MaxMessages }, cancellationToken);

    /// <summary>The same, but waits for nothing: shows that nothing more is there.</summary>
    public Task<IReadOnlyList<PubsubMessage>> PullNowAsync(string subscription, CancellationToken cancellationToken) =>
        PullAsync(new PullRequest { Subscription = subscription, MaxMessages = MaxMessages, ReturnImmediately = true }, cancellationToken);

    public void Dispose() => _channel.Dispose();

    private async Task<IReadOnlyList<PubsubMessage>> PullAsync(PullRequest request, CancellationToken cancellationToken)
    {
        // One that is on its way may miss the answer to a call that was cancelled: the deadline is the service's own to keep.
        var response = await Subscriber.PullAsync(request, Options(cancellationToken));
        if (response.ReceivedMessages.Count > 0)
        {
            var acknowledge = new AcknowledgeRequest { Subscription = request.Subscription };
            acknowledge.AckIds.AddRange(response.ReceivedMessages.Select(received => received.AckId));
            await Subscriber.AcknowledgeAsync(acknowledge, Options(cancellationToken));
        }

        return [.. response.ReceivedMessages.Select(received => received.Message)];
    }

    private static CallOptions Options(CancellationToken cancellationToken) =>
        new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(60), cancellationToken: cancellationToken);
}
