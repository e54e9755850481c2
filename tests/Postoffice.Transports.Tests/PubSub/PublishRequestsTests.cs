using Google.Protobuf;
using Postoffice.Transports.PubSub;
using Postoffice.Transports.PubSub.Protocol;

namespace Postoffice.Transports.Tests.PubSub;

public sealed class PublishRequestsTests
{
    private const string Topic = "projects/shop/topics/orders";

    [Fact]
    public void A_batch_is_one_request_where_it_can_be()
    {
        PublishRequests.Cut(Topic, []).Should().BeEmpty();
        PublishRequests.Cut(Topic, Messages(1_000, bytes: 1)).Should().ContainSingle().Which.Should().HaveCount(1_000);
    }

    [Fact]
    public void No_request_has_more_than_a_thousand_messages() =>
        PublishRequests.Cut(Topic, Messages(2_001, bytes: 1)).Select(request => request.Count).Should().Equal(1_000, 1_000, 1);

    [Theory]
    [InlineData(100, 1_048_576)]
    [InlineData(1_000, 65_536)]
    [InlineData(37, 300_000)]
    [InlineData(11, 999_900)]
    [InlineData(10, 1_000_000)]
    public void No_request_is_larger_than_the_service_takes_and_none_smaller_than_it_need_be(int count, int bytes)
    {
        var messages = Messages(count, bytes);

        var requests = PublishRequests.Cut(Topic, messages);

        requests.SelectMany(request => request).Select(outgoing => outgoing.Index).Should().Equal(Enumerable.Range(0, count));
        requests.Select(SizeOf).Should().OnlyContain(size => size <= 10_000_000);
        requests.Zip(requests.Skip(1)).Should().OnlyContain(pair => SizeOf(pair.First) + SizeOf(pair.Second.Slice(0, 1)) - SizeOf(default) > 10_000_000);
    }

    [Fact]
    public void One_that_is_too_large_has_a_request_of_its_own() =>
        PublishRequests.Cut(Topic, [.. Messages(1, 10), new OutgoingMessage(1, Message(10_000_001)), new OutgoingMessage(2, Message(10))])
            .Select(request => request.Count).Should().Equal(1, 1, 1);

    private static int SizeOf(ArraySegment<OutgoingMessage> request)
    {
        var whole = new PublishRequest { Topic = Topic };
        whole.Messages.AddRange(request.Array is null ? [] : request.Select(outgoing => outgoing.Message));
        return whole.CalculateSize();
    }

    private static OutgoingMessage[] Messages(int count, int bytes)
    {
        var message = Message(bytes);
        return [.. Enumerable.Range(0, count).Select(index => new OutgoingMessage(index, message))];
    }

    private static PubsubMessage Message(int bytes) => new() { Data = UnsafeByteOperations.UnsafeWrap(new byte[bytes]), Attributes = { ["message-id"] = "1" } };
}
