using Microsoft.Extensions.DependencyInjection;
using Postoffice.Core.Tests.Pipeline;
using Postoffice.Deliveries;
using Postoffice.Ingestion;
using Postoffice.Messages;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.DependencyInjection;

/// <summary>How transports may be registered.</summary>
public sealed class TransportRegistrationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transport_may_publish_messages_itself()
    {
        await using var mail = await PostofficeInMemory.StartAsync(
            addServices: services => services.AddSingleton<ITransport>(provider => new ForwardingTransport(provider.GetRequiredService<IPostoffice>())));
        await mail.AddTopicAsync();
        await mail.AddTopicAsync("copies");
        var copies = await mail.AddPublisherAsync(topic: "copies");
        await mail.Publishers.TryAddAsync(new NewPublisher("orders", "forwarding", "copies", Active: true, FromNow: false, PublisherSettings.Default), Token);

        // With an attribute, so that the transports are asked what they can carry.
        await mail.Postoffice.PublishAsync(
            "orders", new NewMessage { Payload = "{}"u8.ToArray(), Attributes = MessageAttributes.Create([KeyValuePair.Create("country", "es")]) }, Token);
        await mail.UntilSettledAsync(copies, 1);

        mail.Transport.PositionsSentTo(copies.Id).Should().Equal(1);
    }

    [Fact]
    public async Task A_type_that_is_not_set_up_may_be_told_twice_and_troubles_nobody_else()
    {
        var missing = new UnconfiguredTransport("pigeon", "set Postoffice:Pigeons:Loft");
        await using var mail = await PostofficeInMemory.StartAsync(addServices: services => services.AddSingleton(missing).AddSingleton(missing));
        await mail.AddTopicAsync();
        await mail.Publishers.TryAddAsync(new NewPublisher("orders", "pigeon", "coop", Active: true, FromNow: false, PublisherSettings.Default), Token);
        var publisher = await mail.AddPublisherAsync();

        await mail.PublishAsync(3);
        await mail.UntilSettledAsync(publisher, 3);

        mail.Transport.PositionsSentTo(publisher.Id).Should().BeEquivalentTo([1, 2, 3]);
    }

    /// <summary>Publishes what it gets to the topic that is its target.</summary>
    private sealed class ForwardingTransport(IPostoffice postoffice) : ITransport
    {
        public string Type => "forwarding";

        public TargetCheck CheckTarget(string target, PublisherSettings settings) => new(target, null);

        public ISender CreateSender(Publisher publisher, int maxInFlight) => new Sender(postoffice, publisher.Target);

        private sealed class Sender(IPostoffice postoffice, string topic) : ISender
        {
            public async ValueTask<SendResult> SendAsync(Delivery delivery, CancellationToken cancellationToken)
            {
                await postoffice.PublishAsync(topic, new NewMessage { Payload = delivery.Message.Payload, Attributes = delivery.Message.Attributes }, cancellationToken);
                return new SendResult(SendOutcome.Accepted);
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
