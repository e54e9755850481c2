using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Postoffice.Testing.Receivers;

/// <summary>What receivers have been seen to do.</summary>
public static class RawBehaviours
{
    // A drip must be slower than the reader and faster than the deadline that is tested.
    private static readonly TimeSpan DripInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads a request, writes the bytes as they are, and closes.</summary>
    public static Func<RawConnection, CancellationToken, Task> Answer(string bytes) => async (connection, cancellationToken) =>
    {
        if (await connection.ReadRequestAsync(cancellationToken))
        {
            await connection.WriteAsync(bytes, cancellationToken);
        }
    };

    /// <summary>Answers each request with the same bytes and leaves closing to the other side.</summary>
    public static Func<RawConnection, CancellationToken, Task> AnswerEach(string bytes) => async (connection, cancellationToken) =>
    {
        while (await connection.ReadRequestAsync(cancellationToken))
        {
            await connection.WriteAsync(bytes, cancellationToken);
        }
    };

    /// <summary>Writes the bytes, then nothing, and keeps the connection open: with <c>""</c> it hangs before the headers, else wherever the bytes end.</summary>
    public static Func<RawConnection, CancellationToken, Task> AnswerAndHang(string bytes) => async (connection, cancellationToken) =>
    {
        if (await connection.ReadRequestAsync(cancellationToken))
        {
            await connection.WriteAsync(bytes, cancellationToken);
            await connection.WaitForCloseAsync(cancellationToken);
        }
    };

    /// <summary>Takes the connection and never reads or writes: a TLS handshake that hangs.</summary>
    public static async Task Hang(RawConnection connection, CancellationToken cancellationToken) => await connection.WaitForCloseAsync(cancellationToken);

    public static async Task CloseWithoutAByte(RawConnection connection, CancellationToken cancellationToken) =>
        await connection.ReadRequestAsync(cancellationToken);

    /// <summary>Writes the bytes, then one byte of <paramref name="drip"/> every 20 milliseconds, for ever.</summary>
    public static Func<RawConnection, CancellationToken, Task> Drip(string bytes, string drip) => async (connection, cancellationToken) =>
    {
        if (!await connection.ReadRequestAsync(cancellationToken))
        {
            return;
        }

        await connection.WriteAsync(bytes, cancellationToken);
        using var timer = new PeriodicTimer(DripInterval);
        for (var i = 0; await timer.WaitForNextTickAsync(cancellationToken); i++)
        {
            await connection.WriteAsync(drip[i % drip.Length].ToString(), cancellationToken);
        }
    };

    /// <summary>Writes a body as fast as it is taken, for ever.</summary>
    public static Func<RawConnection, CancellationToken, Task> EndlessBody(int status) => async (connection, cancellationToken) =>
    {
        if (!await connection.ReadRequestAsync(cancellationToken))
        {
            return;
        }

        await connection.WriteAsync($"HTTP/1.1 {status} X\r\nContent-Length: 10737418240\r\n\r\n", cancellationToken);
        var block = new byte[4 * 1024];
        block.AsSpan().Fill((byte)'x');
        while (true)
        {
            await connection.WriteAsync(block, cancellationToken);
        }
    };

    /// <summary>Resets the connection at once.</summary>
    public static Task ResetBeforeRequest(RawConnection connection, CancellationToken cancellationToken)
    {
        connection.Reset();
        return Task.CompletedTask;
    }

    /// <summary>Reads a request and resets the connection instead of an answer.</summary>
    public static async Task ResetAfterRequest(RawConnection connection, CancellationToken cancellationToken)
    {
        await connection.ReadRequestAsync(cancellationToken);
        connection.Reset();
    }

    /// <summary>Reads a request, says that nothing is coming, and stays.</summary>
    public static async Task HalfClose(RawConnection connection, CancellationToken cancellationToken)
    {
        await connection.ReadRequestAsync(cancellationToken);
        connection.CloseWrite();
        await connection.WaitForCloseAsync(cancellationToken);
    }

    /// <summary>Speaks TLS with the given certificate, which the other side may not like.</summary>
    public static Func<RawConnection, CancellationToken, Task> Tls(X509Certificate2 certificate) => async (connection, cancellationToken) =>
    {
        await using var tls = new SslStream(connection.Stream);
        try
        {
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancellationToken);
            await connection.WaitForCloseAsync(cancellationToken);
        }
        catch (System.Security.Authentication.AuthenticationException)
        {
            // It did not.
        }
    };
}
