using Microsoft.Extensions.DependencyInjection;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Transports;

namespace Postoffice.AspNetCore.Tests.Api;

/// <summary>A type that the application knows and has not set up: whoever asks for it is told what is missing.</summary>
public sealed class UnconfiguredTransportTests : IAsyncLifetime
{
    private const string Remedy = "set Postoffice:PubSub:ProjectId to the id of your project and start again";

    private readonly ApiServer _server = new(null, services => services.AddSingleton(new UnconfiguredTransport("pubsub", Remedy)));

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("orders")]
    [InlineData("no target at all")]
    [InlineData("https://receiver.example/hook")]
    public async Task A_publisher_of_it_is_refused_with_the_remedy(string target)
    {
        var answer = await _server.PostAsync("/api/publishers",
            $$"""{"active":true,"topic":"{{await _server.NewTopicAsync()}}","type":"pubsub","target":"{{target}}"}""");

        answer.ShouldBeProblem(400, "validation");
        answer.ShouldHaveError("type", $"is invalid: pubsub is not set up here; {Remedy}");
        answer.Json.GetProperty("errors").EnumerateObject().Select(error => error.Name).Should().Equal(["type"], "nobody here can judge its target");
    }

    [Fact]
    public async Task A_test_delivery_of_a_publisher_of_it_that_is_there_names_the_remedy()
    {
        var topic = await _server.NewTopicAsync();
        var stored = await _server.Get<IPublisherStore>().TryAddAsync(
            new NewPublisher(topic, "pubsub", "projects/p/topics/t", Active: false, FromNow: false, new PublisherSettings()), TestContext.Current.CancellationToken);

        var answer = await _server.PostAsync($"/api/publishers/{stored.Publisher!.Id}/test", "{}");

        answer.ShouldBeProblem(409, "no-transport");
        answer.Json.GetProperty("detail").GetString().Should().Contain("pubsub is not set up on this node").And.Contain(Remedy);
    }
}
