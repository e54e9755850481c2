using Microsoft.AspNetCore.Builder;
using Postoffice.AspNetCore.Tests.Server;

namespace Postoffice.AspNetCore.Tests.Dashboard;

/// <summary>Who may see the dashboard, and what every answer bears.</summary>
public sealed class DashboardAccessTests
{
    private const string Stranger = DashboardServer.Remote + ": 10.0.0.7";
    private const string Change = "X-Postoffice-Dashboard: 1";

    /// <summary>One of each kind: page, file, icon, API, and what is not there.</summary>
    private static readonly string[] Paths =
    [
        "/postoffice", "/postoffice/topics/x", "/postoffice/favicon.ico", "/postoffice/-/assets/app.js", "/postoffice/-/assets/nope",
        "/postoffice/-/api/topics", "/postoffice/-/api/topics/nope", "/postoffice/-/api/nope", "/postoffice/-/api/health/live", "/postoffice/-/nope",
    ];

    [Fact]
    public async Task Without_authorization_only_this_machine_may()
    {
        await using var server = await DashboardServer.StartAsync(app => app.MapPostofficeDashboard());

        foreach (var path in Paths)
        {
            (await server.GetAsync(path)).Status.Should().BeOneOf([200, 404], "{0} is asked for from here", path);
            (await server.GetAsync(path, Stranger)).Status.Should().Be(403, path);
            (await server.GetAsync(path, "X-Forwarded-For: 127.0.0.1")).Status.Should().Be(403, path);
            (await server.GetAsync(path, "Host: evil.example")).Status.Should().Be(403, path);
            (await server.GetAsync(path, DashboardServer.Remote + ": none")).Status.Should().Be(403, path);
            (await server.SendAsync("POST", path, Stranger, Change)).Status.Should().Be(403, path);
        }
    }

    [Fact]
    public async Task A_person_is_told_by_a_page_how_to_open_it_and_a_program_by_a_problem()
    {
        await using var server = await DashboardServer.StartAsync(app => app.MapPostofficeDashboard());

        var page = await server.GetAsync("/postoffice", Stranger);
        var api = await server.GetAsync("/postoffice/-/api/topics", Stranger);

        page.ContentType.Should().Be("text/html");
        page.Body.Should().Contain("10.0.0.7").And.Contain("RequireAuthorization").And.Contain("AllowRemote");
        page.Header("Cache-Control").Should().Be("no-store");
        api.ShouldBeProblem(403, "remote-access");
        api.Body.Should().Contain("10.0.0.7").And.Contain("RequireAuthorization");
        (await server.GetAsync("/api/topics", Stranger)).Status.Should().Be(200, "the API is another matter");
    }

    [Fact]
    public async Task It_is_opened_in_so_many_words()
    {
        await using var server = await DashboardServer.StartAsync(app =>
        {
            app.MapPostofficeDashboard("/remote", options => options.AllowRemote = true);
            app.MapPostofficeDashboard("/anonymous").AllowAnonymous();
            app.MapGroup("/group").AllowAnonymous().MapPostofficeDashboard("/inner");
        });

        foreach (var prefix in new[] { "/remote", "/anonymous", "/group/inner" })
        {
            (await server.GetAsync(prefix, Stranger)).Status.Should().Be(200, prefix);
            (await server.GetAsync(prefix + "/-/api/topics", Stranger)).Status.Should().Be(200, prefix);
        }
    }

    [Fact]
    public async Task Authorization_covers_all_of_it_and_lets_in_from_everywhere()
    {
        await using var server = await DashboardServer.StartAsync(app => app.MapPostofficeDashboard().RequireAuthorization(DashboardServer.OperatorsOnly));

        foreach (var path in Paths)
        {
            (await server.GetAsync(path)).Status.Should().Be(401, "{0} is asked for by nobody, though from here", path);
            (await server.GetAsync(path, Stranger, DashboardServer.User + ": visitor")).Status.Should().Be(403, path);
            (await server.GetAsync(path, Stranger, DashboardServer.User + ": operator")).Status.Should().BeOneOf([200, 404], path);
            (await server.SendAsync("POST", path, Change)).Status.Should().Be(401, path);
        }

        (await server.GetAsync("/api/topics")).Status.Should().Be(200, "the API is another matter");
    }

    [Fact]
    public async Task Authorization_of_a_group_around_it_counts()
    {
        await using var server = await DashboardServer.StartAsync(app => app.MapGroup("/admin").RequireAuthorization().MapPostofficeDashboard("/mail"));

        (await server.GetAsync("/admin/mail")).Status.Should().Be(401);
        (await server.GetAsync("/admin/mail", Stranger, DashboardServer.User + ": visitor")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Every_answer_bears_the_headers()
    {
        await using var server = await DashboardServer.StartAsync(app =>
        {
            app.MapPostofficeDashboard("/read", options => options.ReadOnly = true);
            app.MapPostofficeDashboard();
        });
        var etag = (await server.GetAsync("/postoffice/-/assets/app.js")).Header("ETag");
        List<Answer> answers =
        [
            await server.GetAsync("/postoffice/-/assets/app.js", "If-None-Match: " + etag),
            await server.SendAsync("POST", "/postoffice/-/api/topics"),
            await server.SendAsync("POST", "/postoffice/-/api/topics", Change),
            await server.SendAsync("PUT", "/postoffice/-/api/topics", Change),
            await server.SendAsync("OPTIONS", "/postoffice/-/api/topics"),
            await server.SendAsync("OPTIONS", "/postoffice/topics"),
            await server.SendAsync("POST", "/postoffice/topics", Change),
            await server.SendAsync("POST", "/read/-/api/topics", Change),
        ];
        foreach (var path in Paths)
        {
            answers.Add(await server.GetAsync(path));
            answers.Add(await server.SendAsync("HEAD", path));
            answers.Add(await server.GetAsync(path, Stranger));
        }

        server.Api.Storage.State = StorageState.Broken;
        answers.Add(await server.GetAsync("/postoffice/-/api/topics"));
        server.Api.Storage.State = StorageState.Down;
        answers.Add(await server.GetAsync("/postoffice/-/api/topics"));

        answers.Select(answer => answer.Status).Distinct().Order().Should().Equal(200, 304, 403, 404, 405, 415, 500, 503);
        foreach (var answer in answers)
        {
            answer.Header("Content-Security-Policy").Should().Be(
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
                + "base-uri 'self'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'");
            answer.Header("X-Content-Type-Options").Should().Be("nosniff");
            answer.Header("X-Frame-Options").Should().Be("DENY");
            answer.Header("Referrer-Policy").Should().Be("no-referrer");
            answer.Header("Cross-Origin-Opener-Policy").Should().Be("same-origin");
            answer.Header("Cross-Origin-Resource-Policy").Should().Be("same-origin");
            answer.Header("Cache-Control").Should().NotBeNull();
        }
    }
}
