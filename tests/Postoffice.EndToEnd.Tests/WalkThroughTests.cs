using System.Text;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;

namespace Postoffice.EndToEnd.Tests;

/// <summary>The first steps of the README: topic, publisher, message, and there it is.</summary>
public sealed class WalkThroughTests : EndToEndTest
{
    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task A_message_arrives_as_it_was_posted(StorageKind kind)
    {
        const string payload = """{ "b" : 1.10,  "a":[1e400, 12345678901234567890,"é \u0000 \ud800 😀"] , "b":2 }""";
        var receiver = await StartReceiverAsync();
        var host = await StartHostAsync(await CreateStorageAsync(kind));

        await host.Client.CreateTopicAsync("orders", Cancel);
        var publisher = await host.Client.CreatePublisherAsync(new NewPublisherView("orders", new Uri(receiver.Target)), Cancel);
        var posted = await host.Client.PostMessageAsync("orders", payload, Cancel);
        await receiver.WaitForAsync(1, Cancel);

        var request = receiver.Requests.Single();
        Encoding.UTF8.GetString(request.Body).Should().Be(payload);
        request.MessageId.Should().Be(posted.Id.ToString());
        request.Headers["Content-Type"].Should().Be("application/json");
        posted.Position.Should().Be(1);

        await UntilAsync(async () => (await host.Client.GetPublisherAsync(publisher.Id, Cancel)).Lag == 0);
        var delivery = (await host.Client.GetMessageAsync(posted.Id, Cancel)).Deliveries.Single();
        delivery.Should().BeEquivalentTo(new { PublisherId = publisher.Id, State = "delivered", Attempts = 1, StatusCode = 200 });
    }

    [Fact]
    public async Task Without_settings_the_messages_are_in_a_file_below_the_working_directory()
    {
        var host = await StartHostAsync([]);

        await host.Client.CreateTopicAsync("orders", Cancel);

        File.Exists(Path.Combine(host.Directory, "data", "postoffice.db")).Should().BeTrue();
    }
}
