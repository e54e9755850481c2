using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postoffice.AspNetCore.Tests.Server;

/// <summary>Bytes on a socket, for what no HTTP client would send.</summary>
internal static class RawRequest
{
    /// <returns>The answer's status; 0 when the connection was closed without one.</returns>
    public static async Task<(int Status, string Text)> SendAsync(IPEndPoint server, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);

        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        try
        {
            while (!IsComplete(text.ToString()) && await stream.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // The server cut the connection; what it said before counts.
        }

        var answer = text.ToString();
        return (answer.Length > 12 ? int.Parse(answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture) : 0, answer);
    }

    private static bool IsComplete(string text)
    {
        var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return head >= 0 && (text.Contains("Content-Length: 0\r\n", StringComparison.OrdinalIgnoreCase) || text.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal));
    }
}
