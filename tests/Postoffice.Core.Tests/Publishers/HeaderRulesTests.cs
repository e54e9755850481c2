using Postoffice.Publishers;

namespace Postoffice.Core.Tests.Publishers;

public sealed class HeaderRulesTests
{
    [Theory]
    [InlineData("X-A", "1")]
    [InlineData("X-A", "")]
    [InlineData("Authorization", "Bearer abc")]
    [InlineData("User-Agent", "orders/1.0")]
    [InlineData("Accept", "application/json")]
    [InlineData("tracestate", "a=b")]
    public void A_publisher_may_set(string name, string value) => HeaderRules.Check(name, value).Should().BeNull();

    [Theory]
    [InlineData("", "1")]
    [InlineData("X A", "1")]
    [InlineData("X:A", "1")]
    [InlineData("X-Ä", "1")]
    [InlineData("X-A\r\nY", "1")]
    [InlineData("X-A", null)]
    [InlineData("X-A", "a\r\nX-Injected: 1")]
    [InlineData("X-A", "a\u0000b")]
    [InlineData("X-A", "a\tb")]
    [InlineData("X-A", "grüße")]
    [InlineData("X-A", "a\u007f")]
    [InlineData("Host", "other.example")]
    [InlineData("host", "other.example")]
    [InlineData("Content-Length", "1")]
    [InlineData("Content-Type", "text/plain")]
    [InlineData("Content-Encoding", "gzip")]
    [InlineData("Transfer-Encoding", "chunked")]
    [InlineData("Connection", "close")]
    [InlineData("Keep-Alive", "timeout=5")]
    [InlineData("Proxy-Authorization", "Basic x")]
    [InlineData("TE", "trailers")]
    [InlineData("Trailer", "X")]
    [InlineData("Upgrade", "h2c")]
    [InlineData("Expect", "100-continue")]
    [InlineData("message-id", "1")]
    [InlineData("Webhook-Signature", "v1,x")]
    [InlineData("postoffice-attempt", "1")]
    [InlineData("traceparent", "00-0-0-00")]
    [InlineData("Allow", "POST")]
    [InlineData("Expires", "0")]
    [InlineData("Date", "yesterday")]
    public void A_publisher_may_not_set(string name, string? value) => HeaderRules.Check(name, value).Should().NotBeNullOrEmpty();

    [Fact]
    public void Names_that_differ_only_in_case_are_one_header() =>
        HeaderRules.Check(new Dictionary<string, string> { ["X-A"] = "1", ["x-a"] = "2" }).Should().Contain("twice");

    [Fact]
    public void So_many_and_no_more() =>
        HeaderRules.Check(Enumerable.Range(0, HeaderRules.MaxHeaders + 1).ToDictionary(number => $"X-{number}", _ => "1")).Should().Contain("at most 64");
}
