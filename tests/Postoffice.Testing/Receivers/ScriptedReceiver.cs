using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Postoffice.Testing.Receivers;

/// <summary>
/// A receiver on a real socket that says what the test tells it to and writes down what it gets. It is a bare Kestrel without host, routing and logs,
/// so that a load of requests is cheap. Requests of protocol mischief are the business of <see cref="RawReceiver"/>.
/// </summary>
/// <example>
/// <code>
/// await using var receiver = await ScriptedReceiver.StartAsync();
/// receiver.Enqueue(new ScriptedAnswer(503));        // the first is refused, all others get 200
/// …
/// await receiver.WaitForAsync(2, cancellationToken);
/// </code>
/// </example>
public sealed class ScriptedReceiver : IAsyncDisposable
{
    private readonly bool _keepRequests;
    private readonly Lock _gate = new();
    private readonly List<ReceivedRequest> _requests = [];
    private readonly ConcurrentQueue<ScriptedAnswer> _answers = new();
    private readonly ConcurrentDictionary<string, byte> _connections = new();
    private readonly Queue<TaskCompletionSource> _held = new();
    private readonly SignalBoard _signals = new();
    private KestrelServer? _server;
    private Func<ReceivedRequest, ScriptedAnswer?>? _script;
    private bool _isHolding;
    private int _count;
    private int _answered;
    private int _concurrent;
    private int _maxConcurrent;

    private ScriptedReceiver(bool keepRequests) => _keepRequests = keepRequests;

    /// <summary>The port, the same after <see cref="StartAgainAsync"/>.</summary>
    public int Port { get; private set; }

    /// <summary>A target for a publisher: <c>http://127.0.0.1:port/hook</c>.</summary>
    public string Target => $"http://127.0.0.1:{Port}/hook";

    /// <summary>What is said when neither script nor queue have an answer. 200 unless set.</summary>
    public ScriptedAnswer DefaultAnswer { get; set; } = ScriptedAnswer.Ok;

    /// <summary>A copy of all requests so far, in order of arrival; empty when only ids are kept.</summary>
    public IReadOnlyList<ReceivedRequest> Requests { get { lock (_gate) { return [.. _requests]; } } }

    public ReceiverLedger Ledger { get; } = new();

    /// <summary>How many requests have come, answered or not.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many requests have been answered, aborted or given up by their sender.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>How many requests are held back now.</summary>
    public int Held { get { lock (_gate) { return _held.Count(held => !held.Task.IsCompleted); } } }

    /// <summary>The most requests that were here at once.</summary>
    public int MaxConcurrent => Volatile.Read(ref _maxConcurrent);

    /// <summary>How many connections requests have come over.</summary>
    public int Connections => _connections.Count;

    /// <param name="keepRequests">False for loads of requests: only the ledger is kept, bodies are read and dropped.</param>
    /// <param name="port">A port to listen on; any free one when 0.</param>
    public static async Task<ScriptedReceiver> StartAsync(bool keepRequests = true, int port = 0)
    {
        var receiver = new ScriptedReceiver(keepRequests) { Port = port };
        await receiver.StartAgainAsync();
        return receiver;
    }

    /// <summary>Starts to listen after <see cref="StopAsync"/>, on the same port; what was written down stays.</summary>
    public async Task StartAgainAsync()
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        ListenOptions? listener = null;
        options.Listen(IPAddress.Loopback, Port, listen => listener = listen);

