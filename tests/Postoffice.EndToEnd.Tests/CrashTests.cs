using System.Text.Json;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;

namespace Postoffice.EndToEnd.Tests;

/// <summary>A node that is killed loses nothing.</summary>
public sealed class CrashTests : EndToEndTest
{
    private const int Messages = 200;
    private const int BeforeTheSecondCrash = 50;

    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task Messages_wait_for_a_receiver_that_is_down_and_survive_two_crashes(StorageKind kind)
    {
        var receiver = await StartReceiverAsync();
        await receiver.StopAsync();
        var host = await StartHostAsync(await CreateStorageAsync(kind), ShortLeases);
        await host.Client.CreateTopicAsync("orders", Cancel);
        var publisher = await host.Client.CreatePublisherAsync(
            new NewPublisherView("orders", new Uri(receiver.Target)) { MaxDemand = 1, SecondsRetry = 1 }, Cancel);
        var posted = new List<PostedMessage>();
        for (var number = 1; number <= Messages; number++)
        {
            posted.Add(await host.Client.PostMessageAsync("orders", $$"""{"number":{{number}}}""", Cancel));
        }

        // The first crash: nothing could be delivered yet, and some deliveries are parked.
        await UntilAsync(async () => (await host.Client.GetPublisherAsync(publisher.Id, Cancel)).Parked > 0);
        await host.KillAsync();
        await receiver.StartAgainAsync();

        // The second: one request is under way, the receiver has not answered it.
        receiver.AnswerBy(request =>
        {
            if (request.Number == BeforeTheSecondCrash)
            {
                receiver.Hold();
            }

            return null;
        });
        await host.StartAsync(Cancel);
        await receiver.WaitForAsync(receiver => receiver.Count > BeforeTheSecondCrash && receiver.Held == 1, Cancel);
        await host.KillAsync();
        receiver.ReleaseAll();

        await host.StartAsync(Cancel);
        await receiver.WaitForAsync(receiver => receiver.Ledger.Distinct == Messages, Cancel);

        var ids = posted.Select(message => message.Id).ToList();
        receiver.Ledger.Missing(ids).Should().BeEmpty();
        receiver.Ledger.Unexpected(ids).Should().BeEmpty("a repeat bears the id of the first try");
        var firstArrivals = receiver.Requests.DistinctBy(request => request.MessageId).ToList();
        firstArrivals.Should().OnlyContain(request => ids[Number(request.Body) - 1].ToString() == request.MessageId);

        // In the order of the log: what had failed while the receiver was down goes first, and the rest waited in the log.
        firstArrivals.Select(request => Number(request.Body)).Should().BeInAscendingOrder();
        await UntilAsync(async () => await host.Client.GetPublisherAsync(publisher.Id, Cancel) is { Lag: 0, Parked: 0 });
    }

    private static int Number(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("number").GetInt32();
    }
}
