using System.Globalization;
using System.IO.Compression;
using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Postoffice.Testing.Receivers;

namespace Postoffice.Transports.Tests.Http;

/// <summary>What goes over the wire.</summary>
public sealed class HttpRequestTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_delivery_is_a_post_with_its_headers()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Transport(time).CreateSender(Wire.Publisher(receiver.Target + "?a=%41", null, ("X-Tenant", "acme"), ("Authorization", "Bearer t")), 1);
        var delivery = Wire.Delivery("{}"u8.ToArray(), 3, "application/json;charset=UTF-8", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ("kind", "order"));

        await sender.SendAsync(delivery, Cancellation);

        var request = receiver.Requests.Single();
        var id = delivery.Message.Id.ToString();
        request.Method.Should().Be("POST");
        request.Path.Should().Be("/hook?a=%41");
        id.Should().HaveLength(36).And.Be(id.ToLowerInvariant());
        request.Headers.Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["Host"] = $"127.0.0.1:{receiver.Port}",
            ["Content-Length"] = "2",
            ["Content-Type"] = "application/json;charset=UTF-8",
            ["User-Agent"] = "Postoffice/0.1.0",
            ["message-id"] = id,
            ["webhook-id"] = id,
            ["webhook-timestamp"] = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            ["postoffice-attempt"] = "3",
            ["postoffice-attribute-kind"] = "order",
            ["X-Tenant"] = "acme",
            ["Authorization"] = "Bearer t",
        });
    }

    [Fact]
    public async Task The_timestamp_is_that_of_the_attempt()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Transport(time).CreateSender(Wire.Publisher(receiver.Target), 1);
        var delivery = Wire.Delivery();

        await sender.SendAsync(delivery, Cancellation);
        time.Advance(TimeSpan.FromSeconds(61.5));
        await sender.SendAsync(delivery, Cancellation);

        receiver.Requests.Select(request => request.Headers["webhook-timestamp"]).Should().Equal("0", "61");
        receiver.Ledger.Repeats.Should().Be(1);
    }

    [Fact]
    public async Task Only_attributes_that_fit_a_header_are_sent()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Sender(receiver.Target);

        await sender.SendAsync(
            Wire.Delivery("{}"u8.ToArray(), attributes: [("plain", "a b~"), ("empty", ""), ("umlaut", "grüße"), ("a b", "1"), ("größe", "1"), ("x", "2"), ("X", "1"), ("tab", "a\tb")]),
            Cancellation);

        receiver.Requests.Single().Headers
            .Where(header => header.Key.StartsWith("postoffice-attribute-", StringComparison.Ordinal))
            .Should().BeEquivalentTo(new Dictionary<string, string>
            {
                ["postoffice-attribute-plain"] = "a b~",
                ["postoffice-attribute-empty"] = "",
                ["postoffice-attribute-X"] = "1",
            });
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/cloudevents+json; charset=utf-8")]
    [InlineData("text/plain;charset=\"utf-8\"")]
    [InlineData("Application/JSON")]
    public async Task A_content_type_goes_out_as_it_came(string contentType) => (await ContentTypeSentForAsync(contentType)).Should().Be(contentType);

    [Theory]
    [InlineData("json")]
    [InlineData("")]
    [InlineData("application/json\r\nX-Injected: 1")]
    [InlineData("application/json;\r\n charset=utf-8")]
    [InlineData("text/plain; =x")]
    public async Task A_content_type_that_is_none_becomes_json(string contentType) => (await ContentTypeSentForAsync(contentType)).Should().Be("application/json");

    [Fact]
    public async Task A_publisher_may_have_a_user_agent_of_its_own()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Transport().CreateSender(Wire.Publisher(receiver.Target, null, ("user-agent", "acme/2")), 1);

        await sender.SendAsync(Wire.Delivery(), Cancellation);

        receiver.Requests.Single().Headers["User-Agent"].Should().Be("acme/2");
    }

    [Fact]
    public async Task The_payload_arrives_byte_for_byte()
    {
        byte[][] payloads =
        [
            [],
            """{  "a" :1 ,"a":2,"b":[ ]}"""u8.ToArray(),
            """{"n":12345678901234567890,"x":1e400,"y":1.0,"z":-0}"""u8.ToArray(),
            """{"nul":"\u0000","lone":"\ud800","emoji":"😀\ud83d\ude00"}"""u8.ToArray(),
            "\uFEFF{}\r\n"u8.ToArray(),
            [0, 13, 10, 0xFF, 0xFE, 0x80],
            Enumerable.Range(0, 1024 * 1024).Select(i => (byte)(i * 31)).ToArray(),
        ];
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Sender(receiver.Target);

        foreach (var payload in payloads)
        {
            (await sender.SendAsync(Wire.Delivery(payload), Cancellation)).Outcome.Should().Be(SendOutcome.Accepted);
        }

        receiver.Requests.Select(request => request.Body).Should().Equal(payloads, (received, sent) => received.AsSpan().SequenceEqual(sent));
    }

    [Fact]
    public async Task Any_payload_arrives_byte_for_byte()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Sender(receiver.Target);
        var json = Gen.String.Select(text => Encoding.UTF8.GetBytes(System.Text.Json.JsonSerializer.Serialize(new { text })));

        await Gen.OneOf(Gen.Byte.Array[0, 5_000], json).SampleAsync(async payload =>
        {
            var delivery = Wire.Delivery(payload);
            await sender.SendAsync(delivery, Cancellation);
            var received = receiver.Requests.Last(request => request.MessageId == delivery.Message.Id.ToString());
            received.Body.AsSpan().SequenceEqual(payload).Should().BeTrue();
        }, iter: 200, threads: 1);
    }

    [Fact]
    public async Task A_cookie_is_never_sent_back()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Sender(receiver.Target);
        receiver.DefaultAnswer = ScriptedAnswer.Ok.WithHeader("Set-Cookie", "s=1; Path=/");

        await sender.SendAsync(Wire.Delivery(), Cancellation);
        await sender.SendAsync(Wire.Delivery(), Cancellation);

        receiver.Requests[1].Headers.Should().NotContainKey("Cookie");
    }

    [Fact]
    public async Task A_compressed_answer_is_neither_asked_for_nor_unpacked()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            await gzip.WriteAsync(new byte[10 * 1024 * 1024], Cancellation);
        }

        await using var receiver = await ScriptedReceiver.StartAsync();
        receiver.DefaultAnswer = new ScriptedAnswer(500) { Body = packed.ToArray() }.WithHeader("Content-Encoding", "gzip");

        var result = await Wire.SendOnceAsync(receiver.Target);

        receiver.Requests.Single().Headers.Should().NotContainKey("Accept-Encoding");
        Encoding.UTF8.GetByteCount(result.Error!).Should().BeInRange(1_000, 4_096);
        result.Error.Should().StartWith("500 Internal Server Error: \uFFFD\uFFFD");
    }

    private static async Task<string> ContentTypeSentForAsync(string contentType)
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Sender(receiver.Target);

        (await sender.SendAsync(Wire.Delivery("{}"u8.ToArray(), contentType: contentType), Cancellation)).Outcome.Should().Be(SendOutcome.Accepted);

        receiver.Requests.Single().Headers.Should().NotContainKey("X-Injected");
        return receiver.Requests.Single().Headers["Content-Type"];
    }
}
