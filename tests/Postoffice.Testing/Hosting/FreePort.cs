using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Postoffice.Testing.Hosting;

/// <summary>Finds a loopback port for a server that will be stopped and started again.</summary>
public static class FreePort
{
    // Below the range that systems give to outgoing connections (32768 on Linux), or one of those could sit on the port while the server is down.
    private const int First = 20_000;
    private const int Last = 32_000;

    public static int Take()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(First, Last);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: try another.
            }
        }

        throw new InvalidOperationException($"No free port was found between {First} and {Last}.");
    }
}
