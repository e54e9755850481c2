using System.Globalization;
using System.Text;
using System.Text.Json;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.PubSub;
using Postoffice.Testing.PubSub.Protocol;

namespace Postoffice.EndToEnd.Tests.PubSub;

/// <summary>What an application finds in a subscription of the real emulator of Google's SDK.</summary>
public sealed class EmulatorTests : PubSubTest
{
    private const int Keys = 200;
    private const int Bulks = 400;
    private const int Bulk = 25;

    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task Ten_thousand_messages_published_in_bulk_come_once_each_with_their_bytes_attributes_and_order(StorageKind kind)
    {
        var emulator = await GetEmulatorAsync();
        using var application = await SubscribeAsync(emulator.Host, isOrdered: true);
        var host = await StartHostAsync(kind, emulator.Host);
        await host.Client.CreateTopicAsync("orders", Cancel);
        var publisher = await CreatePublisherAsync(host, publisher => publisher with { Ordering = "key" });

        List<Guid> ids = [];
        for (var bulk = 0; bulk < Bulks; bulk++)
        {
            var first = bulk * Bulk;
            ids.AddRange(await PostBulkAsync(host, Enumerable.Range(first, Bulk).Select(Payload), new { bulk = $"{bulk}", region = "größe" }, Key(bulk)));
        }

        var pulled = await application.PullAsync(SubscriptionName, Bulks * Bulk, Cancel);
        await UntilDeliveredAsync(host, publisher, Bulks * Bulk);
        pulled.AddRange(await application.PullNowAsync(SubscriptionName, Cancel));

        pulled.Should().HaveCount(Bulks * Bulk);
        pulled.OrderBy(Number).Select(message => Guid.Parse(message.Attributes["message-id"])).Should().Equal(ids);
        pulled.OrderBy(Number).Select(message => message.Data.ToStringUtf8()).Should().Equal(Enumerable.Range(0, Bulks * Bulk).Select(Payload));
        foreach (var message in pulled)
        {
            var bulk = Number(message) / Bulk;
            (message.OrderingKey, message.Attributes["bulk"], message.Attributes["region"]).Should().Be((Key(bulk), $"{bulk}", "größe"));
            message.Attributes.Keys.Should().BeSubsetOf(["bulk", "region", "message-id", "traceparent"]);
        }

        pulled.GroupBy(message => message.OrderingKey).Should().HaveCount(Keys).And.OnlyContain(key => key.Select(Number).SequenceEqual(key.Select(Number).Order()));
    }

    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task Nothing_is_lost_when_it_stops_and_starts_again(StorageKind kind)
    {
        var emulator = Keep(await StartEmulatorAsync());
        var host = await StartHostAsync(kind, emulator.Host);
        await host.Client.CreateTopicAsync("orders", Cancel);
        PublisherView publisher;
        List<PubsubMessage> came = [];
        using (var before = await SubscribeAsync(emulator.Host))
        {
            publisher = await CreatePublisherAsync(host);
            await host.Client.PostBulkAsync("orders", Enumerable.Range(0, 1_000).Select(Payload), Cancel);
            came.AddRange(await before.PullAsync(SubscriptionName, 1_000, Cancel));
        }

        // It keeps everything in memory, so all that it was given has been taken from it.
        await emulator.KillAsync();
        await host.Client.PostBulkAsync("orders", Enumerable.Range(1_000, 1_000).Select(Payload), Cancel);
        await UntilAsync(async () => await BreakerAsync(host) == "open");

        // Paused, for Pub/Sub drops what comes to a topic between its making and that of its subscription.
        await host.Client.PatchPublisherAsync(publisher.Id, """{"active":false}""", Cancel);
        await emulator.StartAgainAsync(Cancel);
        using var after = await SubscribeAsync(emulator.Host);
        await host.Client.PatchPublisherAsync(publisher.Id, """{"active":true}""", Cancel);
        came.AddRange(await after.PullAsync(SubscriptionName, 1_000, Cancel));

        came.OrderBy(Number).Select(message => message.Data.ToStringUtf8()).Should().Equal(Enumerable.Range(0, 2_000).Select(Payload));
    }

    [Fact]
    public async Task A_topic_that_is_missing_is_named_with_the_remedy_and_mail_flows_when_it_is_there()
    {
        var emulator = await GetEmulatorAsync();
        var host = await StartHostAsync(StorageKind.Sqlite, emulator.Host);
        await host.Client.CreateTopicAsync("orders", Cancel);
        var publisher = await CreatePublisherAsync(host);
        var message = await host.Client.PostMessageAsync("orders", Payload(1), Cancel);

        await UntilAsync(async () => await host.Client.GetPublisherAsync(publisher.Id, Cancel) is { Parked: 1 } && await BreakerAsync(host) == "open");
        var remedy = $"there is no Pub/Sub topic {TopicName()}; create it, or correct the publisher's target";
        var shown = await host.Client.GetJsonAsync($"/api/publishers/{publisher.Id}", Cancel);
        shown.GetProperty("breaker").GetProperty("last_error").GetString().Should().Contain("NOT_FOUND").And.Contain(remedy);
        var explained = await host.Client.GetJsonAsync($"/api/messages/{message.Id}/explain", Cancel);
        explained.GetProperty("publishers")[0].GetProperty("text").GetString().Should().Contain(remedy);

        using var application = await SubscribeAsync(emulator.Host);
        await UntilDeliveredAsync(host, publisher, 1);
        var next = await host.Client.PostMessageAsync("orders", Payload(2), Cancel);

        // The first may have come to the topic before there was a subscription, which Pub/Sub then knows nothing of.
        var pulled = new List<PubsubMessage>();
        while (!pulled.Exists(found => found.Attributes["message-id"] == next.Id.ToString()))
        {
            pulled.AddRange(await application.PullOnceAsync(SubscriptionName, Cancel));
        }

        (await host.Client.GetMessageAsync(message.Id, Cancel)).Deliveries.Single().State.Should().Be("delivered");
    }

    private async Task<PubSubClient> SubscribeAsync(string emulatorHost, bool isOrdered = false)
    {
        var application = new PubSubClient(emulatorHost);
        await application.CreateTopicAsync(TopicName(), Cancel);
        await application.CreateSubscriptionAsync(SubscriptionName, TopicName(), Cancel, isOrdered);
        return application;
    }

    private async Task<string?> BreakerAsync(HostProcess host) =>
        (await host.Client.GetJsonAsync("/api/publishers/1", Cancel)).GetProperty("breaker") is { ValueKind: JsonValueKind.Object } breaker
            ? breaker.GetProperty("state").GetString()
            : null;

    private static string Payload(int number) => $$"""{ "number":{{number}}, "text":"Grüße 😀 \u00e9\\", "amount":1.10 }""";

    private static string Key(int bulk) => $"key {(bulk % Keys).ToString(CultureInfo.InvariantCulture)}";

    private static int Number(PubsubMessage message) => JsonDocument.Parse(Encoding.UTF8.GetString(message.Data.Span)).RootElement.GetProperty("number").GetInt32();
}
