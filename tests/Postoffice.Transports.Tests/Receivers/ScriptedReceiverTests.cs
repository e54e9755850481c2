using Postoffice.Testing.Receivers;
using Postoffice.Transports.Tests.Http;

namespace Postoffice.Transports.Tests.Receivers;

/// <summary>The receiver that other tests believe.</summary>
public sealed class ScriptedReceiverTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_script_speaks_before_the_queue_and_the_queue_before_the_default()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Sender(receiver.Target);
        receiver.DefaultAnswer = new ScriptedAnswer(500);
        receiver.Enqueue(new ScriptedAnswer(404));
        receiver.AnswerBy(request => request.Number == 1 ? new ScriptedAnswer(201) : request.Number == 4 ? ScriptedAnswer.Abort : null);

        var results = new List<SendResult>();
        for (var i = 0; i < 4; i++)
        {
            results.Add(await sender.SendAsync(Wire.Delivery(), Cancellation));
        }

        results.Select(result => result.StatusCode).Should().Equal(201, 404, 500, null);
        receiver.Requests.Select(request => request.Number).Should().Equal(1, 2, 3, 4);
    }

    [Fact]
    public async Task Held_requests_are_released_in_order_of_arrival()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Sender(receiver.Target);
        receiver.Hold();

        var first = sender.SendAsync(Wire.Delivery(), Cancellation).AsTask();
        await receiver.WaitForAsync(1, Cancellation);
        var second = sender.SendAsync(Wire.Delivery(), Cancellation).AsTask();
        await receiver.WaitForAsync(2, Cancellation);
        receiver.Release();
        await first;

        receiver.Held.Should().Be(1);
        second.IsCompleted.Should().BeFalse();
        receiver.MaxConcurrent.Should().Be(2);

        receiver.ReleaseAll();
        await second;
        await receiver.WaitForAsync(r => r.Answered == 2, Cancellation);
    }

    [Fact]
    public async Task A_load_of_requests_leaves_nothing_but_the_ledger()
    {
        await using var receiver = await ScriptedReceiver.StartAsync(keepRequests: false);
        await using var sender = Wire.Sender(receiver.Target);
        var deliveries = Enumerable.Range(0, 1_000).Select(_ => Wire.Delivery()).ToList();

        await Parallel.ForEachAsync(deliveries.Append(deliveries[0]), Cancellation, async (delivery, cancellationToken) => await sender.SendAsync(delivery, cancellationToken));

        receiver.Requests.Should().BeEmpty();
        receiver.Ledger.Distinct.Should().Be(1_000);
        receiver.Ledger.Repeats.Should().Be(1);
        receiver.Ledger.TimesSeen(deliveries[0].Message.Id).Should().Be(2);
        receiver.Ledger.Missing(deliveries.Select(delivery => delivery.Message.Id)).Should().BeEmpty();
        receiver.Ledger.Unexpected(deliveries.Select(delivery => delivery.Message.Id)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_wait_ends_when_the_test_does()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        using var over = new CancellationTokenSource();

        var wait = receiver.WaitForAsync(1, over.Token);
        await over.CancelAsync();

        await wait.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
    }
}
