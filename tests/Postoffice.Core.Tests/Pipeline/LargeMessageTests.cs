using Microsoft.Extensions.Time.Testing;
using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Outcomes;
using Postoffice.Pipeline;
using Postoffice.Publishers;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>What one publisher has in flight is bounded in bytes too.</summary>
public sealed class LargeMessageTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Large_messages_are_begun_only_as_far_as_their_size_allows()
    {
        using var window = DeliveryWindowTests.Window(_time, new Lease(1, 1, 0, []), new PublisherSettings { MaxDemand = 200, MinDemand = 0 }, maxBatch: 100);
        var payload = new byte[1024 * 1024];
        var begun = new Queue<Delivery>();
        for (var position = 1L; DeliveryWindowTests.Room(window).Count > 0; position++)
        {
            begun.Enqueue(DeliveryWindowTests.Begin(window, new Message { Id = Guid.CreateVersion7(), TopicId = 7, Position = position, Payload = payload, ReceivedAt = default }));
        }

        begun.Should().HaveCount((int)(FlowControl.MaxBytes / payload.Length));
        DeliveryWindowTests.Finish(window, begun.Dequeue(), DecisionKind.Deliver).WakeProducer.Should().BeTrue();
        DeliveryWindowTests.Room(window).Count.Should().Be(1);
        window.GiveBack(begun.Dequeue());
        DeliveryWindowTests.Room(window).Count.Should().Be(2);
    }

    [Fact]
    public void One_message_goes_out_however_large()
    {
        using var window = DeliveryWindowTests.Window(_time, new Lease(1, 1, 0, []));
        var payload = new byte[FlowControl.MaxBytes];
        for (var position = 1L; position <= 3; position++)
        {
            var delivery = DeliveryWindowTests.Begin(window, new Message { Id = Guid.CreateVersion7(), TopicId = 7, Position = position, Payload = payload, ReceivedAt = default });
            DeliveryWindowTests.Room(window).Count.Should().Be(0);
            DeliveryWindowTests.Finish(window, delivery, DecisionKind.Deliver);
            DeliveryWindowTests.Room(window).Count.Should().BePositive();
        }
    }
}
