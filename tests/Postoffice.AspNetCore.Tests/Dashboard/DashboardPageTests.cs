using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postoffice.AspNetCore.Dashboard;
using Postoffice.AspNetCore.Tests.Server;

namespace Postoffice.AspNetCore.Tests.Dashboard;

/// <summary>The index page: where it is, and what it knows of the server.</summary>
public sealed partial class DashboardPageTests
{
    [Theory]
    [InlineData("/postoffice")]
    [InlineData("/postoffice/")]
    [InlineData("/postoffice/topics/orders")]
    [InlineData("/postoffice/publishers/1?tab=dead%20letters")]
    [InlineData("/PostOffice/app.js")]
    public async Task Every_path_below_the_prefix_is_the_page(string path)
    {
        await using var server = await DashboardServer.StartAsync(app => app.MapPostofficeDashboard());

        var get = await server.GetAsync(path);
        var head = await server.SendAsync("HEAD", path);

        get.Status.Should().Be(200);
        get.ContentType.Should().Be("text/html");
        get.Body.Should().Contain("<script type=\"module\" src=\"-/assets/app.js?v=");
        get.Header("Cache-Control").Should().Be("no-store");
        Base(get).Should().BeEquivalentTo("/postoffice/");
        Config(get).GetRawText().Should().Be($$"""{"api":"-/api","read_only":false,"version":"{{DashboardPage.Version}}"}""");
        head.Status.Should().Be(200);
        head.Body.Should().BeEmpty();
        head.ContentHeaders.ContentLength.Should().Be(get.ContentHeaders.ContentLength);
    }

    [Theory]
    [InlineData("", "/postoffice", "/postoffice", "/postoffice/")]
    [InlineData("", "postoffice/", "/postoffice/x/y", "/postoffice/")]
    [InlineData("", "/back office/\"mail\"", "/back%20office/%22mail%22/x", "/back%20office/%22mail%22/")]
    [InlineData("/shop", "/mail", "/shop/mail/x", "/shop/mail/")]
    [InlineData("/a<b&c", "/mail", "/a%3Cb%26c/mail", "/a%3Cb&c/mail/")]
    [InlineData("", "/{tenant}/mail", "/acme%22%3E%3Cscript%3E/mail/x", "/acme%22%3E%3Cscript%3E/mail/")]
    [InlineData("/shop", "/", "/shop/topics/x", "/shop/")]
    [InlineData("", "/", "/", "/")]
    [InlineData("", "", "/topics/x/y", "/")]
    public async Task The_base_is_where_the_browser_found_the_dashboard(string pathBase, string prefix, string path, string expected)
    {
        await using var server = await DashboardServer.StartAsync(app =>
        {
            app.UsePathBase(pathBase);
            app.UseRouting();
            app.MapPostofficeDashboard(prefix);
        });

        var answer = await server.GetAsync(path);

        answer.Status.Should().Be(200);
        Base(answer).Should().Be(expected);
        answer.Body.Should().NotContain("<!--").And.NotContain("<script>");
        (await server.GetAsync(Base(answer) + "-/api/topics")).Status.Should().Be(200, "the page asks there");
        (await server.GetAsync(Base(answer) + "-/assets/app.js")).ContentType.Should().Be("text/javascript");
    }

    [Fact]
    public async Task A_group_around_it_belongs_to_its_path()
    {
        await using var server = await DashboardServer.StartAsync(app => app.MapGroup("/admin/tools").MapPostofficeDashboard("/mail"));

        Base(await server.GetAsync("/admin/tools/mail/topics/x")).Should().Be("/admin/tools/mail/");
    }

    [Fact]
    public async Task What_the_page_is_told_cannot_break_out_of_its_place()
    {
        await using var server = await DashboardServer.StartAsync(app => MapWithVersion(app, "1.0\"'><script>alert(1)</script>&amp;"));

        var answer = await server.GetAsync("/odd/x");

        answer.Body.Should().NotContain("<script>").And.NotContain("'>");
        Config(answer).GetProperty("version").GetString().Should().Be("1.0\"'><script>alert(1)</script>&amp;");
    }

