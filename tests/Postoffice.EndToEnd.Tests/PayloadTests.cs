using System.Text;
using CsCheck;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing;
using Postoffice.Testing.Hosting;

namespace Postoffice.EndToEnd.Tests;

/// <summary>The bytes that a receiver gets are the bytes inside the request, through every part of the way.</summary>
public sealed class PayloadTests : EndToEndTest
{
    private const int RandomPayloads = 500;
    private const int Mebibyte = 1024 * 1024;

    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task Bytes_arrive_as_they_were_posted(StorageKind kind)
    {
        var receiver = await StartReceiverAsync();
        var host = await StartHostAsync(await CreateStorageAsync(kind));
        await host.Client.CreateTopicAsync("orders", Cancel);
        await host.Client.CreatePublisherAsync(new NewPublisherView("orders", new Uri(receiver.Target)), Cancel);

        // One at a time through POST /api/messages, and the random ones in one bulk request: both readers cut payloads out of a larger body.
        var posted = new Dictionary<string, string>();
        foreach (var payload in Payloads.Odd.Append(Payloads.OfSize(Mebibyte)))
        {
            posted.Add((await host.Client.PostMessageAsync("orders", payload, Cancel)).Id.ToString(), payload);
        }

        var random = Payloads.Random.Array[RandomPayloads].Single();
        var ids = await host.Client.PostBulkAsync("orders", random, Cancel);
        foreach (var (id, payload) in ids.Zip(random))
        {
            posted.Add(id.ToString(), payload);
        }

        await receiver.WaitForAsync(posted.Count, Cancel);
        receiver.Requests.Should().HaveCount(posted.Count);
        foreach (var request in receiver.Requests)
        {
            request.Body.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(posted[request.MessageId!])).Should().BeTrue("{0} was posted", posted[request.MessageId!]);
        }
    }
}
