using System.Net;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.PubSub;

namespace Postoffice.EndToEnd.Tests.PubSub;

/// <summary>How the host deals with the service: outages, quotas, credentials, and a receiver by HTTP beside it.</summary>
public sealed class ServiceTests : PubSubTest
{
    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task Nothing_is_lost_when_the_service_breaks_off_in_the_midst_of_a_backlog(StorageKind kind)
    {
        const int backlog = 10_000;
        var service = await StartFakeAsync();
        var host = await StartHostAsync(kind, service.Host);
        await host.Client.CreateTopicAsync("orders", Cancel);
        List<Guid> ids = [];
        for (var bulk = 0; bulk < 4; bulk++)
        {
            ids.AddRange(await host.Client.PostBulkAsync("orders", Enumerable.Repeat("{}", backlog / 4), Cancel));
        }

        var publisher = await CreatePublisherAsync(host);
        await service.WaitForMessagesAsync(backlog / 4, Cancel);
        await service.StopAsync();
        var callsBefore = service.Calls.Count;
        await service.StartAgainAsync();
        await service.WaitForMessagesAsync(backlog, Cancel);
        await UntilDeliveredAsync(host, publisher, backlog);

        service.Ledger.Missing(ids).Should().BeEmpty();
        service.Ledger.Unexpected(ids).Should().BeEmpty();
        service.Ledger.Repeats.Should().BeLessThanOrEqualTo(400, "what was in flight when the connection broke may have been taken, and nothing else");
        TestContext.Current.TestOutputHelper?.WriteLine($"{service.Ledger.Repeats} repeats; {callsBefore} calls before the break, {service.Calls.Count} in all");
    }

    [Fact]
    public async Task The_payload_is_the_body_and_the_data_with_no_attribute_merged_into_either()
    {
        const string payload = """{ "b":1.10,  "a":"é\u00e9", "attributes":{"own":true} }""";
        var service = await StartFakeAsync();
        var receiver = await StartReceiverAsync();
        var host = await StartHostAsync(StorageKind.Sqlite, service.Host);
        await host.Client.CreateTopicAsync("orders", Cancel);
        await host.Client.CreatePublisherAsync(new NewPublisherView("orders", new Uri(receiver.Target)), Cancel);
        await CreatePublisherAsync(host);

        await host.Client.PostJsonAsync("/api/messages", $$"""{"topic":"orders","attributes":{"region":"eu"},"payload":{{payload}} }""", Cancel);
        await receiver.WaitForAsync(1, Cancel);
        await service.WaitForMessagesAsync(1, Cancel);

        Encoding.UTF8.GetString(receiver.Requests.Single().Body).Should().Be(payload);
        var message = service.Messages.Single();
        message.Data.ToStringUtf8().Should().Be(payload);
        message.Attributes["region"].Should().Be("eu");
        message.Attributes["message-id"].Should().Be(receiver.Requests.Single().MessageId, "it is one message, whoever gets it");
    }

    [Fact]
    public async Task A_receiver_by_HTTP_gets_its_mail_while_the_service_is_down()
    {
        var service = await StartFakeAsync();
        var receiver = await StartReceiverAsync();
        var host = await StartHostAsync(StorageKind.Sqlite, service.Host);
        await service.StopAsync();
        await host.Client.CreateTopicAsync("orders", Cancel);
        var publisher = await CreatePublisherAsync(host);
        await host.Client.CreatePublisherAsync(new NewPublisherView("orders", new Uri(receiver.Target)), Cancel);

        await host.Client.PostBulkAsync("orders", Enumerable.Repeat("{}", 1_000), Cancel);
        await receiver.WaitForAsync(1_000, Cancel);
        (await host.Client.GetPublisherAsync(publisher.Id, Cancel)).Delivered.Should().Be(0);
        await service.StartAgainAsync();
        await service.WaitForMessagesAsync(1_000, Cancel);
    }

    [Fact]
    public async Task A_pause_that_the_service_asks_for_is_kept()
    {
        var service = await StartFakeAsync();
        service.OnPublish = call => call.Number == 1 ? throw FakePubSub.Refusal(StatusCode.ResourceExhausted, "quota", TimeSpan.FromSeconds(4)) : Task.CompletedTask;
        var host = await StartHostAsync(StorageKind.Sqlite, service.Host);
        await host.Client.CreateTopicAsync("orders", Cancel);
        await CreatePublisherAsync(host);

        var message = await host.Client.PostMessageAsync("orders", "{}", Cancel);
        await service.WaitForMessagesAsync(1, Cancel);

        var delivery = default(DeliveryView);
        await UntilAsync(async () => (delivery = (await host.Client.GetMessageAsync(message.Id, Cancel)).Deliveries.Single()).State == "delivered");
        var refused = delivery!.FailedAttempts.Single();
        (refused.StatusCode, refused.Error).Should().Be((429, "RESOURCE_EXHAUSTED: quota"));
        service.Calls[1].ReceivedAt.Should().BeOnOrAfter(service.Calls[0].ReceivedAt.AddSeconds(4));
    }

