using System.Net;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.PubSub;

namespace Postoffice.EndToEnd.Tests.PubSub;

/// <summary>Many messages in one call, seen from the service.</summary>
public sealed class BatchTests : PubSubTest
{
    private const int Backlog = 10_000;

    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task A_backlog_takes_less_than_a_call_for_fifty_messages(StorageKind kind)
    {
        var service = await StartFakeAsync();
        var host = await StartHostAsync(kind, service.Host);
        var ids = await LoadAsync(host);

        await CreatePublisherAsync(host, publisher => publisher with { ChunkSize = 100 });
        await service.WaitForMessagesAsync(Backlog, Cancel);

        service.Ledger.Missing(ids).Should().BeEmpty();
        service.Ledger.Repeats.Should().Be(0);
        TestContext.Current.TestOutputHelper?.WriteLine($"{service.Calls.Count} calls for {Backlog} messages");
        service.Calls.Count.Should().BeLessThanOrEqualTo(Backlog / 50);
        service.Calls.Should().OnlyContain(call => call.Messages.Count <= 100);
    }

    [Fact]
    public async Task One_poison_message_of_a_batch_is_dead_lettered_and_ninety_nine_arrive()
    {
        var service = await StartFakeAsync();
        service.OnPublish = call => call.Messages.Any(message => message.Data.ToStringUtf8().Contains("poison"))
            ? throw FakePubSub.Refusal(StatusCode.InvalidArgument, "message 42 is poison")
            : Task.CompletedTask;
        var host = await StartHostAsync(StorageKind.Sqlite, service.Host);
        await host.Client.CreateTopicAsync("orders", Cancel);
        var ids = await host.Client.PostBulkAsync("orders", Enumerable.Range(0, 100).Select(number => number == 42 ? """{"poison":true}""" : "{}"), Cancel);

        var publisher = await CreatePublisherAsync(host, publisher => publisher with { MaxAttempts = 1 });
        await UntilAsync(async () => await host.Client.GetPublisherAsync(publisher.Id, Cancel) is { Delivered: 99, Dead: 1, Lag: 0 });

        service.Ledger.Ids.Should().BeEquivalentTo(ids.Where(id => id != ids[42]));
        service.Ledger.Repeats.Should().Be(0);
        service.Calls[0].Messages.Should().HaveCount(100, "they went out together");
        var dead = (await host.Client.GetMessageAsync(ids[42], Cancel)).Deliveries.Single();
        (dead.State, dead.Reason, dead.Attempts, dead.StatusCode).Should().Be(("dead_lettered", "max-attempts", 1, 400));
        dead.FailedAttempts.Single().Error.Should().Be("INVALID_ARGUMENT: message 42 is poison");
    }

    [Fact]
    public async Task A_message_that_Google_would_never_take_is_dead_lettered_with_the_limit_or_refused_when_it_comes()
    {
        var service = await StartFakeAsync();
        var host = await StartHostAsync(StorageKind.Sqlite, service.Host);
        await host.Client.CreateTopicAsync("orders", Cancel);
        var hundred = JsonSerializer.Serialize(Enumerable.Range(0, 100).ToDictionary(number => $"a{number}", number => "v"));
        var before = await PostAsync(host, "{}");
        var reserved = await AcceptAsync(host, """{"google":"v"}""");
        var tooMany = await AcceptAsync(host, hundred);
        var after = await PostAsync(host, "{}");

        var publisher = await CreatePublisherAsync(host);
        await UntilAsync(async () => await host.Client.GetPublisherAsync(publisher.Id, Cancel) is { Delivered: 2, Dead: 2, Lag: 0 });

        service.Ledger.Ids.Should().BeEquivalentTo([before, after]);
        await ShouldBeInvalidAsync(host, reserved, "*begins with \"goog\"*");
        await ShouldBeInvalidAsync(host, tooMany, "*101 with the message's id; at most 100 are allowed*");

        // From now on whoever publishes such a message is told.
        await ShouldBeRefusedAsync(host, "/api/messages", hundred, "99 are allowed");
        await ShouldBeRefusedAsync(host, "/api/messages", """{"google":"v"}""", "goog");
        await ShouldBeRefusedAsync(host, "/api/bulk_messages", """{"google":"v"}""", "goog");
        await ShouldBeRefusedAsync(host, "/api/schedule_messages", """{"google":"v"}""", "goog");
    }

    private async Task<IReadOnlyList<Guid>> LoadAsync(HostProcess host)
    {
        await host.Client.CreateTopicAsync("orders", Cancel);
        var ids = new List<Guid>();
        for (var bulk = 0; bulk < 4; bulk++)
        {
            ids.AddRange(await host.Client.PostBulkAsync("orders", Enumerable.Range(0, Backlog / 4).Select(number => $$"""{"number":{{number}}}"""), Cancel));
        }

        return ids;
    }

    private async Task<Guid> PostAsync(HostProcess host, string payload) => (await host.Client.PostMessageAsync("orders", payload, Cancel)).Id;

    private async Task<Guid> AcceptAsync(HostProcess host, string attributes) =>
        (await host.Client.PostJsonAsync("/api/messages", $$"""{"topic":"orders","payload":{},"attributes":{{attributes}}}""", Cancel)).GetProperty("id").GetGuid();

    private async Task ShouldBeInvalidAsync(HostProcess host, Guid id, string error)
    {
        var delivery = (await host.Client.GetMessageAsync(id, Cancel)).Deliveries.Single();
        (delivery.State, delivery.Reason, delivery.Attempts).Should().Be(("dead_lettered", "invalid-message", 1));
        delivery.FailedAttempts.Single().Error.Should().Match(error);
    }

    private async Task ShouldBeRefusedAsync(HostProcess host, string path, string attributes, string error)
    {
        var payload = path.Contains("bulk", StringComparison.Ordinal) ? "[{}]" : "{}";
        using var body = new StringContent(
            $$"""{"topic":"orders","payload":{{payload}},"attributes":{{attributes}},"schedule_at":"2030-01-01T00:00:00Z"}""", Encoding.UTF8, "application/json");
        using var response = await host.Client.Http.PostAsync(new Uri(path, UriKind.Relative), body, Cancel);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));
        problem.RootElement.GetProperty("errors").GetProperty("attributes")[1].GetString().Should().Contain(error).And.Contain("pubsub publisher");
    }
}
