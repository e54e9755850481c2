using System.Text;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Transports.PubSub;

namespace Postoffice.Transports.Tests.PubSub;

public sealed class PubSubMessagesTests
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void Data_is_the_payload_and_attributes_are_those_of_the_message_with_its_id_and_trace()
    {
        byte[] payload = [0, 1, 0xFF, (byte)'{'];
        var delivery = PubSubWire.Delivery(payload, [("region", "eu"), ("ключ", "значение")], traceParent: TraceParent, orderingKey: "k1");

        var message = Build(delivery);

        message.Data.ToByteArray().Should().Equal(payload);
        message.Attributes.Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["region"] = "eu",
            ["ключ"] = "значение",
            ["message-id"] = delivery.Message.Id.ToString(),
            ["traceparent"] = TraceParent,
        });
        message.OrderingKey.Should().BeEmpty("the publisher does not order by key");
    }

    [Fact]
    public void A_publisher_that_orders_by_key_passes_the_key_on()
    {
        Build(PubSubWire.Delivery(orderingKey: "k1"), ordersByKey: true).OrderingKey.Should().Be("k1");
        Build(PubSubWire.Delivery(), ordersByKey: true).OrderingKey.Should().BeEmpty();
    }

    [Fact]
    public void Our_id_and_trace_take_the_place_of_attributes_of_the_same_name()
    {
        var delivery = PubSubWire.Delivery([], [("message-id", "mine"), ("traceparent", "mine")], traceParent: TraceParent);

        Build(delivery).Attributes.Should().BeEquivalentTo(new Dictionary<string, string> { ["message-id"] = delivery.Message.Id.ToString(), ["traceparent"] = TraceParent });
        Build(PubSubWire.Delivery([], [("traceparent", "mine")])).Attributes["traceparent"].Should().Be("mine", "there is no trace of the request");
    }

    [Fact]
    public void A_hundred_attributes_are_the_most_and_the_trace_stays_behind_for_want_of_room()
    {
        Build(PubSubWire.Delivery([], Attributes(98), traceParent: TraceParent)).Attributes.Should().HaveCount(100).And.ContainKey("traceparent");
        Build(PubSubWire.Delivery([], Attributes(99), traceParent: TraceParent)).Attributes.Should().HaveCount(100).And.NotContainKey("traceparent");
        Error(PubSubWire.Delivery([], Attributes(100))).Should().Be("attributes is invalid: 101 with the message's id; at most 100 are allowed by Google Cloud Pub/Sub");
        Build(PubSubWire.Delivery([], [.. Attributes(99), ("message-id", "mine")])).Attributes.Should().HaveCount(100);
    }

    [Theory]
    [InlineData("google-cloud", "v", "*begins with \"goog\"*")]
    [InlineData("", "v", "*can't be blank*")]
    public void A_name_that_the_service_does_not_take_is_named(string name, string value, string error) =>
        Error(PubSubWire.Delivery([], [(name, value)])).Should().Match(error);

    [Fact]
    public void Lengths_are_counted_in_bytes()
    {
        // Not to be published here: the log may hold them from elsewhere.
        Build(PubSubWire.Delivery([], [(new string('é', 128), new string('é', 512))])).Attributes.Should().HaveCount(2);
        Error(PubSubWire.Delivery([], [(new string('é', 129), "v")])).Should().Contain("258 bytes; at most 256");
        Error(PubSubWire.Delivery([], [("k", new string('é', 513))])).Should().Contain("1026 bytes; at most 1024");
        Error(PubSubWire.Delivery(orderingKey: new string('é', 513)), ordersByKey: true).Should().Contain("1026 bytes; at most 1024");
        Build(PubSubWire.Delivery(orderingKey: new string('é', 513))).OrderingKey.Should().BeEmpty("nobody asked for it");
    }

    [Fact]
    public void What_is_accepted_for_a_topic_with_such_a_publisher_can_be_sent_whatever_is_added()
    {
        PubSubLimits.CheckAttributes(Set(Attributes(99))).Should().BeNull();
        PubSubLimits.CheckAttributes(Set(Attributes(100))).Should().Contain("100 attributes; at most 99 are allowed");
        PubSubLimits.CheckAttributes(Set([.. Attributes(99), ("message-id", "mine")])).Should().BeNull();
        PubSubLimits.CheckAttributes(Set([("goog", "v")])).Should().Contain("\"goog\"");
        PubSubLimits.CheckAttributes(Set([("good", "v")])).Should().BeNull();
        PubSubLimits.CheckAttributes(MessageAttributes.Empty).Should().BeNull();
    }

    private static (string Name, string Value)[] Attributes(int count) => [.. Enumerable.Range(0, count).Select(number => ($"a{number}", "v"))];

    private static MessageAttributes Set((string Name, string Value)[] attributes) =>
        MessageAttributes.Create(attributes.Select(attribute => KeyValuePair.Create(attribute.Name, attribute.Value)));

    private static Postoffice.Transports.PubSub.Protocol.PubsubMessage Build(Delivery delivery, bool ordersByKey = false)
    {
        var (message, error) = new PubSubMessages(ordersByKey).Build(delivery);
        error.Should().BeNull();
        Encoding.UTF8.GetByteCount(message!.Attributes["message-id"]).Should().Be(36);
        return message;
    }

    private static string? Error(Delivery delivery, bool ordersByKey = false)
    {
        var (message, error) = new PubSubMessages(ordersByKey).Build(delivery);
        message.Should().BeNull();
        return error;
    }
}
