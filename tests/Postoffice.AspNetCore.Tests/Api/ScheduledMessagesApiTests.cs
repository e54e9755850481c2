using Postoffice.AspNetCore.Tests.Server;

namespace Postoffice.AspNetCore.Tests.Api;

public sealed class ScheduledMessagesApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_scheduled_message_waits_outside_the_log()
    {
        var topic = await server.NewTopicAsync();

        var answer = await ScheduleAsync(topic, "2100-01-31T12:00:00.25+02:00");

        answer.Status.Should().Be(201, answer.Body);
        answer.Data.GetProperty("schedule_at").GetDateTimeOffset().Should().Be(new DateTimeOffset(2100, 1, 31, 10, 0, 0, 250, TimeSpan.Zero));
        answer.Data.GetProperty("payload").GetRawText().Should().Be("""{ "a":1}""");
        (await server.HeadAsync(topic)).Should().Be(0);

        var found = await server.GetAsync($"/api/messages/{answer.Data.GetProperty("id").GetGuid()}");
        found.Data.GetProperty("state").GetString().Should().Be("scheduled");
        found.Data.GetProperty("topic").GetString().Should().Be(topic);
        found.Data.GetProperty("scheduled_at").GetDateTimeOffset().Should().Be(answer.Data.GetProperty("schedule_at").GetDateTimeOffset());
        found.Data.GetProperty("deliveries").GetArrayLength().Should().Be(0);
        found.Data.TryGetProperty("position", out _).Should().BeFalse();
    }

    [Fact]
    public async Task A_time_in_the_past_is_taken() => (await ScheduleAsync(await server.NewTopicAsync(), "2000-01-01T00:00:00Z")).Status.Should().Be(201);

    [Fact]
    public async Task An_unknown_topic_is_invalid()
    {
        var answer = await ScheduleAsync("nope", "2100-01-01T00:00:00Z");

        answer.ShouldBeProblem(400, "unknown-topic");
        answer.ShouldHaveError("topic", "is invalid");
    }

    [Fact]
    public async Task A_wrong_time_is_invalid_in_the_word_of_the_original()
    {
        var answer = await ScheduleAsync(await server.NewTopicAsync(), "2100-01-01");

        answer.ShouldBeProblem(400, "validation");
        answer.ShouldHaveError("schedule_at", "is invalid");
    }

    [Fact]
    public async Task A_repeat_answers_with_the_first_message_and_its_time()
    {
        var topic = await server.NewTopicAsync();

        var first = await ScheduleAsync(topic, "2100-01-01T00:00:00Z", "key-1");
        var second = await ScheduleAsync(topic, "2101-01-01T00:00:00Z", "key-1");

        second.Status.Should().Be(201);
        second.Header("Idempotency-Replayed").Should().Be("true");
        second.Data.GetRawText().Should().Be(first.Data.GetRawText());
    }

    private Task<Answer> ScheduleAsync(string topic, string at, string? key = null) =>
        server.PostAsync("/api/schedule_messages", $$"""{"topic":"{{topic}}","payload":{ "a":1},"attributes":{},"schedule_at":"{{at}}"}""", key);
}
