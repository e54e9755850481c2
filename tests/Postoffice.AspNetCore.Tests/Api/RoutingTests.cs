using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Postoffice.AspNetCore.Tests.Server;

namespace Postoffice.AspNetCore.Tests.Api;

/// <summary>What lies below the prefix, and that nothing else of the application changes.</summary>
public sealed class RoutingTests : IAsyncLifetime
{
    private readonly ApiServer _server = new(app =>
    {
        app.MapGet("/", () => "home");
        app.MapGet("/api/own", () => "own");
        app.MapFallback(() => Results.Text("fallback", statusCode: 200));
    });

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("GET", "/api")]
    [InlineData("GET", "/api/nope")]
    [InlineData("POST", "/api/nope")]
    [InlineData("GET", "/api/topics/a/b")]
    [InlineData("GET", "/api/%c0%ae%c0%ae/topics")]
    [InlineData("DELETE", "/api/health/deep")]
    public async Task What_is_not_there_is_a_problem(string method, string path) =>
        (await _server.SendAsync(new HttpRequestMessage(new HttpMethod(method), path))).ShouldBeProblem(404, "not-found");

    [Theory]
    [InlineData("PUT", "/api/topics", "GET, HEAD, POST")]
    [InlineData("DELETE", "/api/topics/", "GET, HEAD, POST")]
    [InlineData("POST", "/api/topics/t", "DELETE, GET, HEAD")]
    [InlineData("PUT", "/api/publishers/1", "DELETE, GET, HEAD, PATCH")]
    [InlineData("PUT", "/api/messages", "GET, HEAD, POST")]
    [InlineData("GET", "/api/bulk_messages", "POST")]
    [InlineData("PATCH", "/api/schedule_messages", "POST")]
    [InlineData("POST", "/api/health", "GET, HEAD")]
    [InlineData("OPTIONS", "/api/topics", "GET, HEAD, POST")]
    [InlineData("GET", "/api/dead_letters/retry", "POST")]
    [InlineData("GET", "/api/dead_letters/discard", "POST")]
    [InlineData("POST", "/api/dead_letters/groups", "GET, HEAD")]
    [InlineData("DELETE", "/api/dead_letters/1-1", "GET, HEAD")]
    [InlineData("GET", "/api/dead_letters/1-1/retry", "POST")]
    [InlineData("GET", "/api/publishers/1/replay", "DELETE, POST")]
    [InlineData("POST", "/api/publishers/1/blocked_keys", "GET, HEAD")]
    [InlineData("POST", "/api/messages/1/explain", "GET, HEAD")]
    [InlineData("GET", "/api/publishers/1/test", "POST")]
    [InlineData("GET", "/api/messages/1/deliveries/1/retry", "POST")]
    public async Task A_wrong_verb_is_a_problem_that_names_the_right_ones(string method, string path, string allow)
    {
        var answer = await _server.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        answer.ShouldBeProblem(405, "method-not-allowed");
        answer.ContentHeaders.Allow.Order(StringComparer.Ordinal).Should().Equal(allow.Split(", "));
    }

    [Theory]
    [InlineData("/api/health")]
    [InlineData("/api/health/live")]
    [InlineData("/api/health/ready")]
    [InlineData("/api/health/")]
    public async Task Health_answers_get_and_head(string path)
    {
        var get = await _server.GetAsync(path);
        var head = await _server.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));

        get.Status.Should().Be(200);
        get.Body.Should().Be("""{"status":"ok"}""");
        get.Header("Cache-Control").Should().Be("no-store");
        get.Header("X-Content-Type-Options").Should().Be("nosniff");
        head.Status.Should().Be(200);
        head.Body.Should().BeEmpty();
        head.ContentType.Should().Be("application/json");
    }

    [Theory]
    [InlineData("/", "home")]
    [InlineData("/api/own", "own")]
    [InlineData("/elsewhere", "fallback")]
    public async Task The_application_keeps_its_own_endpoints(string path, string body)
    {
        var answer = await _server.GetAsync(path);

        answer.Body.Should().Be(body);
        answer.Header("X-Content-Type-Options").Should().BeNull();
    }

    [Fact]
    public void Explorers_learn_of_every_endpoint_its_body_and_its_answers()
    {
        var descriptions = _server.Get<IApiDescriptionGroupCollectionProvider>().ApiDescriptionGroups.Items.SelectMany(group => group.Items)
            .Where(description => description.RelativePath!.StartsWith("api/", StringComparison.Ordinal) && description.RelativePath != "api/own").ToList();

        descriptions.Select(description => $"{description.HttpMethod} {description.RelativePath}").Should().BeEquivalentTo(
            "POST api/topics", "GET api/topics", "GET api/topics/{name}", "DELETE api/topics/{name}",
            "POST api/publishers", "GET api/publishers", "GET api/publishers/{id}", "PATCH api/publishers/{id}", "DELETE api/publishers/{id}",
            "GET api/publishers/{id}/blocked_keys", "GET api/publishers/{id}/dead_letters",
            "POST api/publishers/{id}/test", "POST api/messages/{id}/deliveries/{publisher_id}/retry",
            "POST api/publishers/{id}/replay", "DELETE api/publishers/{id}/replay",
            "GET api/dead_letters", "GET api/dead_letters/groups", "GET api/dead_letters/{id}",
            "POST api/dead_letters/{id}/retry", "POST api/dead_letters/{id}/discard", "POST api/dead_letters/retry", "POST api/dead_letters/discard",
            "POST api/messages", "GET api/messages", "GET api/messages/{id}", "GET api/messages/{id}/explain", "POST api/bulk_messages", "POST api/schedule_messages",
            "GET api/overview", "GET api/activity", "GET api/nodes", "GET api/events",
            "GET api/health", "GET api/health/live", "GET api/health/ready");
        descriptions.Where(description => description.HttpMethod is "POST" or "PATCH" && !description.RelativePath!.Contains("{id}/", StringComparison.Ordinal)).Should().OnlyContain(description =>
            description.SupportedRequestFormats.Any(format => format.MediaType == "application/json")
            && description.ParameterDescriptions.Any(parameter => parameter.Source.Id == "Body"));
        descriptions.Should().OnlyContain(description => description.SupportedResponseTypes.Any(response => response.StatusCode >= 200 && response.StatusCode < 300));
    }

    [Fact]
    public void An_application_without_postoffice_is_told_what_is_missing()
    {
        var app = WebApplication.CreateBuilder().Build();

        app.Invoking(application => application.MapPostoffice()).Should().Throw<InvalidOperationException>().WithMessage("*AddPostoffice*");
    }
}
