using System.Net.Sockets;

namespace Postoffice.Transports.Failures;

/// <summary>Puts into a few words why there was no answer, and judges how far the fault may be this node's.</summary>
internal static class NetworkFailure
{
    // .NET says this of whatever is no HTTP/2 at all.
    private const long ProtocolError = 1;

    private static readonly (string, SendFault) ConnectTimeout = ("timeout while connecting", SendFault.Unreachable);

    // https://www.rfc-editor.org/rfc/rfc9113#name-error-codes
    private static readonly string[] Http2Errors =
    [
        "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL",
        "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    ];

    public static SendResult ToResult(Exception exception)
    {
        var (error, fault) = Describe(exception);
        return new SendResult(SendOutcome.Unavailable, Error: error, Fault: fault);
    }

    private static (string Error, SendFault Fault) Describe(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            // The socket knows best; only TLS tells more of what went wrong after it was open.
            if (cause is SocketException socket && exception is not HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError })
            {
                return OfSocket(socket.SocketErrorCode);
            }

            if (cause is OutOfMemoryException)
            {
                return ("out of memory", SendFault.Local);
            }
        }

        // SocketsHttpHandler reports its own connect timeout as a cancellation that nobody asked for.
        return exception is OperationCanceledException ? ConnectTimeout : (DescribeHttp(exception), SendFault.None);
    }

    internal static (string Error, SendFault Fault) OfSocket(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => ("connection refused", SendFault.None),
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => ("connection reset", SendFault.None),
        SocketError.HostNotFound or SocketError.NoData => ("name not found", SendFault.None),
        SocketError.TryAgain or SocketError.NoRecovery => ("name lookup failed", SendFault.Unreachable),
        SocketError.TimedOut => ConnectTimeout,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown =>
            ("host unreachable", SendFault.Unreachable),

        // No free port, or no address of the target's family: a container without IPv6 says this of the second address of a target that is down on its first.
        SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported => ("no way to the host's address", SendFault.Unreachable),
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.ProcessLimit or SocketError.SystemNotReady =>
            ($"this node is out of resources: {error}", SendFault.Local),
        _ => ($"connection failed: {error}", SendFault.None),
    };

    private static string DescribeHttp(Exception exception) => (exception as HttpRequestException)?.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "name not found",
        HttpRequestError.SecureConnectionError => "TLS: " + Innermost(exception),
        HttpRequestError.HttpProtocolError when OfHttp2(exception) is { } error => error,
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError => "answer was not HTTP",
        HttpRequestError.ConfigurationLimitExceeded => "answer's headers are too large",
        _ => DescribeExchange(exception),
    };

    /// <returns>How a receiver has broken off a call or a connection of HTTP/2; null when it does not speak that.</returns>
    private static string? OfHttp2(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpProtocolException { ErrorCode: not ProtocolError } broken)
            {
                return "broken off by the receiver: HTTP/2 "
                    + (broken.ErrorCode >= 0 && broken.ErrorCode < Http2Errors.Length ? Http2Errors[broken.ErrorCode] : $"error {broken.ErrorCode}");
            }
        }

        return null;
    }

    private static string DescribeExchange(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
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