    [Theory]
    [InlineData("GET", "/", "home")]
    [InlineData("GET", "/api/own", "own")]
    [InlineData("GET", "/things/7", "thing 7")]
    [InlineData("POST", "/orders", "ordered")]
    [InlineData("GET", "/elsewhere", "fallback")]
    [InlineData("GET", "/favicon.ico", "icon")]
    public async Task At_the_root_everything_of_the_application_goes_before_it(string method, string path, string body)
    {
        await using var server = await DashboardServer.StartAsync(app =>
        {
            app.MapPostofficeDashboard("/");
            app.MapGet("/", () => "home");
            app.MapGet("/api/own", () => "own");
            app.MapGet("/things/{id}", (string id) => $"thing {id}");
            app.MapPost("/orders", () => "ordered");
            app.MapGet("/favicon.ico", () => "icon");
            app.MapFallback(() => "fallback");
        });

        var answer = await server.SendAsync(method, path);

        answer.Body.Should().Be(body);
        answer.Header("Content-Security-Policy").Should().BeNull();
        (await server.GetAsync("/api/nope")).ShouldBeProblem(404, "not-found");
        (await server.GetAsync("/-/api/topics")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Elsewhere_no_pattern_of_the_application_takes_its_paths()
    {
        await using var server = await DashboardServer.StartAsync(app =>
        {
            app.MapGet("/{tenant}/{page}", () => "mine");
            app.MapFallback(() => "fallback");
            app.MapGet("/postoffice/own", () => "own");
            app.MapPostofficeDashboard();
        });

        (await server.GetAsync("/postoffice/topics")).ContentType.Should().Be("text/html");
        (await server.GetAsync("/postoffice/-/nope")).ShouldBeProblem(404, "not-found");
        (await server.GetAsync("/postoffice/own")).Body.Should().Be("own");
        (await server.GetAsync("/acme/topics")).Body.Should().Be("mine");
    }

    [Fact]
    public async Task Two_dashboards_stand_side_by_side()
    {
        await using var server = await DashboardServer.StartAsync(app =>
        {
            app.MapPostofficeDashboard("/one");
            app.MapPostofficeDashboard("/two", options => options.ReadOnly = true);
        });

        Config(await server.GetAsync("/one")).GetProperty("read_only").GetBoolean().Should().BeFalse();
        Config(await server.GetAsync("/two")).GetProperty("read_only").GetBoolean().Should().BeTrue();
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task The_page_is_only_read(string method)
    {
        await using var server = await DashboardServer.StartAsync(app => app.MapPostofficeDashboard());

        (await server.SendAsync(method, "/postoffice/topics")).ShouldBeProblem(403, "cross-site");
        (await server.SendAsync(method, "/postoffice/topics", "X-Postoffice-Dashboard: 1")).ShouldBeProblem(405, "method-not-allowed");
    }

    [Fact]
    public void An_application_without_postoffice_is_told_what_is_missing()
    {
        var app = WebApplication.CreateBuilder().Build();

        app.Invoking(application => application.MapPostofficeDashboard()).Should().Throw<InvalidOperationException>().WithMessage("*MapPostofficeDashboard*AddPostoffice*");
    }

    private static void MapWithVersion(WebApplication app, string version)
    {
        var page = new DashboardPage(DashboardAssets.Shared, new DashboardGuard(new PostofficeDashboardOptions()), version);
        app.MapGet("/odd/{**path}", (HttpContext context) => page.ShowAsync(context));
    }

    private static string Base(Answer answer) => WebUtility.HtmlDecode(BaseElement().Match(answer.Body).Groups[1].Value);

    private static JsonElement Config(Answer answer) =>
        JsonDocument.Parse(WebUtility.HtmlDecode(ConfigElement().Match(answer.Body).Groups[1].Value)).RootElement;

    [GeneratedRegex("<base href=\"([^\"]*)\">")]
    private static partial Regex BaseElement();

    [GeneratedRegex("<meta name=\"postoffice\" content=\"([^\"]*)\">")]
    private static partial Regex ConfigElement();
}
