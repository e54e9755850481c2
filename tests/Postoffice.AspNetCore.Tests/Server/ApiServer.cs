using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Server;

/// <summary>An application with the REST API on a free port, an in-memory store that can be made to fail, and a transport that takes everything.</summary>
public sealed class ApiServer : IAsyncLifetime
{
    private readonly Action<WebApplication>? _map;
    private readonly Action<IServiceCollection>? _replace;
    private readonly Action<IEndpointConventionBuilder>? _api;
    private WebApplication? _app;

    public ApiServer()
        : this(null)
    {
    }

    /// <param name="map">Maps endpoints of the application's own.</param>
    /// <param name="replace">Replaces services.</param>
    /// <param name="api">Adds to the endpoints of the API.</param>
    internal ApiServer(Action<WebApplication>? map, Action<IServiceCollection>? replace = null, Action<IEndpointConventionBuilder>? api = null) =>
        (_map, _replace, _api) = (map, replace, api);

    internal StorageSwitch Storage { get; } = new();

    internal HttpClient Client { get; private set; } = null!;

    internal IPEndPoint EndPoint => new(IPAddress.Loopback, Client.BaseAddress!.Port);

    internal T Get<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel =>
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(1.1)));
        builder.Services.AddPostoffice().UseInMemory().AddTransport<TakingTransport>();
        Storage.Install(builder.Services);
        _replace?.Invoke(builder.Services);
        builder.Services.AddEndpointsApiExplorer();

        _app = builder.Build();
        _map?.Invoke(_app);
        var api = _app.MapPostoffice();
        _api?.Invoke(api);
        await _app.StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        Storage.State = StorageState.Up;
        Client.Dispose();
        await _app!.DisposeAsync();
    }

    internal Task<Answer> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    internal Task<Answer> DeleteAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Delete, path));

    internal Task<Answer> PatchAsync(string path, string json) => SendAsync(new HttpRequestMessage(HttpMethod.Patch, path) { Content = Json(json) });

    internal Task<Answer> PostAsync(string path, string json, string? idempotencyKey = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(json) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return SendAsync(request);
    }

    internal async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            return await Answer.ReadAsync(await Client.SendAsync(request, TestContext.Current.CancellationToken));
        }
    }

    /// <summary>Creates a topic with a name of its own.</summary>
    internal async Task<string> NewTopicAsync()
    {
        var name = $"topic-{Guid.NewGuid():N}";
        (await PostAsync("/api/topics", $$"""{"name":"{{name}}","origin_host":"sender.example"}""")).Status.Should().Be(201);
        return name;
    }

    internal async Task<long> HeadAsync(string topic)
    {
        var id = (await Get<ITopicStore>().FindAsync(topic, TestContext.Current.CancellationToken))!.Id;
        return (await Get<IMessageLog>().HeadsAsync([id], TestContext.Current.CancellationToken))[id];
    }

    private static StringContent Json(string json) => new(json, System.Text.Encoding.UTF8, "application/json");
}
