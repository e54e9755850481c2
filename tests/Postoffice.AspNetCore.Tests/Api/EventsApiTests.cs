using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Storage;
using Postoffice.Storage.InMemory;

namespace Postoffice.AspNetCore.Tests.Api;

public sealed class EventsApiTests : IAsyncLifetime
{
    private readonly ApiServer _server = new();

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Who_connects_hears_the_pulse_at_once_in_an_answer_that_nobody_holds_back()
    {
        await PublishAsync(await _server.NewTopicAsync());
        using var events = await EventReader.ConnectAsync(_server);

        ((int)events.Response.StatusCode).Should().Be(200);
        events.Response.Content.Headers.ContentType!.ToString().Should().Be("text/event-stream");
        events.Response.Headers.GetValues("X-Accel-Buffering").Should().Equal("no");
        events.Response.Headers.CacheControl!.NoStore.Should().BeTrue();
        var pulse = (await events.NextAsync())!.Value;
        pulse.EnumerateObject().Select(member => member.Name).Should().Equal("at", "received", "delivered", "change");
        pulse.GetProperty("received").GetInt64().Should().Be(1);
        pulse.GetProperty("change").GetString().Should().NotBeNullOrEmpty();
    }

    [Fact]
    public async Task What_is_published_and_what_is_delivered_is_a_change_each()
    {
        var topic = await _server.NewTopicAsync();
        using var events = await EventReader.ConnectAsync(_server);
        var changes = new HashSet<string?>();
        await HearAsync(pulse => pulse.GetProperty("received").GetInt64() == 0);

        await PublishAsync(topic);
        await HearAsync(pulse => pulse.GetProperty("received").GetInt64() == 1 && pulse.GetProperty("delivered").GetInt64() == 0);

        await _server.PostAsync("/api/publishers", $$"""{"active":true,"topic":"{{topic}}","type":"http","target":"https://receiver.example/"}""");
        await HearAsync(pulse => pulse.GetProperty("delivered").GetInt64() == 1);

        async Task HearAsync(Func<JsonElement, bool> isMeant)
        {
            JsonElement pulse;
            do
            {
                pulse = (await events.NextAsync())!.Value;
                changes.Add(pulse.GetProperty("change").GetString()).Should().BeTrue("a pulse that says the same again is none");
            }
            while (!isMeant(pulse));
        }
    }

    [Fact]
    public async Task A_stop_of_the_application_ends_the_stream()
    {
        using var events = await EventReader.ConnectAsync(_server);
        await events.NextAsync();

        _server.Get<IHostApplicationLifetime>().StopApplication();

        (await events.NextAsync()).Should().BeNull();
    }

    [Fact]
    public async Task Head_answers_at_once()
    {
        var answer = await _server.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/events"));

        answer.Status.Should().Be(200);
        answer.ContentType.Should().Be("text/event-stream");
        answer.Body.Should().BeEmpty();
    }

    [Fact]
    public async Task An_outage_keeps_the_connection_and_it_goes_on_when_the_storage_is_back()
    {
        _server.Storage.State = StorageState.Down;
        using var events = await EventReader.ConnectAsync(_server);
        ((int)events.Response.StatusCode).Should().Be(200);
        (await events.NextLineAsync()).Should().StartWith("retry: ", "the caller knows that it is heard");

        _server.Storage.State = StorageState.Up;

        (await events.NextAsync()).Should().NotBeNull();
    }

    private async Task PublishAsync(string topic) =>
        (await _server.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{} }""")).Status.Should().Be(201);
}

/// <summary>What listeners cost.</summary>
public sealed class EventListenersTests : IAsyncLifetime
{
    private readonly ApiServer _server;

    public EventListenersTests() => _server = new ApiServer(null, services => services.Replace(ServiceDescriptor.Singleton<IOverviewStore>(provider =>
    {
        var store = DispatchProxy.Create<IOverviewStore, Counting>();
        ((Counting)(object)store).Inner = new InMemoryOverviewStore(provider.GetRequiredService<InMemoryDatabase>());
        return store;
    })));

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Many_listeners_cost_one_query_a_second_and_none_cost_nothing()
    {
        var counting = (Counting)(object)_server.Get<IOverviewStore>();
        counting.Pulses.Should().Be(0);

        var start = TimeProvider.System.GetTimestamp();
        var listeners = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => EventReader.ConnectAsync(_server)));
        await Task.WhenAll(listeners.Select(listener => listener.NextAsync()));
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;

        counting.Pulses.Should().BeInRange(1, 1 + (int)seconds);
        foreach (var listener in listeners)
        {
            listener.Dispose();
        }
    }

#pragma warning disable CA1852 // DispatchProxy derives from it.
    public class Counting : DispatchProxy
    {
        private int _pulses;

        internal IOverviewStore? Inner { get; set; }

        internal int Pulses => _pulses;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(IOverviewStore.PulseAsync))
            {
                Interlocked.Increment(ref _pulses);
            }

            return targetMethod.Invoke(Inner, args);
        }
    }
}
