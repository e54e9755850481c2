using System.Net.Sockets;

namespace Postoffice.Transports.Http;

/// <summary>Puts into a few words why there was no answer.</summary>
internal static class HttpFailure
{
    public static string Describe(Exception exception)
    {
        // SocketsHttpHandler reports its own connect timeout as a cancellation that nobody asked for.
        if (exception is OperationCanceledException)
        {
            return "timeout while connecting";
        }

        return (exception as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "name not found",
            HttpRequestError.SecureConnectionError => "TLS: " + Innermost(exception),
            HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError => "answer was not HTTP",
            HttpRequestError.ConfigurationLimitExceeded => "answer's headers are too large",
            _ => DescribeSocket(exception),
        };
    }

    private static string DescribeSocket(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SocketException socket:
                    return socket.SocketErrorCode switch
                    {
                        SocketError.ConnectionRefused => "connection refused",
                        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => "connection reset",
                        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery => "name not found",
                        SocketError.TimedOut => "timeout while connecting",
                        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown => "host unreachable",
                        _ => $"connection failed: {socket.SocketErrorCode}",
                    };
                case HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }:
                    return "connection closed before an answer";
                case HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError }:
                    return "answer was not HTTP";
            }
        }

        return "request failed: " + Innermost(exception);
    }

    private static string Innermost(Exception exception) => ErrorText.Clean(exception.GetBaseException().Message);
}
