using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Api;

public sealed class DeadLetterChangesApiTests(StillServer server) : IClassFixture<StillServer>
{
    [Theory]
    [InlineData("retry", "parked")]
    [InlineData("discard", "discarded")]
    public async Task One_is_retried_or_discarded_once(string verb, string state)
    {
        var publisher = await server.NewPublisherAsync();
        var message = await server.PublishAsync(publisher.Topic);
        await server.SettleAsync(publisher, cursor: 1, dead: [new DeadEntry(1, 3, 503, "max-attempts", "503")]);

        var answer = await server.Api.PostAsync($"/api/dead_letters/{publisher.Id}-1/{verb}", "");
        var again = await server.Api.PostAsync($"/api/dead_letters/{publisher.Id}-1/{verb}", "");

        answer.Status.Should().Be(200, answer.Body);
        answer.Data.GetRawText().Should().Be($$"""{"id":"{{publisher.Id}}-1","state":"{{state}}"}""");
        (await server.Api.GetAsync($"/api/messages/{message}")).Data.GetProperty("deliveries")[0].GetProperty("state").GetString().Should().Be(state);
        again.ShouldBeProblem(404, "not-found");
        (await server.Api.GetAsync($"/api/dead_letters/{publisher.Id}-1")).ShouldBeProblem(404, "not-found");
    }

    [Theory]
    [InlineData("retry", "retried")]
    [InlineData("discard", "discarded")]
    public async Task Many_go_by_what_the_body_selects(string verb, string done)
    {
        var publisher = await server.WithDeadAsync(3);
        var untouched = await server.WithDeadAsync(1);

        var answer = await ManyAsync(verb, $$"""{"topic":"{{publisher.Topic}}","reason":"max-attempts"}""");

        answer.Status.Should().Be(200, answer.Body);
        answer.Data.GetRawText().Should().Be($$"""{"matched":3,"{{done}}":3,"remaining":0,"dry_run":false}""");
        (await DeadAsync(publisher)).Should().Be(0);
        (await DeadAsync(untouched)).Should().Be(1);
    }

    [Theory]
    [InlineData("retry", "retried")]
    [InlineData("discard", "discarded")]
    public async Task A_limit_takes_the_oldest_and_says_what_remains(string verb, string done)
    {
        var publisher = await server.WithDeadAsync(5);

        var answer = await ManyAsync(verb, $$"""{"publisher_id":{{publisher.Id}},"limit":2}""");

        answer.Data.GetRawText().Should().Be($$"""{"matched":5,"{{done}}":2,"remaining":3,"dry_run":false}""");
        (await server.Api.GetAsync($"/api/publishers/{publisher.Id}/dead_letters")).Data.EnumerateArray()
            .Select(letter => letter.GetProperty("position").GetInt64()).Should().Equal(5, 4, 3);
    }

    [Theory]
    [InlineData("retry", "retried")]
    [InlineData("discard", "discarded")]
    public async Task A_dry_run_only_counts(string verb, string done)
    {
        var publisher = await server.WithDeadAsync(3);

        var answer = await ManyAsync(verb, $$"""{"publisher_id":{{publisher.Id}},"dry_run":true}""");

        answer.Data.GetRawText().Should().Be($$"""{"matched":3,"{{done}}":0,"remaining":3,"dry_run":true}""");
        (await DeadAsync(publisher)).Should().Be(3);
    }

    [Fact]
    public async Task More_than_a_batch_goes_in_several()
    {
        var publisher = await server.WithDeadAsync(2_500);

        var answer = await ManyAsync("retry", $$"""{"publisher_id":{{publisher.Id}},"limit":2400}""");

        answer.Data.GetRawText().Should().Be("""{"matched":2500,"retried":2400,"remaining":100,"dry_run":false}""");
        (await DeadAsync(publisher)).Should().Be(100);
    }

    [Fact]
    public async Task Ids_mean_those_and_no_others()
    {
        var publisher = await server.WithDeadAsync(3);

        var answer = await ManyAsync("discard", $$"""{"ids":["{{publisher.Id}}-1","{{publisher.Id}}-3","{{publisher.Id}}-99"]}""");
        var none = await ManyAsync("discard", $$"""{"publisher_id":{{publisher.Id}},"ids":[]}""");

        answer.Data.GetProperty("discarded").GetInt32().Should().Be(2);
        none.Data.GetProperty("matched").GetInt32().Should().Be(0);
        (await server.Api.GetAsync($"/api/dead_letters/{publisher.Id}-2")).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("1")]
    [InlineData("1-999999999")]
    [InlineData("1-1-1")]
    public async Task What_is_not_there_is_not_found(string id)
    {
        (await server.Api.PostAsync($"/api/dead_letters/{id}/retry", "")).ShouldBeProblem(404, "not-found");
        (await server.Api.PostAsync($"/api/dead_letters/{id}/discard", "")).ShouldBeProblem(404, "not-found");
    }

    [Fact]
    public async Task All_must_be_said()
    {
        await using var own = new StillServer();
        await own.InitializeAsync();
        await own.WithDeadAsync(2);
        await own.WithDeadAsync(1);

        (await own.Api.PostAsync("/api/dead_letters/discard", "{}")).ShouldBeProblem(400, "validation");
        (await own.Api.PostAsync("/api/dead_letters/discard", """{"all":true}""")).Data.GetProperty("discarded").GetInt32().Should().Be(3);
    }

    private Task<Answer> ManyAsync(string verb, string body) => server.Api.PostAsync("/api/dead_letters/" + verb, body);

    private async Task<long> DeadAsync(Publisher publisher) =>
        (await server.Api.GetAsync($"/api/publishers/{publisher.Id}")).Data.GetProperty("dead").GetInt64();
}
