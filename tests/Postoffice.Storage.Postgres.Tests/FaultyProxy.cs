using System.Net;
using System.Net.Sockets;

namespace Postoffice.Storage.Postgres.Tests;

/// <summary>Stands between the storage and its server. Frozen, it takes connections and bytes and hands nothing on: what a dead network looks like.</summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _target;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<Socket> _sockets = [];
    private TaskCompletionSource _open = Opened();

    public FaultyProxy(string host, int port)
    {
        _target = new(IPAddress.Parse(host), port);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Freeze()
    {
        lock (_gate)
        {
            _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Thaw()
    {
        lock (_gate)
        {
            _open.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        lock (_gate)
        {
            _sockets.ForEach(socket => socket.Dispose());
        }

        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                lock (_gate)
                {
                    _sockets.AddRange([client, server]);
                }

                await server.ConnectAsync(_target, _stop.Token);
                _ = PumpAsync(client, server);
                _ = PumpAsync(server, client);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
            {
                await WhenOpen().WaitAsync(_stop.Token);
                await to.SendAsync(buffer.AsMemory(0, count), _stop.Token);
            }

            await WhenOpen().WaitAsync(_stop.Token);
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            from.Dispose();
            to.Dispose();
        }
    }

    private Task WhenOpen()
    {
        lock (_gate)
        {
            return _open.Task;
        }
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        open.SetResult();
        return open;
    }
}
