using System.Net;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Postoffice.Testing.PubSub.Protocol;
using Postoffice.Testing.Receivers;

namespace Postoffice.Testing.PubSub;

/// <summary>
/// A stand-in for Google's service on a real socket, for what the real emulator cannot be made to do: it fails as it is told, writes down each request, and keeps
/// its books while it is down.
/// </summary>
public sealed class FakePubSub : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<PublishCall> _calls = [];
    private readonly List<PubsubMessage> _messages = [];
    private readonly SignalBoard _signals = new();
    private WebApplication? _app;

    private FakePubSub(int port) => Port = port;

    /// <summary>The port, the same after <see cref="StartAgainAsync"/>.</summary>
    public int Port { get; private set; }

    /// <summary><c>HOST:PORT</c>, as an emulator's is given.</summary>
    public string Host => $"127.0.0.1:{Port}";

    /// <summary>The same as an endpoint.</summary>
    public Uri Address => new($"http://{Host}");

    /// <summary>What happens before a request is taken: throws to refuse it, waits, or aborts its connection. Called by many requests at once.</summary>
    public Func<PublishCall, Task>? OnPublish { get; set; }

    /// <summary>What happens after a request was taken and before it is answered: for an answer that is lost.</summary>
    public Func<PublishCall, Task>? OnTaken { get; set; }

    /// <summary>All requests so far, refused ones too, in order of arrival.</summary>
    public IReadOnlyList<PublishCall> Calls { get { lock (_gate) { return [.. _calls]; } } }

    /// <summary>All messages that were taken, in order.</summary>
    public IReadOnlyList<PubsubMessage> Messages { get { lock (_gate) { return [.. _messages]; } } }

    /// <summary>Which messages were taken, and how often.</summary>
    public ReceiverLedger Ledger { get; } = new();

    /// <param name="port">A port to listen on; any free one when 0.</param>
    public static async Task<FakePubSub> StartAsync(int port = 0)
    {
        var fake = new FakePubSub(port);
        await fake.StartAgainAsync();
        return fake;
    }

    /// <summary>Starts to listen after <see cref="StopAsync"/>, on the same port; what was taken stays.</summary>
    public async Task StartAgainAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRouting();
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton(this);
        var app = builder.Build();
        app.MapGrpcService<Service>();
        await app.StartAsync();
        Port = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()).Port;
        _app = app;
    }

    /// <summary>Plays a service that is down: connections are refused, those that are open break off.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is { } app)
        {
            // A cancelled token makes Kestrel abort what is open instead of waiting for it.
            await app.StopAsync(new CancellationToken(canceled: true));
            await app.DisposeAsync();
        }
    }

    public ValueTask DisposeAsync() => new(StopAsync());

    /// <summary>Completes when the condition holds; judged whenever a request has come or been answered, so it must be quick.</summary>
    public Task WaitForAsync(Func<FakePubSub, bool> condition, CancellationToken cancellationToken) => _signals.WaitAsync(() => condition(this), cancellationToken);

    /// <summary>Completes when so many different messages were taken.</summary>
    public Task WaitForMessagesAsync(int count, CancellationToken cancellationToken) => WaitForAsync(fake => fake.Ledger.Distinct >= count, cancellationToken);

    /// <summary>A refusal as the service makes it; with the pause that it asks for.</summary>
    public static RpcException Refusal(StatusCode code, string detail = "refused by the test", TimeSpan? retryAfter = null)
    {
        if (retryAfter is not { } delay)
        {
            return new RpcException(new Grpc.Core.Status(code, detail));
        }

        var status = new Google.Rpc.Status { Code = (int)code, Message = detail };
        status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
        return status.ToRpcException();
    }

    private async Task<PublishResponse> PublishAsync(PublishRequest request, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        PublishCall call;
        lock (_gate)
        {
            call = new PublishCall(_calls.Count + 1, request, context.RequestHeaders.GetValue("authorization"), context.Deadline, http);
            _calls.Add(call);
        }

        _signals.Changed();
        if (OnPublish is { } script)
        {
            await script(call);
        }

        var response = new PublishResponse();
        lock (_gate)
        {
            foreach (var message in request.Messages)
            {
                _messages.Add(message);
                Ledger.Record(message.Attributes.TryGetValue("message-id", out var id) ? id : null);
                response.MessageIds.Add($"{_messages.Count}");
            }
        }

        _signals.Changed();
        if (OnTaken is { } taken)
        {
            await taken(call);
        }

        return response;
    }

    private sealed class Service(FakePubSub fake) : Publisher.PublisherBase
    {
        public override Task<PublishResponse> Publish(PublishRequest request, ServerCallContext context) => fake.PublishAsync(request, context);
    }
}

/// <summary>A request to publish, as it came over the wire.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Request">The request.</param>
/// <param name="Authorization">The header; null without one.</param>
/// <param name="Deadline">By when the caller wants an answer, as it told.</param>
/// <param name="Http">The call underneath, while it lasts: whether the caller has gone, and the connection to break off.</param>
public sealed record PublishCall(int Number, PublishRequest Request, string? Authorization, DateTime Deadline, HttpContext Http)
{
    public IReadOnlyList<PubsubMessage> Messages => Request.Messages;

    public string ConnectionId { get; } = Http.Connection.Id;

    public DateTimeOffset ReceivedAt { get; } = TimeProvider.System.GetUtcNow();

    public IReadOnlyDictionary<string, string> Headers { get; } = Http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString());

    /// <summary>Never answers: ends when the caller gives up.</summary>
    public Task HangAsync() => new TaskCompletionSource().Task.WaitAsync(Http.RequestAborted);
}
