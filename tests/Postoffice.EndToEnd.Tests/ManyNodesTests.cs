using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;

namespace Postoffice.EndToEnd.Tests;

/// <summary>Many nodes that start at the same moment on a database without any table.</summary>
public sealed class ManyNodesTests : EndToEndTest
{
    [Fact]
    public async Task Eight_hosts_that_start_at_once_on_an_empty_database_all_get_ready_and_share_it()
    {
        var receiver = await StartReceiverAsync();
        var storage = await CreateStorageAsync(StorageKind.Postgres);
        var hosts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => StartHostAsync(storage)));

        await hosts[0].Client.CreateTopicAsync("orders", Cancel);
        await hosts[1].Client.CreatePublisherAsync(new NewPublisherView("orders", new Uri(receiver.Target)), Cancel);
        await Task.WhenAll(hosts.Select(host => host.Client.PostMessageAsync("orders", "{}", Cancel)));

        await receiver.WaitForAsync(hosts.Length, Cancel);
        receiver.Ledger.Repeats.Should().Be(0);
    }
}
