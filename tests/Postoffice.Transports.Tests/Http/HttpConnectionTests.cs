using Postoffice.Testing.Receivers;

namespace Postoffice.Transports.Tests.Http;

public sealed class HttpConnectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connections_are_bounded_by_the_attempts_that_may_run_at_once()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Sender(receiver.Target, maxInFlight: 5);
        receiver.Hold();

        var attempts = Enumerable.Range(0, 50).Select(_ => sender.SendAsync(Wire.Delivery(), Cancellation).AsTask()).ToArray();
        await receiver.WaitForAsync(5, Cancellation);
        receiver.ReleaseAll();
        var results = await Task.WhenAll(attempts);

        results.Should().OnlyContain(result => result.Outcome == SendOutcome.Accepted);
        receiver.Count.Should().Be(50);
        receiver.MaxConcurrent.Should().BeLessThanOrEqualTo(5);
        receiver.Connections.Should().BeLessThanOrEqualTo(5);
    }

    [Fact]
    public async Task One_connection_serves_attempt_after_attempt_whatever_they_come_to()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Sender(receiver.Target);
        receiver.Enqueue(
            ScriptedAnswer.Ok,
            ScriptedAnswer.Ok.WithBody("thanks"),
            new ScriptedAnswer(503).WithBody("not now"),
            new ScriptedAnswer(500).WithBody(new string('x', 60_000)),
            new ScriptedAnswer(404),
            new ScriptedAnswer(204));

        for (var i = 0; i < 20; i++)
        {
            await sender.SendAsync(Wire.Delivery(), Cancellation);
        }

        receiver.Count.Should().Be(20);
        receiver.Connections.Should().Be(1);
    }

    [Fact]
    public async Task Publishers_of_one_target_share_no_connection()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        var transport = Wire.Transport();
        await using var first = transport.CreateSender(Wire.Publisher(receiver.Target), 1);
        await using var second = transport.CreateSender(Wire.Publisher(receiver.Target), 1);

        await first.SendAsync(Wire.Delivery(), Cancellation);
        await second.SendAsync(Wire.Delivery(), Cancellation);

        receiver.Connections.Should().Be(2);
    }
}
