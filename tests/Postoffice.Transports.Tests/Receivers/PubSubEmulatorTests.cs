using Grpc.Core;
using Postoffice.Testing.PubSub;

namespace Postoffice.Transports.Tests.Receivers;

/// <summary>The emulator and its client, which other tests believe.</summary>
public sealed class PubSubEmulatorTests
{
    private const string Topic = "projects/kit/topics/orders";
    private const string Subscription = "projects/kit/subscriptions/orders";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_published_is_pulled_once_and_after_a_stop_it_is_there_again_on_its_port_and_empty()
    {
        await using var emulator = await StartAsync();
        var host = emulator.Host;
        using (var application = new PubSubClient(host))
        {
            await SubscribeAsync(application);
            await application.PublishAsync(Topic, "Grüße 😀"u8.ToArray(), Cancellation);
            await application.PublishAsync(Topic, new byte[] { 0, 1, 254, 255 }, Cancellation);

            var pulled = await application.PullAsync(Subscription, 2, Cancellation);
            pulled.Select(message => message.Data.ToBase64()).Should().BeEquivalentTo(Convert.ToBase64String("Grüße 😀"u8), Convert.ToBase64String([0, 1, 254, 255]));
            (await application.PullNowAsync(Subscription, Cancellation)).Should().BeEmpty("what was acknowledged does not come again");
        }

        await emulator.KillAsync();
        using (var application = new PubSubClient(host))
        {
            (await StatusAsync(application)).Should().Be(StatusCode.Unavailable);
        }

        await emulator.StartAgainAsync(Cancellation);
        emulator.Host.Should().Be(host);
        using (var application = new PubSubClient(host))
        {
            (await StatusAsync(application)).Should().Be(StatusCode.NotFound, "it keeps everything in memory");
            await SubscribeAsync(application);
            await application.PublishAsync(Topic, "again"u8.ToArray(), Cancellation);
            (await application.PullNowAsync(Subscription, Cancellation)).Single().Data.ToStringUtf8().Should().Be("again");
        }
    }

    [Fact]
    public async Task One_that_runs_is_not_started_a_second_time()
    {
        await using var emulator = await StartAsync();

        await emulator.Invoking(running => running.StartAgainAsync(Cancellation)).Should().ThrowAsync<InvalidOperationException>();

        using var application = new PubSubClient(emulator.Host);
        (await StatusAsync(application)).Should().Be(StatusCode.NotFound, "it answers still");
    }

    private static async Task<PubSubEmulator> StartAsync()
    {
        var (emulator, reason) = await PubSubEmulator.TryStartLocalAsync(Cancellation);

        // Where none at all can be had, the tests that send to one fail in CI; here there is just nothing that may be stopped.
        Assert.SkipWhen(emulator is null, reason ?? "");
        return emulator!;
    }

    private static async Task SubscribeAsync(PubSubClient application)
    {
        await application.CreateTopicAsync(Topic, Cancellation);
        await application.CreateSubscriptionAsync(Subscription, Topic, Cancellation);
    }

    private static async Task<StatusCode> StatusAsync(PubSubClient application)
    {
        var failure = await application.Invoking(client => client.PublishAsync(Topic, "{}"u8.ToArray(), Cancellation)).Should().ThrowAsync<RpcException>();
        return failure.Which.StatusCode;
    }
}
