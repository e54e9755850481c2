using System.Net;
using System.Net.Sockets;

namespace Postoffice.Testing.Receivers;

/// <summary>A receiver that breaks the rules of HTTP: it runs a behaviour, a plain function, on each connection. See <see cref="RawBehaviours"/>.</summary>
/// <example><code>await using var receiver = RawReceiver.Start(RawBehaviours.Answer("ICY 200 OK\r\n\r\n"));</code></example>
public sealed class RawReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<RawConnection, CancellationToken, Task> _behaviour;
    private readonly CancellationTokenSource _stop = new();
    private readonly SignalBoard _signals = new();
    private readonly Lock _gate = new();
    private readonly List<string> _heads = [];
    private readonly List<Task> _serving = [];
    private readonly Task _accepting;
    private int _connections;
    private int _closed;
    private long _bytesSent;

    private RawReceiver(Func<RawConnection, CancellationToken, Task> behaviour)
    {
        _behaviour = behaviour;
        _listener = new TcpListener(IPAddress.Loopback, 0);

        // Small, so that what the kernel holds does not blur how much the other side has read. Accepted sockets inherit it.
        _listener.Server.SendBufferSize = 16 * 1024;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>A target for a publisher: <c>http://127.0.0.1:port/hook</c>.</summary>
    public string Target => $"http://127.0.0.1:{Port}/hook";

    /// <summary>Request line and headers of each request that was read.</summary>
    public IReadOnlyList<string> Heads { get { lock (_gate) { return [.. _heads]; } } }

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>How many connections have ended, whoever ended them.</summary>
    public int Closed => Volatile.Read(ref _closed);

    /// <summary>How many bytes were handed to the kernel.</summary>
    public long BytesSent => Volatile.Read(ref _bytesSent);

    public static RawReceiver Start(Func<RawConnection, CancellationToken, Task> behaviour) => new(behaviour);

    public Task WaitForAsync(Func<RawReceiver, bool> condition, CancellationToken cancellationToken) =>
        _signals.WaitAsync(() => condition(this), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;

        Task[] serving;
        lock (_gate)
        {
            serving = [.. _serving];
        }

        await Task.WhenAll(serving);
        _stop.Dispose();
    }

    internal void RequestRead(string head)
    {
        lock (_gate)
        {
            _heads.Add(head);
        }

        _signals.Changed();
    }

    internal void Sent(int bytes) => Interlocked.Add(ref _bytesSent, bytes);

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_stop.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            Interlocked.Increment(ref _connections);
            lock (_gate)
            {
                _serving.Add(ServeAsync(socket));
            }

            _signals.Changed();
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        using (socket)
        {
            try
            {
                await _behaviour(new RawConnection(socket, this), _stop.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
                // The other side has had enough, or the test is over.
            }
        }

        Interlocked.Increment(ref _closed);
        _signals.Changed();
    }
}