    [Fact]
    public async Task A_test_delivery_says_what_the_service_answered()
    {
        var service = await StartFakeAsync();
        var host = await StartHostAsync(StorageKind.Sqlite, service.Host);
        await host.Client.CreateTopicAsync("orders", Cancel);
        var publisher = await CreatePublisherAsync(host);

        var taken = await host.Client.PostJsonAsync($"/api/publishers/{publisher.Id}/test", "{}", Cancel);
        (taken.GetProperty("outcome").GetString(), taken.GetProperty("status_code").GetInt32(), taken.GetProperty("answer").GetString())
            .Should().Be(("accepted", 200, "message id 1"));

        service.OnPublish = _ => throw FakePubSub.Refusal(StatusCode.PermissionDenied, "no");
        var refused = await host.Client.PostJsonAsync($"/api/publishers/{publisher.Id}/test", "{}", Cancel);
        (refused.GetProperty("outcome").GetString(), refused.GetProperty("status_code").GetInt32()).Should().Be(("unavailable", 403));
        refused.GetProperty("error").GetString().Should().Contain("roles/pubsub.publisher").And.Contain(TopicName());
    }

    [Fact]
    public async Task A_service_account_gets_one_token_for_all_calls_and_nothing_of_it_is_logged()
    {
        var service = await StartFakeAsync();
        var tokens = Keep(await TokenEndpoint.StartAsync());
        using var account = new ServiceAccountFile(tokens.Address);
        var host = await StartHostAsync(await CreateStorageAsync(StorageKind.Sqlite), new Dictionary<string, string>
        {
            ["GCLOUD_PUBSUB_PROJECT_ID"] = Project,
            ["GOOGLE_APPLICATION_CREDENTIALS"] = account.Path,
            ["Postoffice__PubSub__Endpoint"] = service.Address.AbsoluteUri,
            ["Logging__LogLevel__Default"] = "Trace",
            ["Logging__LogLevel__Microsoft.AspNetCore"] = "Trace",
        });
        await host.Client.CreateTopicAsync("orders", Cancel);
        await CreatePublisherAsync(host);

        for (var number = 0; number < 20; number++)
        {
            await host.Client.PostMessageAsync("orders", "{}", Cancel);
        }

        await service.WaitForMessagesAsync(20, Cancel);
        await host.StopAsync(Cancel);

        tokens.Count.Should().Be(1);
        service.Calls.Should().OnlyContain(call => call.Authorization == "Bearer test-token-1");
        host.Log.Should().Contain("delivers").And.NotContainAny("test-token", "PRIVATE KEY", account.PrivateKey.Split('\n')[1]);
    }

    [Fact]
    public async Task Without_a_project_a_publisher_is_refused_with_the_name_of_the_setting()
    {
        var host = await StartHostAsync(await CreateStorageAsync(StorageKind.Sqlite));
        await host.Client.CreateTopicAsync("orders", Cancel);
        using var body = new StringContent("""{"active":true,"topic":"orders","target":"out","type":"pubsub"}""", Encoding.UTF8, "application/json");

        using var response = await host.Client.Http.PostAsync(new Uri("/api/publishers", UriKind.Relative), body, Cancel);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));
        problem.RootElement.GetProperty("errors").GetProperty("type")[1].GetString().Should().Be(
            "is invalid: pubsub is not set up here; set Postoffice:PubSub:ProjectId (or GCLOUD_PUBSUB_PROJECT_ID) to the id of your Google Cloud project and start again");
    }

    [Fact]
    public async Task A_topic_is_the_same_by_its_id_and_by_its_name()
    {
        var host = await StartHostAsync(StorageKind.Sqlite, $"127.0.0.1:{FreePort.Take()}");
        await host.Client.CreateTopicAsync("orders", Cancel);
        await CreatePublisherAsync(host);
        using var body = new StringContent($$"""{"active":true,"topic":"orders","target":"{{TopicName()}}","type":"pubsub"}""", Encoding.UTF8, "application/json");

        using var response = await host.Client.Http.PostAsync(new Uri("/api/publishers", UriKind.Relative), body, Cancel);

        response.StatusCode.Should().Be(HttpStatusCode.Conflict);
    }
}
