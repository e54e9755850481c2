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

    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task What_was_taken_while_its_answer_was_lost_comes_again_with_the_same_message_id_and_nothing_else_does(StorageKind kind)
    {
        const int messages = 1_000;
        var service = await StartFakeAsync();
        var lost = 0;
        service.OnTaken = call =>
        {
            if (Interlocked.CompareExchange(ref lost, call.Number, 0) == 0)
            {
                call.Http.Abort();
            }

            return Task.CompletedTask;
        };
        var host = await StartHostAsync(kind, service.Host);
        await host.Client.CreateTopicAsync("orders", Cancel);
        var ids = await host.Client.PostBulkAsync("orders", Enumerable.Repeat("{}", messages), Cancel);

        var publisher = await CreatePublisherAsync(host);
        await UntilDeliveredAsync(host, publisher, messages);

        service.Ledger.Ids.Should().BeEquivalentTo(ids);
        var repeated = service.Messages.GroupBy(message => message.Attributes["message-id"]).Where(same => same.Count() > 1).ToList();
        repeated.Should().OnlyContain(same => same.Count() == 2);
        repeated.Select(same => same.Key).Should().BeEquivalentTo(
            service.Calls.Single(call => call.Number == lost).Messages.Select(message => message.Attributes["message-id"]));
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
        var host = await StartHostWithAccountAsync(service, account);
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
        ShouldTellNothingOf(account, tokens, host);
    }

    [Fact]
    public async Task Nothing_of_a_service_account_is_logged_when_it_or_its_token_is_refused()
    {
        var service = await StartFakeAsync();
        var tokens = Keep(await TokenEndpoint.StartAsync());
        tokens.Refusal = TokenEndpoint.InvalidGrant;
        using var account = new ServiceAccountFile(tokens.Address);
        var host = await StartHostWithAccountAsync(service, account);
        await host.Client.CreateTopicAsync("orders", Cancel);
        await CreatePublisherAsync(host);

        // Requests are logged too, and would push out what the log began with: what has happened is seen in the log and from the service.
        await host.Client.PostMessageAsync("orders", "{}", Cancel);
        await UntilAsync(() => Task.FromResult(host.Log.Contains("invalid_grant", StringComparison.Ordinal)));
        service.Calls.Should().BeEmpty();
        service.OnPublish = _ => throw FakePubSub.Refusal(StatusCode.Unauthenticated, "no such account");
        tokens.Refusal = null;
        await UntilAsync(() => Task.FromResult(host.Log.Contains("UNAUTHENTICATED", StringComparison.Ordinal)));
        service.OnPublish = null;
        await service.WaitForMessagesAsync(1, Cancel);
        await host.StopAsync(Cancel);

        service.Calls.Should().OnlyContain(call => call.Authorization!.StartsWith("Bearer test-token-", StringComparison.Ordinal));
        ShouldTellNothingOf(account, tokens, host);
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

    // The console's own level: it goes before those that appsettings.json has for single categories.
    private async Task<HostProcess> StartHostWithAccountAsync(FakePubSub service, ServiceAccountFile account) =>
        await StartHostAsync(await CreateStorageAsync(StorageKind.Sqlite), new Dictionary<string, string>
        {
            ["GCLOUD_PUBSUB_PROJECT_ID"] = Project,
            ["GOOGLE_APPLICATION_CREDENTIALS"] = account.Path,
            ["Postoffice__PubSub__Endpoint"] = service.Address.AbsoluteUri,
            ["Logging__Console__LogLevel__Default"] = "Trace",
        });

    private static void ShouldTellNothingOf(ServiceAccountFile account, TokenEndpoint tokens, HostProcess host)
    {
        // Only the last lines are kept: the first of them must be there still, and those of the finest level with them, or there is nothing to be found in.
        host.Log.Should().Contain("Storage is ready").And.Contain(" trce: ");
        var assertions = tokens.Forms.Select(form => form.Split("assertion=")[1].Split('&')[0]);
        host.Log.Should().NotContainAny(["test-token", "PRIVATE KEY", account.PrivateKey.Split('\n')[1], .. assertions]);
    }
}
