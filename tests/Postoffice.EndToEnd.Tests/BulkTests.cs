using System.Net;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;

namespace Postoffice.EndToEnd.Tests;

/// <summary>Many messages in one request.</summary>
public sealed class BulkTests : EndToEndTest
{
    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task Bulk_is_all_or_nothing(StorageKind kind)
    {
        var receiver = await StartReceiverAsync();
        var host = await StartHostAsync(await CreateStorageAsync(kind));
        await host.Client.CreateTopicAsync("orders", Cancel);
        await host.Client.CreatePublisherAsync(new NewPublisherView("orders", new Uri(receiver.Target)) { MaxDemand = 1 }, Cancel);
        var payloads = Enumerable.Range(1, 3_000).Select(number => $$"""{"number":{{number}}}""").ToList();

        var spoilt = payloads.ToList();
        spoilt[2_998] = "null";
        using var refused = await host.Client.TryPostBulkAsync("orders", spoilt, Cancel);
        using var tooMany = await host.Client.TryPostBulkAsync("orders", payloads.Append("{}"), Cancel);
        var taken = await host.Client.PostBulkAsync("orders", payloads, Cancel);
        await receiver.WaitForAsync(3_000, Cancel);

        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        tooMany.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        receiver.Requests.Select(request => request.MessageId).Should().Equal(taken.Select(id => id.ToString()), "what was refused has left nothing in the log");
    }
}
