using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Postoffice.AspNetCore.Tests.Server;

namespace Postoffice.AspNetCore.Tests.Dashboard;

/// <summary>The page's files.</summary>
public sealed partial class DashboardAssetsTests : IAsyncLifetime
{
    private DashboardServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await DashboardServer.StartAsync(app => app.MapPostofficeDashboard());

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("/postoffice/-/assets/app.js", "text/javascript")]
    [InlineData("/postoffice/-/assets/app.css", "text/css")]
    [InlineData("/postoffice/-/assets/favicon.svg", "image/svg+xml")]
    [InlineData("/postoffice/favicon.ico", "image/svg+xml")]
    public async Task A_file_has_its_type(string path, string type)
    {
        var get = await _server.GetAsync(path);
        var head = await _server.SendAsync("HEAD", path);

        get.Status.Should().Be(200);
        get.ContentType.Should().Be(type);
        get.Body.Should().NotBeEmpty();
        get.Header("ETag").Should().StartWith("\"");
        get.ContentHeaders.ContentEncoding.Should().BeEmpty();
        head.Status.Should().Be(200);
        head.Body.Should().BeEmpty();
        head.ContentHeaders.ContentLength.Should().Be(get.ContentHeaders.ContentLength);
    }

    [Fact]
    public async Task Those_that_the_page_names_are_kept_for_ever_by_the_hash_in_their_address()
    {
        var addresses = Address().Matches((await _server.GetAsync("/postoffice")).Body).Select(match => match.Groups[1].Value).ToList();

        addresses.Should().HaveCountGreaterThanOrEqualTo(3);
        foreach (var address in addresses)
        {
            address.Should().MatchRegex("[?]v=[0-9a-f]{16}$");
            (await _server.GetAsync("/postoffice/" + address)).Header("Cache-Control").Should().Be("public, max-age=31536000, immutable");
        }

        (await _server.GetAsync("/postoffice/-/assets/app.js?v=0123456789abcdef")).Header("Cache-Control").Should().Be("no-cache", "that is another version's address");
        (await _server.GetAsync("/postoffice/-/assets/app.js")).Header("Cache-Control").Should().Be("no-cache");
    }

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("GZIP;q=0.5", "gzip")]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("deflate, zstd", null)]
    [InlineData("identity", null)]
    [InlineData("br;q=0, gzip;q=0", null)]
    public async Task A_text_goes_compressed_when_the_browser_takes_it_so(string accepted, string? encoding)
    {
        var plain = await _server.GetAsync("/postoffice/-/assets/app.css");
        var request = new HttpRequestMessage(HttpMethod.Get, "/postoffice/-/assets/app.css");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);

        using var response = await _server.Api.Client.SendAsync(request, TestContext.Current.CancellationToken);

        response.Content.Headers.ContentEncoding.Should().Equal(encoding is null ? [] : [encoding]);
        response.Headers.Vary.Should().Contain("Accept-Encoding");
        (response.Headers.ETag!.ToString() == plain.Header("ETag")).Should().Be(encoding is null, "other bytes, another tag");
        var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await using var text = encoding switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        };
        (await new StreamReader(text).ReadToEndAsync(TestContext.Current.CancellationToken)).Should().Be(plain.Body);
    }

    [Theory]
    [InlineData("{0}", 304)]
    [InlineData("W/{0}", 304)]
    [InlineData("\"x\", {0}", 304)]
    [InlineData("*", 304)]
    [InlineData("\"x\"", 200)]
    public async Task What_the_browser_has_is_not_sent_again(string known, int status)
    {
        var etag = (await _server.GetAsync("/postoffice/-/assets/app.js")).Header("ETag");

        var answer = await _server.GetAsync("/postoffice/-/assets/app.js", "If-None-Match: " + string.Format(null, known, etag));

        answer.Status.Should().Be(status);
        answer.Body.Length.Should().Be(status == 304 ? 0 : answer.Body.Length);
        answer.Header("ETag").Should().Be(etag);
    }

    [Theory]
    [InlineData("/postoffice/-/assets/nope.js")]
    [InlineData("/postoffice/-/assets/")]
    [InlineData("/postoffice/-/assets")]
    [InlineData("/postoffice/-/assets/index.html")]
    [InlineData("/postoffice/-/assets/APP.JS")]
    [InlineData("/postoffice/-/assets/..%2f..%2fappsettings.json")]
    [InlineData("/postoffice/-/assets/app.js/x")]
    [InlineData("/postoffice/-/")]
    [InlineData("/postoffice/-")]
    [InlineData("/postoffice/-/api")]
    [InlineData("/postoffice/-/api/nope")]
    [InlineData("/postoffice/-/other/x")]
    public async Task What_is_not_there_is_a_problem(string path) => (await _server.GetAsync(path)).ShouldBeProblem(404, "not-found");

    [GeneratedRegex("(?:href|src)=\"(-/assets/[^\"]*)\"")]
    private static partial Regex Address();
}
