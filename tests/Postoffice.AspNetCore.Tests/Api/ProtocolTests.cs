using System.Net.Http.Headers;
using System.Text;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.AspNetCore.Tests.Server;

namespace Postoffice.AspNetCore.Tests.Api;

/// <summary>Sizes, framing, and what no HTTP client would send.</summary>
public sealed class ProtocolTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Head = "POST /api/topics HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";

    public static TheoryData<string, int, string> Raw { get; } = new()
    {
        { "POST /api/topics HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400, "negative length" },
        { Head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, "two lengths" },
        { Head + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}", 400, "chunk size overflow" },
        { Head + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}", 400, "chunk size not hex" },
        { "POST /api/topics HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\nContent-Length: 0\r\n\r\n", 400, "folded header" },
        { "POST /api/topics HTTP/1.1\r\nHost: a\r\nfoo\r\n\r\n", 400, "header without a colon" },
        { "POST /api/topics HTTP/9.9\r\nHost: a\r\n\r\n", 505, "HTTP/9.9" },
        { "POST /api/t\u00f3pics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 400, "raw letters beyond ASCII in the path" },
        { "POST /api/topics%00 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 400, "NUL in the path" },
        { Head + "Content-Length: 2\r\n\r\n{}", 400, "an empty object" },
    };

    [Theory]
    [MemberData(nameof(Raw))]
    public async Task A_malformed_request_is_the_callers_fault(string request, int status, string why) =>
        (await RawRequest.SendAsync(server.EndPoint, request)).Status.Should().Be(status, why);

    [Theory]
    [InlineData(Head + "Content-Length: 5000000000\r\n\r\n{}")]
    [InlineData(Head + "Expect: 100-continue\r\nContent-Length: 40000000\r\n\r\n")]
    public async Task A_declared_length_beyond_the_limit_is_refused_before_it_is_read(string request)
    {
        var (status, text) = await RawRequest.SendAsync(server.EndPoint, request);

        status.Should().Be(413);
        text.Should().Contain("urn:postoffice:problem:payload-too-large").And.NotContain("100 Continue");
    }

    [Theory]
    [InlineData("/api/topics", RequestBody.SmallLimit)]
    [InlineData("/api/publishers", RequestBody.SmallLimit)]
    [InlineData("/api/messages", RequestBody.MessageLimit)]
    [InlineData("/api/schedule_messages", RequestBody.MessageLimit)]
    [InlineData("/api/bulk_messages", RequestBody.BulkLimit)]
    public async Task A_body_is_taken_up_to_its_limit_and_not_a_byte_further(string path, int limit)
    {
        foreach (var chunked in new[] { false, true })
        {
            (await SendAsync(path, limit, chunked)).ShouldBeProblem(400, "validation");
            (await SendAsync(path, limit + 1, chunked)).ShouldBeProblem(413, "payload-too-large");
        }
    }

    [Fact]
    public async Task Endless_chunk_extensions_are_cut_off()
    {
        var (status, _) = await RawRequest.SendAsync(server.EndPoint,
            Head + "Transfer-Encoding: chunked\r\n\r\n" + string.Concat(Enumerable.Repeat("1;" + new string('x', 4_000) + "\r\n \r\n", 50)));

        status.Should().Be(413);
    }

    [Fact]
    public async Task Many_unknown_members_are_refused_by_their_size()
    {
        var body = "{\"name\":\"a\",\"origin_host\":\"b\"" + string.Concat(Enumerable.Range(0, 200_000).Select(number => $",\"k{number}\":1")) + "}";

        (await server.PostAsync("/api/topics", body)).ShouldBeProblem(413, "payload-too-large");
    }

    [Fact]
    public async Task A_body_that_never_ends_times_out()
    {
        var (status, text) = await RawRequest.SendAsync(server.EndPoint, Head + "Content-Length: 50\r\n\r\n{");

        status.Should().Be(408);
        text.Should().Contain("urn:postoffice:problem:request-timeout");
    }

    [Theory]
    [InlineData("7b226e616d65223a22fffe222c226f726967696e5f686f7374223a2262227d")]
    [InlineData("7b226e616d65223a22eda080222c226f726967696e5f686f7374223a2262227d")]
    [InlineData("7b226e616d65223a2261222c226f726967696e5f686f7374223a2262222c2278223a22c0ae227d")]
    public async Task Bytes_that_are_not_utf8_are_not_json(string hex)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/topics") { Content = new ByteArrayContent(Convert.FromHexString(hex)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        (await server.SendAsync(request)).ShouldBeProblem(400, "invalid-json");
    }

    private Task<Answer> SendAsync(string path, int length, bool chunked)
    {
        var body = Encoding.UTF8.GetBytes("{" + new string(' ', length - 2) + "}");
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (chunked)
        {
            request.Headers.TransferEncodingChunked = true;
        }

        return server.SendAsync(request);
    }
}
