using System.Net;
using System.Text.Json;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.Receivers;

namespace Postoffice.EndToEnd.Tests;

/// <summary>"Where is message X?", asked of a running host: each reason comes about as it does in life.</summary>
public sealed class ExplainTests : EndToEndTest
{
    private HostProcess _host = null!;
    private ScriptedReceiver _receiver = null!;

    [Fact]
    public async Task Delivered()
    {
        await StartAsync();
        await AddPublisherAsync();
        var message = await PostAsync();
        var facts = await UntilReasonAsync(message, "delivered");
        facts.GetProperty("attempts").GetInt32().Should().Be(1);
        facts.GetProperty("status_code").GetInt32().Should().Be(200);
    }

    [Fact]
    public async Task In_flight_and_waiting()
    {
        await StartAsync();
        _receiver.Hold();
        await AddPublisherAsync("\"max_demand\":1");
        var first = await PostAsync();
        var second = await PostAsync();
        var third = await PostAsync();

        (await UntilReasonAsync(first, "in_flight")).GetProperty("attempt").GetInt32().Should().Be(1);
        (await UntilReasonAsync(second, "waiting")).GetProperty("ahead").GetInt64().Should().Be(1);
        (await UntilReasonAsync(third, "waiting")).GetProperty("ahead").GetInt64().Should().Be(2);
    }

    [Fact]
    public async Task Parked_and_behind_its_key()
    {
        await StartAsync();
        _receiver.DefaultAnswer = new ScriptedAnswer(422).WithBody("no such account");
        await AddPublisherAsync("\"ordering\":\"key\",\"seconds_retry\":3600");
        var head = (await _host.Client.PostKeyedAsync("orders", "a", "{}", Cancel)).Id;
        var behind = (await _host.Client.PostKeyedAsync("orders", "a", "{}", Cancel)).Id;

        var parked = await UntilReasonAsync(head, "parked");
        parked.GetProperty("until").GetDateTime().Should().BeAfter(TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(30));
        parked.GetProperty("attempts").GetInt32().Should().Be(1);
        parked.GetProperty("error").GetString().Should().Contain("no such account");
        var key = (await UntilReasonAsync(behind, "behind_key")).GetProperty("blocked_key");
        key.GetProperty("key").GetString().Should().Be("a");
        key.GetProperty("head").GetProperty("message_id").GetGuid().Should().Be(head);
    }

    [Fact]
    public async Task Breaker_open()
    {
        await StartAsync();
        await _receiver.StopAsync();
        await AddPublisherAsync("\"seconds_retry\":1");
        for (var count = 0; count < 10; count++)
        {
            await PostAsync();
        }

        var last = await PostAsync();
        var facts = await UntilReasonAsync(last, "breaker_open");
        facts.GetProperty("error").GetString().Should().Contain("refused");
    }

