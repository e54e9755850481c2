using System.Net.Sockets;
using System.Text;

namespace Postoffice.Testing.Receivers;

/// <summary>One connection of a <see cref="RawReceiver"/>, for a behaviour to misuse.</summary>
public sealed class RawConnection
{
    private readonly Socket _socket;
    private readonly RawReceiver _receiver;

    internal RawConnection(Socket socket, RawReceiver receiver)
    {
        _socket = socket;
        _receiver = receiver;
        Stream = new NetworkStream(socket, ownsSocket: false);
    }

    public Stream Stream { get; }

    /// <summary>Reads one request: its headers and as much body as they announce. False when the other side closed first.</summary>
    public async Task<bool> ReadRequestAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new byte[8 * 1024];
        var headEnd = -1;
        while (headEnd < 0)
        {
            var read = await Stream.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                return false;
            }

            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            headEnd = text.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal);
        }

        var head = text.ToString(0, headEnd);
        var missing = ContentLength(head) - (text.Length - headEnd - 4);
        while (missing > 0)
        {
            var read = await Stream.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                return false;
            }

            missing -= read;
        }

        _receiver.RequestRead(head);
        return true;
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await Stream.WriteAsync(bytes, cancellationToken);
        _receiver.Sent(bytes.Length);
    }

    public Task WriteAsync(string text, CancellationToken cancellationToken) => WriteAsync(Encoding.Latin1.GetBytes(text), cancellationToken);

    /// <summary>Completes when the other side has closed or reset the connection; whatever it sends until then is dropped.</summary>
    public async Task WaitForCloseAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[1024];
        try
        {
            while (await Stream.ReadAsync(buffer, cancellationToken) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is a close too.
        }
    }

    /// <summary>Closes with RST instead of FIN.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    /// <summary>Says that no more is coming, and goes on listening.</summary>
    public void CloseWrite() => _socket.Shutdown(SocketShutdown.Send);

    private static int ContentLength(string head)
    {
        foreach (var line in head.Split("\r\n"))
        {
            if (line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase))
            {
                return int.Parse(line["content-length:".Length..], System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }
}
