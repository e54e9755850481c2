using System.Net.Sockets;
using Postoffice.Transports.Failures;

namespace Postoffice.Transports.Tests.Failures;

/// <summary>What can't be provoked on any machine: the mapping of what the network and the system say.</summary>
public sealed class NetworkFailureTests
{
    [Theory]
    [InlineData(SocketError.ConnectionRefused, SendFault.None, "connection refused")]
    [InlineData(SocketError.ConnectionReset, SendFault.None, "connection reset")]
    [InlineData(SocketError.HostNotFound, SendFault.None, "name not found")]
    [InlineData(SocketError.NoData, SendFault.None, "name not found")]
    [InlineData(SocketError.AccessDenied, SendFault.None, "connection failed: AccessDenied")]
    [InlineData(SocketError.TryAgain, SendFault.Unreachable, "name lookup failed")]
    [InlineData(SocketError.NoRecovery, SendFault.Unreachable, "name lookup failed")]
    [InlineData(SocketError.TimedOut, SendFault.Unreachable, "timeout while connecting")]
    [InlineData(SocketError.HostUnreachable, SendFault.Unreachable, "host unreachable")]
    [InlineData(SocketError.NetworkUnreachable, SendFault.Unreachable, "host unreachable")]
    [InlineData(SocketError.NetworkDown, SendFault.Unreachable, "host unreachable")]
    [InlineData(SocketError.HostDown, SendFault.Unreachable, "host unreachable")]
    [InlineData(SocketError.AddressNotAvailable, SendFault.Unreachable, "no way to the host's address")]
    [InlineData(SocketError.AddressFamilyNotSupported, SendFault.Unreachable, "no way to the host's address")]
    [InlineData(SocketError.TooManyOpenSockets, SendFault.Local, "this node is out of resources: TooManyOpenSockets")]
    [InlineData(SocketError.NoBufferSpaceAvailable, SendFault.Local, "this node is out of resources: NoBufferSpaceAvailable")]
    [InlineData(SocketError.ProcessLimit, SendFault.Local, "this node is out of resources: ProcessLimit")]
    public void A_socket_error_means(SocketError socket, SendFault fault, string error)
    {
        var kind = socket is SocketError.HostNotFound or SocketError.TryAgain ? HttpRequestError.NameResolutionError : HttpRequestError.ConnectionError;
        var exception = new HttpRequestException(kind, "as the handler wraps it", new SocketException((int)socket));

        NetworkFailure.ToResult(exception).Should().Be(new SendResult(SendOutcome.Unavailable, Error: error, Fault: fault));
    }

    [Fact]
    public void Memory_that_ran_out_is_the_nodes_own_fault() =>
        NetworkFailure.ToResult(new HttpRequestException("x", new InsufficientMemoryException())).Fault.Should().Be(SendFault.Local);

    [Fact]
    public void A_cancellation_that_nobody_asked_for_is_the_handlers_connect_timeout() =>
        NetworkFailure.ToResult(new TaskCanceledException()).Should().Be(
            new SendResult(SendOutcome.Unavailable, Error: "timeout while connecting", Fault: SendFault.Unreachable));

    [Theory]
    [InlineData(1, "answer was not HTTP")]
    [InlineData(2, "broken off by the receiver: HTTP/2 INTERNAL_ERROR")]
    [InlineData(7, "broken off by the receiver: HTTP/2 REFUSED_STREAM")]
    [InlineData(13, "broken off by the receiver: HTTP/2 HTTP_1_1_REQUIRED")]
    [InlineData(14, "broken off by the receiver: HTTP/2 error 14")]
    public void A_receiver_that_breaks_off_in_HTTP_2_says_why(long code, string error)
    {
        var exception = new HttpRequestException(HttpRequestError.HttpProtocolError, "x", new HttpProtocolException(code, "x", null));

        NetworkFailure.ToResult(exception).Should().Be(new SendResult(SendOutcome.Unavailable, Error: error));
    }

    [Fact]
    public void A_handshake_that_breaks_is_the_targets_doing()
    {
        var exception = new HttpRequestException(HttpRequestError.SecureConnectionError, "x", new IOException("reset", new SocketException((int)SocketError.ConnectionReset)));

        NetworkFailure.ToResult(exception).Should().Match<SendResult>(result => result.Fault == SendFault.None && result.Error!.StartsWith("TLS: "));
    }
}
