using Microsoft.Extensions.Options;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Publishers;
using Postoffice.Testing.PubSub;
using Postoffice.Transports.PubSub;

namespace Postoffice.Transports.Tests.PubSub;

/// <summary>Publishers, senders and deliveries for tests that go over the wire.</summary>
internal static class PubSubWire
{
    public const string Topic = "projects/shop/topics/orders";

    public static PubSubTransport Transport(Action<PubSubTransportOptions> configure, TimeSpan? tokenTimeout = null)
    {
        var options = new PubSubTransportOptions();
        configure(options);
        var wrapped = Options.Create(options);
        return new PubSubTransport(wrapped, new PubSubCredentials(wrapped) { TokenTimeout = tokenTimeout ?? TimeSpan.FromSeconds(10) }, TimeProvider.System);
    }

    public static Publisher Publisher(PublisherSettings? settings = null, string target = Topic) => new()
    {
        Id = 7,
        TopicId = 1,
        Topic = "orders",
        Type = "pubsub",
        Target = target,
        Active = true,
        Settings = settings ?? new PublisherSettings(),
        StartPosition = 0,
        Version = 1,
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
    };

    public static ISender Sender(FakePubSub service, PublisherSettings? settings = null) =>
        Transport(options => options.EmulatorHost = service.Host).CreateSender(Publisher(settings), 100);

    public static Delivery Delivery(string? orderingKey = null) => Delivery("{}"u8.ToArray(), [], orderingKey: orderingKey);

    public static Delivery Delivery(
        byte[] payload, (string Name, string Value)[] attributes, string? traceParent = null, string? orderingKey = null, bool keepsAnswer = false) => new()
        {
            Attempt = 1,
            KeepsAnswer = keepsAnswer,
            Message = new Message
            {
                Id = Guid.CreateVersion7(),
                TopicId = 1,
                Position = 1,
                Payload = payload,
                TraceParent = traceParent,
                OrderingKey = orderingKey,
                Attributes = MessageAttributes.Create(attributes.Select(attribute => KeyValuePair.Create(attribute.Name, attribute.Value))),
                ReceivedAt = DateTimeOffset.UnixEpoch,
            },
        };

    public static Delivery[] Batch(int count) => [.. Enumerable.Range(0, count).Select(number => Delivery(BitConverter.GetBytes(number), []))];
}
