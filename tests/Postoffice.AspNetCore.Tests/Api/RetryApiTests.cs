using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Api;

/// <summary>One delivery retried by hand.</summary>
public sealed class RetryApiTests(StillServer server) : IClassFixture<StillServer>
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_parked_delivery_is_due_now()
    {
        var publisher = await server.NewPublisherAsync();
        var message = await server.PublishAsync(publisher.Topic);
        await server.SettleAsync(publisher, cursor: 1, parked: [new ParkEntry(1, 3, Hour, "unavailable (503)")]);

        var answer = await RetryAsync(message, publisher.Id);

        answer.Status.Should().Be(200, answer.Body);
        answer.Data.GetRawText().Should().Be($$"""{"publisher_id":{{publisher.Id}},"state":"parked"}""");
        var due = await server.Api.Get<IDeliveryStore>().ReadDueAsync(publisher.TopicId, publisher.Id, [], 10, TestContext.Current.CancellationToken);
        due.Should().ContainSingle().Which.Attempts.Should().Be(3);
    }

    [Fact]
    public async Task A_dead_letter_is_retried()
    {
        var publisher = await server.WithDeadAsync(2);
        var message = (await server.Api.GetAsync($"/api/dead_letters/{publisher.Id}-2")).Data.GetProperty("message_id").GetGuid();

        (await RetryAsync(message, publisher.Id)).Data.GetProperty("state").GetString().Should().Be("parked");

        (await server.Api.GetAsync($"/api/dead_letters/{publisher.Id}-2")).ShouldBeProblem(404, "not-found");
        (await server.Api.GetAsync($"/api/dead_letters/{publisher.Id}-1")).Status.Should().Be(200);
        (await RetryAsync(message, publisher.Id)).Status.Should().Be(200, "it is parked and due; to say so again does no harm");
    }

    [Fact]
    public async Task What_waits_behind_its_key_is_a_conflict()
    {
        var publisher = await server.NewPublisherAsync();
        await server.PublishAsync(publisher.Topic, orderingKey: "a");
        var second = await server.PublishAsync(publisher.Topic, orderingKey: "a");
        await server.SettleAsync(publisher, cursor: 2,
            parked: [new ParkEntry(1, 1, Hour, "rejected (400)", "a"), new ParkEntry(2, 0, Delay: null, ParkEntry.BehindKey, "a")]);

        (await RetryAsync(second, publisher.Id)).ShouldBeProblem(409, "behind-key");
    }

    [Fact]
    public async Task What_is_neither_parked_nor_dead_is_not_found()
    {
        var publisher = await server.NewPublisherAsync();
        var message = await server.PublishAsync(publisher.Topic);

        (await RetryAsync(message, publisher.Id)).ShouldBeProblem(404, "not-found");

        await server.SettleAsync(publisher, cursor: 1, delivered: [new DeliveredEntry(1, 1, 200, default)]);
        (await RetryAsync(message, publisher.Id)).ShouldBeProblem(404, "not-found");
    }

    [Fact]
    public async Task A_publisher_of_another_topic_has_nothing_of_the_message()
    {
        var other = await server.WithDeadAsync(1);
        var publisher = await server.NewPublisherAsync();
        var message = await server.PublishAsync(publisher.Topic);

        (await RetryAsync(message, other.Id)).ShouldBeProblem(404, "not-found");

        (await server.Api.GetAsync($"/api/dead_letters/{other.Id}-1")).Status.Should().Be(200, "its own dead letter at the same position is left alone");
    }

    [Theory]
    [InlineData("nope", "1")]
    [InlineData("018f0000-0000-7000-8000-000000000000", "1")]
    [InlineData(null, "0")]
    [InlineData(null, "nope")]
    [InlineData(null, "-1")]
    [InlineData(null, "99999999999999999999")]
    public async Task What_is_not_there_is_not_found(string? message, string publisher)
    {
        message ??= (await server.PublishAsync((await server.NewPublisherAsync()).Topic)).ToString();

        (await server.Api.PostAsync($"/api/messages/{message}/deliveries/{publisher}/retry", "")).ShouldBeProblem(404, "not-found");
    }

    private Task<Answer> RetryAsync(Guid message, long publisher) => server.Api.PostAsync($"/api/messages/{message}/deliveries/{publisher}/retry", "");
}