    [Fact]
    public async Task Paused_and_gone()
    {
        await StartAsync();
        _receiver.DefaultAnswer = new ScriptedAnswer(410);
        await AddPublisherAsync();
        var message = await PostAsync();

        var facts = await UntilReasonAsync(message, "paused");
        facts.GetProperty("reason").GetString().Should().Be("gone");
        facts.GetProperty("since").GetDateTime().Should().BeAfter(TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-5));
    }

    [Fact]
    public async Task Rate_limited()
    {
        await StartAsync();
        await AddPublisherAsync("\"rate_limit\":{\"permits\":1,\"per_seconds\":3600}");
        await UntilReasonAsync(await PostAsync(), "delivered");

        var facts = await UntilReasonAsync(await PostAsync(), "rate_limited");
        facts.GetProperty("until").GetDateTime().Should().BeAfter(TimeProvider.System.GetUtcNow().UtcDateTime);
    }

    [Fact]
    public async Task Filtered_and_created_later()
    {
        await StartAsync();
        var before = await PostAsync();
        await AddPublisherAsync("\"from_now\":true,\"filter\":{\"payload\":{\"size\":[{\"numeric\":[\">\",10]}]}}");
        var small = (await _host.Client.PostMessageAsync("orders", """{"size":3}""", Cancel)).Id;
        var large = (await _host.Client.PostMessageAsync("orders", """{"size":30}""", Cancel)).Id;

        await UntilReasonAsync(before, "created_later");
        await UntilReasonAsync(small, "filtered");
        await UntilReasonAsync(large, "delivered");
        _receiver.Requests.Should().ContainSingle().Which.MessageId.Should().Be(large.ToString());
        (await _host.Client.GetJsonAsync("/api/publishers/1", Cancel)).GetProperty("skipped").GetInt64().Should().Be(1);
    }

    [Fact]
    public async Task Dead_and_discarded()
    {
        await StartAsync();
        _receiver.DefaultAnswer = new ScriptedAnswer(400).WithBody("bad order");
        await AddPublisherAsync("\"max_attempts\":1");
        var message = await PostAsync();

        var facts = await UntilReasonAsync(message, "dead");
        facts.GetProperty("reason").GetString().Should().Be("max-attempts");
        facts.GetProperty("status_code").GetInt32().Should().Be(400);
        facts.GetProperty("error").GetString().Should().Contain("bad order");
        var letters = await _host.Client.GetJsonAsync("/api/dead_letters", Cancel);
        await _host.Client.PostJsonAsync($"/api/dead_letters/{letters[0].GetProperty("id").GetString()}/discard", "{}", Cancel);
        await UntilReasonAsync(message, "discarded");
    }

    [Fact]
    public async Task Not_running()
    {
        await StartAsync(new Dictionary<string, string> { ["Postoffice__Pipeline__Enabled"] = "false" });
        await AddPublisherAsync();
        await UntilReasonAsync(await PostAsync(), "not_running");
    }

    [Fact]
    public async Task Another_node_knows_it_as_well()
    {
        var storage = await CreateStorageAsync(StorageKind.Postgres);
        await StartAsync(ShortLeases, storage);
        _receiver.Hold();
        await AddPublisherAsync("\"max_demand\":1");
        var first = await PostAsync();
        await _receiver.WaitForAsync(1, Cancel);
        var second = await PostAsync();
        var other = await StartHostAsync(storage, ShortLeases);

        var asked = _host;
        _host = other;
        var facts = await UntilReasonAsync(first, "in_flight");
        facts.GetProperty("node").GetProperty("host").GetString().Should().NotBeEmpty();
        (await UntilReasonAsync(second, "waiting")).GetProperty("ahead").GetInt64().Should().Be(1);
        var publisher = await asked.Client.GetJsonAsync("/api/publishers/1", Cancel);
        (await other.Client.GetJsonAsync("/api/publishers/1", Cancel)).GetProperty("node").GetProperty("id").GetGuid()
            .Should().Be(publisher.GetProperty("node").GetProperty("id").GetGuid());
    }

    private async Task StartAsync(IReadOnlyDictionary<string, string>? settings = null, HostStorage? storage = null)
    {
        _receiver = await StartReceiverAsync();
        _host = await StartHostAsync(storage ?? await CreateStorageAsync(StorageKind.Sqlite), settings);
        await _host.Client.CreateTopicAsync("orders", Cancel);
    }

    private async Task AddPublisherAsync(string settings = "\"seconds_retry\":3600")
    {
        using var body = new StringContent(
            $$"""{"active":true,"topic":"orders","type":"http","target":"{{_receiver.Target}}",{{settings}}}""", System.Text.Encoding.UTF8, "application/json");
        using var response = await _host.Client.Http.PostAsync(new Uri("/api/publishers", UriKind.Relative), body, Cancel);
        response.StatusCode.Should().Be(HttpStatusCode.Created, await response.Content.ReadAsStringAsync(Cancel));
    }

    private async Task<Guid> PostAsync() => (await _host.Client.PostMessageAsync("orders", "{}", Cancel)).Id;

    /// <summary>Asks until the one publisher's reason is the expected one: it is brought about by a process that gives no signal.</summary>
    /// <returns>The facts.</returns>
    private async Task<JsonElement> UntilReasonAsync(Guid message, string reason)
    {
        JsonElement explanation = default;
        await UntilAsync(async () =>
        {
            var answer = await _host.Client.GetJsonAsync($"/api/messages/{message}/explain", Cancel);
            explanation = answer.GetProperty("publishers").EnumerateArray().Single();
            return explanation.GetProperty("reason").GetString() == reason;
        });
        explanation.GetProperty("text").GetString().Should().NotBeNullOrWhiteSpace();
        return explanation.GetProperty("facts");
    }
}
