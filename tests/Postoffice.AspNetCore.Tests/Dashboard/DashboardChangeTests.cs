using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Postoffice.AspNetCore.Tests.Server;

namespace Postoffice.AspNetCore.Tests.Dashboard;

/// <summary>Who may change something by the dashboard, and that no other page may by the browser of such a person.</summary>
public sealed class DashboardChangeTests
{
    private const string Own = "X-Postoffice-Dashboard: 1";

    [Fact]
    public async Task Every_endpoint_that_may_change_something_refuses_without_the_header_and_when_it_is_read_only()
    {
        await using var server = await DashboardServer.StartAsync(app =>
        {
            app.MapPostofficeDashboard("/open");
            app.MapPostofficeDashboard("/read", options => options.ReadOnly = true);
        });
        var changes = Endpoints(server).Where(endpoint => endpoint.Path.StartsWith("/open/", StringComparison.Ordinal) && endpoint.Method is not ("GET" or "HEAD")).ToList();

        changes.Should().HaveCountGreaterThan(10);
        foreach (var (method, path) in changes)
        {
            (await server.SendAsync(method, path)).ShouldBeProblem(403, "cross-site");
            (await server.SendAsync(method, path.Replace("/open/", "/read/", StringComparison.Ordinal), Own)).ShouldBeProblem(403, "read-only");
            (await server.SendAsync(method, path, Own)).Status.Should().NotBe(403, "{0} {1} is the page's own", method, path);
        }
    }

    [Fact]
    public async Task No_get_changes_anything()
    {
        await using var server = await DashboardServer.StartAsync(app => app.MapPostofficeDashboard("/open"));
        var api = server.Api;
        var topic = await api.NewTopicAsync();
        var publisher = await api.PostAsync("/api/publishers", $$"""{"active":false,"topic":"{{topic}}","type":"http","target":"https://receiver.example/"}""");
        var before = (await api.GetAsync("/api/topics")).Body + (await api.GetAsync("/api/publishers")).Body;

        foreach (var (method, path) in Endpoints(server).Where(endpoint => endpoint.Path.StartsWith("/open", StringComparison.Ordinal)))
        {
            // A stream never ends; its headers are all that is waited for.
            var real = path.Replace("/x", "/" + publisher.Data.GetProperty("id").GetInt64(), StringComparison.Ordinal);
            using var response = await api.Client.SendAsync(
                new HttpRequestMessage(HttpMethod.Get, real), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            response.StatusCode.Should().BeOneOf([HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed], "GET {0} ({1})", real, method);
        }

        ((await api.GetAsync("/api/topics")).Body + (await api.GetAsync("/api/publishers")).Body).Should().Be(before);
    }

    [Fact]
    public async Task A_change_policy_leaves_everybody_else_to_look()
    {
        await using var server = await DashboardServer.StartAsync(app => app
            .MapPostofficeDashboard(configure: options => options.ChangePolicy = DashboardServer.OperatorsOnly).RequireAuthorization(DashboardServer.StaffOnly));
        const string Viewer = DashboardServer.User + ": viewer";
        const string Operator = DashboardServer.User + ": operator";

        (await server.GetAsync("/postoffice/-/api/topics", Viewer)).Status.Should().Be(200);
        (await server.GetAsync("/postoffice", Viewer)).Body.Should().Contain("&quot;read_only&quot;:true");
        (await server.SendAsync("POST", "/postoffice/-/api/dead_letters/1-1/retry", Viewer, Own)).ShouldBeProblem(403, "read-only");
        (await server.SendAsync("POST", "/postoffice/-/api/dead_letters/1-1/retry", Viewer)).ShouldBeProblem(403, "cross-site");

        (await server.GetAsync("/postoffice", Operator)).Body.Should().Contain("&quot;read_only&quot;:false");
        (await server.SendAsync("POST", "/postoffice/-/api/dead_letters/1-1/retry", Operator, Own)).ShouldBeProblem(404, "not-found");
        (await server.SendAsync("POST", "/postoffice/-/api/dead_letters/1-1/retry", Operator)).ShouldBeProblem(403, "cross-site");
    }

    [Fact]
    public async Task Read_only_is_so_for_operators_too()
    {
        await using var server = await DashboardServer.StartAsync(app => app.MapPostofficeDashboard(configure: options =>
        {
            options.ChangePolicy = DashboardServer.OperatorsOnly;
            options.ReadOnly = true;
        }));

        (await server.GetAsync("/postoffice", DashboardServer.User + ": operator")).Body.Should().Contain("&quot;read_only&quot;:true");
        (await server.SendAsync("DELETE", "/postoffice/-/api/topics/x", DashboardServer.User + ": operator", Own)).ShouldBeProblem(403, "read-only");
    }

    [Fact]
    public void A_change_policy_without_authorization_is_refused_at_once()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddPostoffice().UseInMemory();
        var app = builder.Build();

        app.Invoking(application => application.MapPostofficeDashboard(configure: options => options.ChangePolicy = "operators"))
            .Should().Throw<InvalidOperationException>().WithMessage("*\"operators\"*AddAuthorization*");
    }

    [Fact]
    public async Task The_copy_of_the_api_takes_no_name_and_stands_in_no_document()
    {
        await using var without = await DashboardServer.StartAsync(_ => { });
        await using var with = await DashboardServer.StartAsync(app =>
        {
            app.MapPostofficeDashboard();
            app.MapPostofficeDashboard("/");
        });

        var names = with.Api.Get<EndpointDataSource>().Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName).OfType<string>().ToList();

        names.Should().OnlyHaveUniqueItems().And.Contain("CreateTopic");
        with.Api.Get<LinkGenerator>().GetPathByName("GetTopic", new { name = "orders" }).Should().Be("/api/topics/orders");
        Described(with).Should().Equal(Described(without)).And.NotBeEmpty();
    }

    private static List<string> Described(DashboardServer server) =>
        [.. server.Api.Get<IApiDescriptionGroupCollectionProvider>().ApiDescriptionGroups.Items.SelectMany(group => group.Items)
            .Select(description => $"{description.HttpMethod} {description.RelativePath} {description.ActionDescriptor.DisplayName}").Order(StringComparer.Ordinal)];

    private static IEnumerable<(string Method, string Path)> Endpoints(DashboardServer server) =>
        server.Api.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["POST"]).Select(method => (method, Path(endpoint.RoutePattern))))
            .Distinct();

    private static string Path(Microsoft.AspNetCore.Routing.Patterns.RoutePattern pattern)
    {
        var path = new StringBuilder();
        foreach (var segment in pattern.PathSegments)
        {
            path.Append('/').Append(segment.Parts[0] is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal ? literal.Content : "x");
        }

        return path.ToString();
    }
}
