using Grpc.Core;
using Postoffice.Testing.PubSub;
using Postoffice.Transports.Tests.PubSub;

namespace Postoffice.Transports.Tests.Receivers;

/// <summary>The stand-in for Google's service, which other tests believe.</summary>
public sealed class FakePubSubTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_keeps_its_books_and_its_port_while_it_is_down()
    {
        await using var service = await FakePubSub.StartAsync();
        var host = service.Host;
        var delivery = PubSubWire.Delivery();
        await using (var sender = PubSubWire.Sender(service))
        {
            await sender.SendAsync(delivery, Cancellation);
            await service.StopAsync();
            (await sender.SendAsync(delivery, Cancellation)).Outcome.Should().Be(SendOutcome.Unavailable);
        }

        await service.StartAgainAsync();
        await using var again = PubSubWire.Sender(service);
        (await again.SendAsync(delivery, Cancellation)).Outcome.Should().Be(SendOutcome.Accepted);

        service.Host.Should().Be(host);
        service.Calls.Select(call => call.Number).Should().Equal(1, 2);
        service.Ledger.TimesSeen(delivery.Message.Id).Should().Be(2);
        service.Ledger.Repeats.Should().Be(1);
    }

    [Fact]
    public async Task A_refused_request_is_written_down_and_nothing_of_it_is_taken()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service);
        service.OnPublish = _ => throw FakePubSub.Refusal(StatusCode.ResourceExhausted, retryAfter: TimeSpan.FromSeconds(7));

        var result = await sender.SendAsync(PubSubWire.Delivery(), Cancellation);

        (result.Outcome, result.RetryAfter).Should().Be((SendOutcome.Throttled, TimeSpan.FromSeconds(7)));
        service.Calls.Should().HaveCount(1);
        service.Messages.Should().BeEmpty();
        service.Ledger.Distinct.Should().Be(0);
    }

    [Fact]
    public async Task A_request_whose_answer_is_lost_was_taken_all_the_same()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var sender = PubSubWire.Sender(service);
        service.OnTaken = call =>
        {
            call.Http.Abort();
            return Task.CompletedTask;
        };

        var delivery = PubSubWire.Delivery();
        (await sender.SendAsync(delivery, Cancellation)).Outcome.Should().Be(SendOutcome.Unavailable);

        service.Ledger.TimesSeen(delivery.Message.Id).Should().Be(1);
    }
}
