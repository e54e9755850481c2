using System.Text;
using System.Text.Json;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.PubSub;

namespace Postoffice.EndToEnd.Tests.PubSub;

/// <summary>A host that sends to Pub/Sub: to Google's emulator, or to a stand-in that fails as it is told.</summary>
public abstract class PubSubTest : EndToEndTest
{
    /// <summary>A project of this test's own: an emulator is shared.</summary>
    protected string Project { get; } = $"p{Guid.NewGuid():N}";

    private protected string TopicName(string topic = "out") => $"projects/{Project}/topics/{topic}";

    private protected string SubscriptionName => $"projects/{Project}/subscriptions/everything";

    private protected static async Task<PubSubEmulator> GetEmulatorAsync()
    {
        var fixture = await TestContext.Current.GetFixture<PubSubFixture>();
        var emulator = await fixture!.GetAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(emulator.Description);
        return emulator;
    }

    private protected async Task<PubSubEmulator> StartEmulatorAsync() =>
        await (await TestContext.Current.GetFixture<PubSubFixture>())!.StartOwnAsync(Cancel);

    private protected async Task<FakePubSub> StartFakeAsync() => Keep(await FakePubSub.StartAsync(FreePort.Take()));

    private protected async Task<HostProcess> StartHostAsync(StorageKind kind, string emulatorHost) =>
        await StartHostAsync(await CreateStorageAsync(kind), new Dictionary<string, string>
        {
            ["Postoffice__PubSub__ProjectId"] = Project,
            ["PUBSUB_EMULATOR_HOST"] = emulatorHost,
        });

    private protected Task<PublisherView> CreatePublisherAsync(HostProcess host, Func<NewPublisherView, NewPublisherView>? settings = null, string topic = "orders")
    {
        var publisher = new NewPublisherView(topic, new Uri("out", UriKind.Relative)) { Type = "pubsub", SecondsRetry = 1 };
        return host.Client.CreatePublisherAsync(settings?.Invoke(publisher) ?? publisher, Cancel);
    }

    private protected Task UntilDeliveredAsync(HostProcess host, PublisherView publisher, long count) =>
        UntilAsync(async () => (await host.Client.GetPublisherAsync(publisher.Id, Cancel)).Delivered >= count);

    /// <summary>Publishes messages with one ordering key and one set of attributes.</summary>
    /// <returns>Their ids, in order.</returns>
    private protected async Task<IReadOnlyList<Guid>> PostBulkAsync(HostProcess host, IEnumerable<string> payloads, object attributes, string orderingKey)
    {
        var body = $$"""{"topic":"orders","ordering_key":"{{orderingKey}}","attributes":{{JsonSerializer.Serialize(attributes)}},"payload":[{{string.Join(',', payloads)}}]}""";
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await host.Client.Http.PostAsync(new Uri("/api/bulk_messages", UriKind.Relative), content, Cancel);
        response.EnsureSuccessStatusCode();
        using var result = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));
        return [.. result.RootElement.GetProperty("result").EnumerateArray().Select(id => id.GetGuid())];
    }
}