        var sockets = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        _server = new KestrelServer(Options.Create(options), sockets, NullLoggerFactory.Instance);
        await _server.StartAsync(new Application(this), CancellationToken.None);
        Port = listener!.IPEndPoint!.Port;
    }

    /// <summary>Plays a receiver that is down: connections are refused, those that are open break off.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is not { } server)
        {
            return;
        }

        // A cancelled token makes Kestrel abort what is open instead of waiting for it.
        await server.StopAsync(new CancellationToken(canceled: true));
        server.Dispose();
    }

    public ValueTask DisposeAsync() => new(StopAsync());

    /// <summary>Answers for the next requests, one each, before the default.</summary>
    public void Enqueue(params ReadOnlySpan<ScriptedAnswer> answers)
    {
        foreach (var answer in answers)
        {
            _answers.Enqueue(answer);
        }
    }

    /// <summary>Answers by what came; null goes on to the queue and the default. Called by many requests at once.</summary>
    public void AnswerBy(Func<ReceivedRequest, ScriptedAnswer?> script) => _script = script;

    /// <summary>Answers nothing from now on, until <see cref="Release"/> or <see cref="ReleaseAll"/>.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _isHolding = true;
        }
    }

    /// <summary>Lets the oldest held requests have their answers; later ones are still held.</summary>
    public void Release(int count = 1)
    {
        lock (_gate)
        {
            // One whose sender has given up has been cancelled and does not count.
            while (count > 0 && _held.TryDequeue(out var held))
            {
                count -= held.TrySetResult() ? 1 : 0;
            }
        }
    }

    /// <summary>Lets all held requests have their answers, and holds no more.</summary>
    public void ReleaseAll()
    {
        lock (_gate)
        {
            _isHolding = false;
            while (_held.TryDequeue(out var held))
            {
                held.TrySetResult();
            }
        }
    }

    /// <summary>Completes when that many requests have come, counted from the start.</summary>
    public Task WaitForAsync(int count, CancellationToken cancellationToken) => _signals.WaitAsync(() => Count >= count, cancellationToken);

    /// <summary>Completes when the condition holds; judged whenever a request has come or been answered, so it must be quick.</summary>
    public Task WaitForAsync(Func<ScriptedReceiver, bool> condition, CancellationToken cancellationToken) =>
        _signals.WaitAsync(() => condition(this), cancellationToken);

    private async Task AnswerAsync(HttpContext context)
    {
        var concurrent = Interlocked.Increment(ref _concurrent);
        try
        {
            // A plain maximum, raised until nobody else has raised it further.
            for (var max = MaxConcurrent; concurrent > max; max = MaxConcurrent)
            {
                Interlocked.CompareExchange(ref _maxConcurrent, concurrent, max);
            }

            var body = await ReadBodyAsync(context);
            var (request, gate) = Record(context, body);
            _signals.Changed();
            if (gate is not null)
            {
                await using var givenUp = context.RequestAborted.UnsafeRegister(static held => ((TaskCompletionSource)held!).TrySetCanceled(), gate);
                await gate.Task;
            }

            var answer = (request is null ? null : _script?.Invoke(request)) ?? (_answers.TryDequeue(out var next) ? next : DefaultAnswer);
            await WriteAsync(context, answer);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or Microsoft.AspNetCore.Http.BadHttpRequestException)
        {
            context.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _concurrent);
            Interlocked.Increment(ref _answered);
            _signals.Changed();
        }
    }

    private async Task<byte[]> ReadBodyAsync(HttpContext context)
    {
        if (!_keepRequests && _script is null)
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            return [];
        }

        using var body = new MemoryStream((int)(context.Request.ContentLength ?? 0));
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    private (ReceivedRequest? Request, TaskCompletionSource? Gate) Record(HttpContext context, byte[] body)
    {
        _connections.TryAdd(context.Connection.Id, 0);
        Ledger.Record(context.Request.Headers["message-id"]);

        lock (_gate)
        {
            var number = ++_count;
            var request = _keepRequests || _script is not null ? Describe(context, body, number) : null;
            if (_keepRequests)
            {
                _requests.Add(request!);
            }

            TaskCompletionSource? gate = null;
            if (_isHolding)
            {
                gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _held.Enqueue(gate);
            }

            return (request, gate);
        }
    }

    private static ReceivedRequest Describe(HttpContext context, byte[] body, int number) => new()
    {
        Number = number,
        Method = context.Request.Method,
        Path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
        Headers = context.Request.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value.ToArray()), StringComparer.OrdinalIgnoreCase),
        Body = body,
        ReceivedAt = TimeProvider.System.GetUtcNow(),
        ConnectionId = context.Connection.Id,
    };

    private static async Task WriteAsync(HttpContext context, ScriptedAnswer answer)
    {
        if (answer.IsAbort)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            context.Response.Headers[name] = value;
        }

        if (answer.Body.Length > 0)
        {
            context.Response.ContentLength = answer.Body.Length;
            await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
        }
    }

    private sealed class Application(ScriptedReceiver receiver) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => receiver.AnswerAsync(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
