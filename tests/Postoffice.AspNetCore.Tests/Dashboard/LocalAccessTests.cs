using System.Net;
using Microsoft.AspNetCore.Http;
using Postoffice.AspNetCore.Dashboard;

namespace Postoffice.AspNetCore.Tests.Dashboard;

/// <summary>Who counts as a browser on this machine.</summary>
public sealed class LocalAccessTests
{
    [Theory]
    [InlineData("127.0.0.1", "localhost")]
    [InlineData("127.0.0.1", "LOCALHOST:4000")]
    [InlineData("127.3.2.1", "127.0.0.1:4000")]
    [InlineData("::1", "[::1]:4000")]
    [InlineData("::ffff:127.0.0.1", "localhost:4000")]
    [InlineData("::1", "127.8.8.8")]
    public void A_browser_on_this_machine_does(string remote, string host) => LocalAccess.Refuse(Request(remote, host)).Should().BeNull();

    [Theory]
    [InlineData("10.0.0.7", "localhost", "10.0.0.7")]
    [InlineData("192.168.1.5", "192.168.1.1:4000", "192.168.1.5")]
    [InlineData("fe80::1", "localhost", "fe80::1")]
    [InlineData("::ffff:10.0.0.1", "localhost", "10.0.0.1")]
    [InlineData(null, "localhost", "unknown address")]
    [InlineData("127.0.0.1", "evil.example", "not localhost")]
    [InlineData("127.0.0.1", "localhost.evil.example", "not localhost")]
    [InlineData("127.0.0.1", "127.0.0.1.evil.example", "not localhost")]
    [InlineData("127.0.0.1", "0.0.0.0", "not localhost")]
    [InlineData("127.0.0.1", "10.0.0.7:4000", "not localhost")]
    [InlineData("127.0.0.1", "[::]", "not localhost")]
    [InlineData("127.0.0.1", "", "not localhost")]
    public void Nobody_else_does(string? remote, string host, string reason) => LocalAccess.Refuse(Request(remote, host)).Should().Contain(reason);

    [Theory]
    [InlineData("Forwarded")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-Forwarded-Proto")]
    [InlineData("X-Real-IP")]
    [InlineData("X-Forwarded-Prefix")]
    [InlineData("X-Original-For")]
    [InlineData("X-Original-Host")]
    [InlineData("X-Original-Proto")]
    [InlineData("x-original-host")]
    [InlineData("Via")]
    public void A_proxy_on_this_machine_speaks_for_somebody_else(string header)
    {
        var request = Request("127.0.0.1", "localhost");
        request.Request.Headers[header] = "127.0.0.1";

        LocalAccess.Refuse(request).Should().Contain(header);
    }

    [Fact]
    public void A_proxy_that_passes_nothing_on_is_known_by_its_old_protocol()
    {
        var request = Request("127.0.0.1", "localhost:4000");
        request.Request.Protocol = "HTTP/1.0";

        LocalAccess.Refuse(request).Should().Contain("proxy");
    }

    private static DefaultHttpContext Request(string? remote, string host)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = remote is null ? null : IPAddress.Parse(remote);
        context.Request.Host = new HostString(host);
        context.Request.Protocol = "HTTP/1.1";
        return context;
    }
}
