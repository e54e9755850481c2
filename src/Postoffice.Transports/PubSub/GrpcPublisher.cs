using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Postoffice.Transports.PubSub.Protocol;

namespace Postoffice.Transports.PubSub;

/// <summary>
/// Calls Google's service: the one place that knows how. It speaks the public gRPC API by itself; a client library of Google's would stand here and nowhere else.
/// Each publisher has its own, with connections of its own.
/// </summary>
internal sealed class GrpcPublisher : IAsyncDisposable
{
    private readonly string _topic;
    private readonly Uri _address;
    private readonly PubSubCredentials? _credentials;
    private readonly GrpcChannel _channel;
    private readonly Publisher.PublisherClient _client;

    /// <param name="topic">The full name of the topic.</param>
    /// <param name="endpoint">Where the service, or an emulator of it, answers.</param>
    /// <param name="credentials">Asked for a token with each call; not for an emulator.</param>
    /// <param name="connectTimeout">How long connecting may take.</param>
    public GrpcPublisher(string topic, PubSubEndpoint endpoint, PubSubCredentials credentials, TimeSpan connectTimeout)
    {
        _topic = topic;
        _address = endpoint.Address;
        _credentials = endpoint.IsEmulator ? null : credentials;
        _channel = GrpcChannel.ForAddress(endpoint.Address, new GrpcChannelOptions
        {
            HttpHandler = CreateHandler(connectTimeout),
            DisposeHttpClient = true,
        });
        _client = new Publisher.PublisherClient(_channel);
    }

    /// <summary>Publishes messages, all of them or none.</summary>
    /// <param name="messages">The messages; as many and as much as the service takes.</param>
    /// <param name="deadline">When the call must have ended, by the clock of this machine: said to the service too. One that is too large would never return.</param>
    /// <param name="cancellationToken">Cancelled when the attempt's time is over.</param>
    /// <returns>What the service said; a refusal, an unreachable host and missing credentials are values. Accepted: with the ids that it gave.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<(SendResult Result, IReadOnlyList<string> Ids)> PublishAsync(
        IEnumerable<PubsubMessage> messages, DateTime deadline, CancellationToken cancellationToken)
    {
        var request = new PublishRequest { Topic = _topic };
        request.Messages.AddRange(messages);
        var (headers, grant, refusal) = await AuthorizeAsync(cancellationToken).ConfigureAwait(false);
        if (refusal is { } refused)
        {
            return (refused, []);
        }

        try
        {
            var call = _client.PublishAsync(request, headers, deadline, cancellationToken);
            var response = await call.ResponseAsync.ConfigureAwait(false);
            return response.MessageIds.Count == request.Messages.Count
                ? (PubSubResultClassifier.Accepted, response.MessageIds)
                : (new SendResult(SendOutcome.Unavailable, 200, $"answered with {response.MessageIds.Count} ids for {request.Messages.Count} messages"), []);
        }
        catch (RpcException exception)
        {
            if (exception.StatusCode == StatusCode.Unauthenticated && grant is { } refusedGrant)
            {
                _credentials?.Forget(refusedGrant);
            }

            // Made up on this side when the attempt's time was over. What the service itself has said counts, however late it is read.
            if (exception.StatusCode is StatusCode.Cancelled or StatusCode.DeadlineExceeded || exception.Status.DebugException is not null)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            return (PubSubResultClassifier.Classify(exception, _topic), []);
        }
    }

    public ValueTask DisposeAsync()
    {
        _channel.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<(Metadata Headers, PubSubCredentials.Grant? Grant, SendResult? Refusal)> AuthorizeAsync(CancellationToken cancellationToken)
    {
        // The service asks for the resource's name in a header too, by which it finds the place that has the topic.
        // https://google.aip.dev/client-libraries/4222
        var headers = new Metadata { { "x-goog-request-params", "topic=" + Uri.EscapeDataString(_topic) } };
        if (_credentials is null)
        {
            return (headers, null, null);
        }

        PubSubCredentials.Grant grant;
        try
        {
            grant = await _credentials.GetAsync(_address, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (headers, null, CredentialFailure.ToResult(exception));
        }

        headers.Add("authorization", "Bearer " + grant.Token.AccessToken);
        foreach (var (name, values) in grant.Token.Headers)
        {
            foreach (var value in values)
            {
                headers.Add(name, value);
            }
        }

        return (headers, grant, null);
    }

    private static SocketsHttpHandler CreateHandler(TimeSpan connectTimeout) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = connectTimeout,
        EnableMultipleHttp2Connections = true,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10), // so that a change of the service's addresses is noticed

        // A connection that died without a word is found out while calls wait for it. Not while it is idle: the service would not have that, and closes it soon.
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        ActivityHeadersPropagator = null,

        // Without this the channel keeps a connection by itself: after an outage it waits up to two minutes before it tries again, where the breaker has decided
        // that a probe is due. So a call connects when it needs to. (The egress guard goes here too.)
        ConnectCallback = ConnectAsync,
    };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
