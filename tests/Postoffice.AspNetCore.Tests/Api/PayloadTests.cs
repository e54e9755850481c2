using System.Text;
using CsCheck;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Messages;
using Postoffice.Storage;
using Postoffice.Testing;

namespace Postoffice.AspNetCore.Tests.Api;

/// <summary>The bytes of a payload in the store are the bytes inside the request.</summary>
public sealed class PayloadTests(ApiServer server) : IClassFixture<ApiServer>
{
    public static TheoryData<string> OddPayloads => [.. Payloads.Odd];

    [Theory]
    [MemberData(nameof(OddPayloads))]
    public Task Is_kept_byte_for_byte(string payload) => CheckAsync(payload);

    [Fact]
    public Task Is_kept_whatever_json_it_is() => Payloads.Random.SampleAsync(CheckAsync, iter: 300, threads: 2);

    [Fact]
    public Task May_be_one_mebibyte_long() => CheckAsync(Payloads.OfSize(MessageRules.MaxPayloadBytes));

    [Fact]
    public async Task May_not_be_a_byte_longer()
    {
        var topic = await server.NewTopicAsync();

        var answer = await server.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{"a":"{{new string('x', MessageRules.MaxPayloadBytes - 7)}}"} }""");

        answer.ShouldBeProblem(413, "payload-too-large");
    }

    private async Task CheckAsync(string payload)
    {
        var topic = await server.NewTopicAsync();

        // Blanks around the payload belong to the envelope.
        var answer = await server.PostAsync("/api/messages", $"{{\"topic\":\"{topic}\",\"payload\" : {payload} ,\"attributes\":{{}}}}");

        answer.Status.Should().Be(201, "the answer was {0}", answer.Body);
        var id = answer.Data.GetProperty("id").GetGuid();
        var stored = await server.Get<IMessageLog>().FindAsync(id, TestContext.Current.CancellationToken);
        stored!.Payload.Span.SequenceEqual(Encoding.UTF8.GetBytes(payload)).Should().BeTrue();
        answer.Data.GetProperty("payload").GetRawText().Should().Be(payload);
        (await server.GetAsync($"/api/messages/{id}")).Data.GetProperty("payload").GetRawText().Should().Be(payload);
    }
}
