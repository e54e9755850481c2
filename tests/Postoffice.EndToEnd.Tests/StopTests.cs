using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;

namespace Postoffice.EndToEnd.Tests;

/// <summary>A node that is asked to stop finishes what it has begun.</summary>
public sealed class StopTests : EndToEndTest
{
    private const int Messages = 20;

    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task Deliveries_in_flight_are_finished_and_never_repeated(StorageKind kind)
    {
        var receiver = await StartReceiverAsync();
        receiver.Hold();
        var host = await StartHostAsync(await CreateStorageAsync(kind));
        await host.Client.CreateTopicAsync("orders", Cancel);
        var publisher = await host.Client.CreatePublisherAsync(new NewPublisherView("orders", new Uri(receiver.Target)), Cancel);
        await host.Client.PostBulkAsync("orders", Enumerable.Range(1, Messages).Select(number => $$"""{"number":{{number}}}"""), Cancel);
        await receiver.WaitForAsync(receiver => receiver.Held == Messages, Cancel);

        host.Process.RequestStop();
        await UntilAsync(() => RefusesAsync(host));
        receiver.Held.Should().Be(Messages, "a stop cuts nothing short");
        receiver.ReleaseAll();
        (await host.EndAsync(Cancel)).Should().Be(0);

        await host.StartAsync(Cancel);
        (await host.Client.GetPublisherAsync(publisher.Id, Cancel)).Lag.Should().Be(0, "what was finished is written");
        await host.Client.PostMessageAsync("orders", """{"number":21}""", Cancel);
        await receiver.WaitForAsync(receiver => receiver.Ledger.Distinct == Messages + 1, Cancel);

        receiver.Ledger.Repeats.Should().Be(0);
        (await host.StopAsync(Cancel)).Should().Be(0);
    }

    // The first step of a stop: nobody is let in any more.
    private async Task<bool> RefusesAsync(HostProcess host)
    {
        try
        {
            await host.Client.GetHealthAsync(Cancel);
            return false;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }
}
