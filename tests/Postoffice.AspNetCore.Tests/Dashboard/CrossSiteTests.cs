using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Postoffice.AspNetCore.Tests.Server;

namespace Postoffice.AspNetCore.Tests.Dashboard;

/// <summary>That no page of another origin changes anything by the browser of somebody who may, nor reads the dashboard.</summary>
public sealed class CrossSiteTests(CrossSiteTests.Servers servers) : IClassFixture<CrossSiteTests.Servers>
{
    private const string Own = "X-Postoffice-Dashboard: 1";

    [Theory]
    [InlineData(true, "")]
    [InlineData(true, "Sec-Fetch-Site: same-origin")]
    [InlineData(true, "Origin: http://{host}")]
    [InlineData(true, "Origin: https://{host}")]
    [InlineData(true, "Sec-Fetch-Site: same-origin|Origin: http://{host}")]
    [InlineData(false, "Sec-Fetch-Site: cross-site")]
    [InlineData(false, "Sec-Fetch-Site: same-site")]
    [InlineData(false, "Sec-Fetch-Site: none")]
    [InlineData(false, "Sec-Fetch-Site: anything")]
    [InlineData(false, "Origin: null")]
    [InlineData(false, "Origin: http://evil.example")]
    [InlineData(false, "Origin: http://127.0.0.1:1")]
    [InlineData(false, "Origin: file:///x")]
    [InlineData(false, "Origin: nonsense")]
    [InlineData(false, "Sec-Fetch-Site: same-origin|Origin: http://evil.example")]
    [InlineData(false, "Sec-Fetch-Site: cross-site|Origin: http://{host}")]
    public async Task A_change_comes_from_the_dashboards_own_page(bool allowed, string headers)
    {
        var server = servers.Dashboard;
        var lines = headers.Replace("{host}", server.Api.Client.BaseAddress!.Authority, StringComparison.Ordinal).Split('|', StringSplitOptions.RemoveEmptyEntries);

        var withHeader = await server.SendAsync("POST", "/postoffice/-/api/dead_letters/1-1/retry", [Own, .. lines]);
        var without = await server.SendAsync("POST", "/postoffice/-/api/dead_letters/1-1/retry", lines);

        withHeader.ShouldBeProblem(allowed ? 404 : 403, allowed ? "not-found" : "cross-site");
        without.ShouldBeProblem(403, "cross-site");
    }

    [Theory]
    [InlineData(true, "")]
    [InlineData(true, "Sec-Fetch-Site: same-origin|Origin: http://elsewhere.example")]
    [InlineData(true, "Sec-Fetch-Site: none")]
    [InlineData(true, "Origin: http://{host}")]
    [InlineData(true, "Origin: http://friend.example")]
    [InlineData(true, "Sec-Fetch-Site: cross-site|Origin: http://friend.example")]
    [InlineData(false, "Sec-Fetch-Site: cross-site")]
    [InlineData(false, "Sec-Fetch-Site: same-site|Origin: http://{host}")]
    [InlineData(false, "Sec-Fetch-Site: cross-site|Origin: http://evil.example")]
    [InlineData(false, "Origin: null")]
    [InlineData(false, "Origin: http://evil.example")]
    public async Task The_api_itself_refuses_other_pages_that_no_cors_policy_lets_in(bool allowed, string headers)
    {
        foreach (var server in servers.WithCors)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/api/dead_letters/1-1/retry");
            foreach (var line in headers.Replace("{host}", server.Client.BaseAddress!.Authority, StringComparison.Ordinal).Split('|', StringSplitOptions.RemoveEmptyEntries))
            {
                request.Headers.Add(line.Split(": ")[0], line.Split(": ")[1]);
            }

            (await server.SendAsync(request)).ShouldBeProblem(allowed ? 404 : 403, allowed ? "not-found" : "cross-site");
        }
    }

    [Fact]
    public async Task Without_a_policy_other_pages_may_read_and_change_nothing()
    {
        var server = servers.Dashboard;

        (await server.GetAsync("/api/topics", "Sec-Fetch-Site: cross-site", "Origin: http://evil.example")).Status.Should().Be(200);
        (await server.SendAsync("POST", "/api/dead_letters/1-1/retry", "Origin: http://friend.example")).ShouldBeProblem(403, "cross-site");
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(200, "Sec-Fetch-Site: cross-site")]
    [InlineData(200, "Sec-Fetch-Site: same-origin|Origin: http://behind.example")]
    [InlineData(200, "Origin: http://{host}")]
    [InlineData(403, "Sec-Fetch-Site: cross-site|Origin: http://friend.example")]
    [InlineData(403, "Origin: http://friend.example")]
    [InlineData(403, "Origin: null")]
    public async Task A_link_from_elsewhere_leads_to_the_dashboard_and_a_script_of_elsewhere_reads_nothing(int status, string headers)
    {
        var server = servers.Dashboard;
        var lines = headers.Replace("{host}", server.Api.Client.BaseAddress!.Authority, StringComparison.Ordinal).Split('|', StringSplitOptions.RemoveEmptyEntries);

        foreach (var path in new[] { "/postoffice/-/api/topics", "/postoffice/publishers" })
        {
            (await server.GetAsync(path, lines)).Status.Should().Be(status);
        }
    }

    public sealed class Servers : IAsyncLifetime
    {
        internal DashboardServer Dashboard { get; } = new(app => app.MapPostofficeDashboard());

        /// <summary>Applications whose CORS policy lets in one origin: by name on the API, and as the default of all.</summary>
        internal IReadOnlyList<ApiServer> WithCors { get; } =
        [
            new(
                app => app.UseCors(),
                services => services.AddCors(cors => cors.AddPolicy("friends", policy => policy.WithOrigins("http://friend.example"))),
                api => api.RequireCors("friends")),
            new(
                app => app.UseCors(),
                services => services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins("http://friend.example")))),
        ];

        public async ValueTask InitializeAsync()
        {
            await Dashboard.Api.InitializeAsync();
            foreach (var server in WithCors)
            {
                await server.InitializeAsync();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Dashboard.DisposeAsync();
            foreach (var server in WithCors)
            {
                await server.DisposeAsync();
            }
        }
    }
}
