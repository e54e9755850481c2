using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Transports.Http;

namespace Postoffice.Transports.Tests.Http;

/// <summary>Publishers, senders and deliveries for tests that go over the wire.</summary>
internal static class Wire
{
    // For receivers of which nothing is expected before the deadline …
    public static readonly TimeSpan ShortTimeout = TimeSpan.FromMilliseconds(300);

    // … and for those whose status line must have come by then, on however busy a machine.
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    public static HttpTransport Transport(TimeProvider? time = null, Action<HttpTransportOptions>? configure = null)
    {
        var options = new HttpTransportOptions();
        configure?.Invoke(options);
        return new HttpTransport(Options.Create(options), time ?? TimeProvider.System);
    }

    public static Publisher Publisher(string target, TimeSpan? timeout = null, params (string Name, string Value)[] headers) => new()
    {
        Id = 7,
        TopicId = 1,
        Topic = "orders",
        Type = "http",
        Target = target,
        Active = true,
        Settings = new PublisherSettings { Timeout = timeout ?? TimeSpan.FromSeconds(30), Headers = headers.ToDictionary(header => header.Name, header => header.Value) },
        StartPosition = 0,
        Version = 1,
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
    };

    public static ISender Sender(string target, int maxInFlight = 50) => Transport().CreateSender(Publisher(target), maxInFlight);

    public static Delivery Delivery(string payload = """{"n":1}""", int attempt = 1) => Delivery(Encoding.UTF8.GetBytes(payload), attempt);

    public static Delivery Delivery(
        ReadOnlyMemory<byte> payload, int attempt = 1, string contentType = "application/json", string? traceParent = null, params (string Name, string Value)[] attributes) => new()
        {
            Attempt = attempt,
            Message = new Message
            {
                Id = Guid.CreateVersion7(),
                TopicId = 1,
                Position = 1,
                Payload = payload,
                ContentType = contentType,
                TraceParent = traceParent,
                Attributes = MessageAttributes.Create(attributes.Select(attribute => KeyValuePair.Create(attribute.Name, attribute.Value))),
                ReceivedAt = DateTimeOffset.UnixEpoch,
            },
        };

    /// <summary>What the attempts of a running publisher go through: there the deadline is.</summary>
    public static SendPipeline Pipeline(ISender sender, Publisher publisher, int maxInFlight = 50) =>
        new(publisher, sender, maxInFlight, new EgressWatch(), TimeProvider.System, NullLogger.Instance);

    /// <summary>One attempt with a sender of its own.</summary>
    public static async Task<SendResult> SendOnceAsync(string target, TimeSpan? timeout = null)
    {
        var publisher = Publisher(target, timeout);
        await using var sender = Transport().CreateSender(publisher, 1);
        return await Pipeline(sender, publisher).SendAsync(Delivery(), TestContext.Current.CancellationToken);
    }
}
