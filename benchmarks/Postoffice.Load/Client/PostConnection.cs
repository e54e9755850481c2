using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postoffice.Load.Client;

/// <summary>
/// One HTTP/1.1 connection that sends the same bytes again and again and reads the answers, without an allocation a request:
/// the client shares the machine with what it measures.
/// </summary>
internal sealed class PostConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[16 * 1024];

    public static byte[] Request(Uri address, string path, ReadOnlySpan<byte> body) =>
    [
        .. Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"),
        .. body,
    ];

    public async Task ConnectAsync(Uri address) => await _socket.ConnectAsync(IPAddress.Parse(address.Host), address.Port);

    /// <exception cref="InvalidOperationException">The answer is not 201.</exception>
    public async ValueTask PostAsync(ReadOnlyMemory<byte> request)
    {
        var sent = 0;
        while (sent < request.Length)
        {
            sent += await _socket.SendAsync(request[sent..]);
        }

        var length = 0;
        do
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(length));
            if (read == 0 || length + read == _buffer.Length)
            {
                throw new InvalidOperationException($"The answer broke off or is too long: {Encoding.UTF8.GetString(_buffer, 0, length)}");
            }

            length += read;
        }
        while (!IsComplete(_buffer.AsSpan(0, length)));

        if (!_buffer.AsSpan(0, length).StartsWith("HTTP/1.1 201"u8))
        {
            throw new InvalidOperationException($"The answer is not 201: {Encoding.UTF8.GetString(_buffer, 0, length)}");
        }
    }

    public void Dispose() => _socket.Dispose();

    // Requests are not pipelined, so what has come is the beginning of one answer or all of it.
    private static bool IsComplete(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var headers = answer[..(end + 2)];
        var at = headers.IndexOf("Content-Length: "u8);
        if (at < 0)
        {
            return answer.EndsWith("\r\n0\r\n\r\n"u8);
        }

        var length = 0;
        for (at += "Content-Length: ".Length; headers[at] is >= (byte)'0' and <= (byte)'9'; at++)
        {
            length = (length * 10) + (headers[at] - '0');
        }

        return answer.Length >= end + 4 + length;
    }
}
