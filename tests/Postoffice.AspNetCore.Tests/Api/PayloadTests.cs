using System.Text;
using CsCheck;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Messages;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Api;

/// <summary>The bytes of a payload in the store are the bytes inside the request.</summary>
public sealed class PayloadTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static readonly Gen<string> Blanks = Gen.OneOfConst("", "", " ", "\n", "\t \r\n");

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.OneOfConst("\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\\"}{][,:\"", "\"/\\/\"", "\"\U0001F600é\u2028\"", "\"attributes\"", "\"payload\""),
        Gen.String[Gen.Char['a', 'z'], 0, 8].Select(text => $"\"{text}\""));

    private static readonly Gen<string> Scalar = Gen.OneOf(
        Text,
        Gen.OneOfConst("true", "false", "null", "0", "-0", "1.10", "1e400", "1E+2", "12345678901234567890.12345678901234567890"),
        Gen.Double.Where(double.IsFinite).Select(number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture)),
        Gen.Long.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    private static readonly Gen<string> JsonObject = Object(3);

    [Theory]
    [InlineData("{}")]
    [InlineData("{ \"b\" :\t1 ,\r\n\"a\":2 }")]
    [InlineData("""{"a":1,"a":2,"A":3}""")]
    [InlineData("""{"n":12345678901234567890.12345678901234567890,"e":1E400,"z":1.0,"m":-0,"big":1e200000}""")]
    [InlineData("""{"nul":"x\u0000y","half":"\ud800","pair":"\ud83d\ude00","slash":"\/","esc":"\u0061"}""")]
    [InlineData("{\"emoji\":\"\U0001F600\",\"line\":\"\u2028\",\"html\":\"</script><img src=x onerror=alert(1)>\"}")]
    [InlineData("""{"topic":"mine","payload":{"payload":{}},"attributes":"mine"}""")]
    [InlineData("""{"":{"":[[],{},[{}]]}}""")]
    public Task Is_kept_byte_for_byte(string payload) => CheckAsync(payload);

    [Fact]
    public Task Is_kept_whatever_json_it_is() => JsonObject.SampleAsync(CheckAsync, iter: 300, threads: 2);

    [Fact]
    public Task May_be_one_mebibyte_long() => CheckAsync("{\"a\":\"" + new string('x', MessageRules.MaxPayloadBytes - 8) + "\"}");

    [Fact]
    public async Task May_not_be_a_byte_longer()
    {
        var topic = await server.NewTopicAsync();

        var answer = await server.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{"a":"{{new string('x', MessageRules.MaxPayloadBytes - 7)}}"} }""");

        answer.ShouldBeProblem(413, "payload-too-large");
    }

    private static Gen<string> Object(int depth) => Members(depth).Select(Blanks, (members, blank) => $"{{{blank}{members}{blank}}}");

    private static Gen<string> Members(int depth) =>
        Gen.Select(Text, Blanks, Value(depth - 1), (name, blank, value) => $"{name}{blank}:{blank}{value}").Array[0, 4].Select(members => string.Join(",", members));

    private static Gen<string> Value(int depth) => depth == 0 ? Scalar : Gen.OneOf(Scalar, Object(depth), Value(depth - 1).Array[0, 4].Select(items => $"[{string.Join(",", items)}]"));

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
