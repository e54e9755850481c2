using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Postoffice.Testing.PubSub;
using Postoffice.Transports.PubSub;

namespace Postoffice.Transports.Tests.PubSub;

public sealed class PubSubResultClassifierTests
{
    private const string Topic = "projects/shop/topics/orders";

    public static TheoryData<StatusCode, SendOutcome, int, SendFault, string> Table => new()
    {
        { StatusCode.Cancelled, SendOutcome.Unavailable, 499, SendFault.None, "CANCELLED: detail" },
        { StatusCode.Unknown, SendOutcome.Unavailable, 500, SendFault.None, "UNKNOWN: detail" },
        { StatusCode.InvalidArgument, SendOutcome.Rejected, 400, SendFault.None, "INVALID_ARGUMENT: detail" },
        { StatusCode.DeadlineExceeded, SendOutcome.Unavailable, 504, SendFault.Timeout, "DEADLINE_EXCEEDED: detail" },
        { StatusCode.NotFound, SendOutcome.Unavailable, 404, SendFault.Setup, $"NOT_FOUND: there is no Pub/Sub topic {Topic}; create it, or correct the publisher's target. detail" },
        { StatusCode.AlreadyExists, SendOutcome.Rejected, 409, SendFault.None, "ALREADY_EXISTS: detail" },
        { StatusCode.PermissionDenied, SendOutcome.Unavailable, 403, SendFault.Setup, $"PERMISSION_DENIED: the account of this node may not publish to {Topic}; grant it the role roles/pubsub.publisher there. detail" },
        { StatusCode.ResourceExhausted, SendOutcome.Throttled, 429, SendFault.None, "RESOURCE_EXHAUSTED: detail" },
        { StatusCode.FailedPrecondition, SendOutcome.Unavailable, 400, SendFault.None, "FAILED_PRECONDITION: detail" },
        { StatusCode.Aborted, SendOutcome.Unavailable, 409, SendFault.None, "ABORTED: detail" },
        { StatusCode.OutOfRange, SendOutcome.Rejected, 400, SendFault.None, "OUT_OF_RANGE: detail" },
        { StatusCode.Unimplemented, SendOutcome.Unavailable, 501, SendFault.Setup, $"UNIMPLEMENTED: what answers for {Topic} is no Pub/Sub; check Postoffice:PubSub:Endpoint and EmulatorHost. detail" },
        { StatusCode.Internal, SendOutcome.Unavailable, 500, SendFault.None, "INTERNAL: detail" },
        { StatusCode.Unavailable, SendOutcome.Unavailable, 503, SendFault.None, "UNAVAILABLE: detail" },
        { StatusCode.DataLoss, SendOutcome.Unavailable, 500, SendFault.None, "DATA_LOSS: detail" },
        { StatusCode.Unauthenticated, SendOutcome.Unavailable, 401, SendFault.Setup, $"UNAUTHENTICATED: Google does not know the account that publishes to {Topic}; check GOOGLE_APPLICATION_CREDENTIALS and whether its key is still valid. detail" },
        { (StatusCode)99, SendOutcome.Unavailable, 500, SendFault.None, "99: detail" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Follows_the_table(StatusCode code, SendOutcome outcome, int status, SendFault fault, string error) =>
        Classify(new RpcException(new Grpc.Core.Status(code, "detail"))).Should().Be(new SendResult(outcome, status, error, Fault: fault));

    [Fact]
    public void The_table_has_every_status_but_OK() =>
        Table.Select(row => row.Data.Item1).Where(System.Enum.IsDefined).Should().BeEquivalentTo(System.Enum.GetValues<StatusCode>().Except([StatusCode.OK]));

    [Fact]
    public void A_status_without_a_word_is_its_name() =>
        Classify(new RpcException(new Grpc.Core.Status(StatusCode.DeadlineExceeded, ""))).Error.Should().Be("DEADLINE_EXCEEDED");

    [Theory]
    [InlineData(StatusCode.ResourceExhausted)]
    [InlineData(StatusCode.Unavailable)]
    public void The_pause_that_the_service_asks_for_is_passed_on(StatusCode code) =>
        Classify(FakePubSub.Refusal(code, retryAfter: TimeSpan.FromSeconds(90))).RetryAfter.Should().Be(TimeSpan.FromSeconds(90));

    [Fact]
    public void A_pause_of_nothing_or_less_is_none()
    {
        Classify(FakePubSub.Refusal(StatusCode.ResourceExhausted, retryAfter: TimeSpan.Zero)).RetryAfter.Should().BeNull();
        Classify(FakePubSub.Refusal(StatusCode.ResourceExhausted, retryAfter: TimeSpan.FromSeconds(-5))).RetryAfter.Should().BeNull();
    }

    [Fact]
    public void Details_that_cannot_be_read_ask_for_nothing()
    {
        Classify(new RpcException(new Grpc.Core.Status(StatusCode.ResourceExhausted, "d"), new Metadata { { "grpc-status-details-bin", [0xFF, 0xFF, 0xFF] } }))
            .RetryAfter.Should().BeNull();

        var broken = new Google.Rpc.Status { Code = (int)StatusCode.ResourceExhausted };
        broken.Details.Add(new Any { TypeUrl = "type.googleapis.com/google.rpc.RetryInfo", Value = Google.Protobuf.ByteString.CopyFrom(0x0A, 0xFF) });
        Classify(broken.ToRpcException()).RetryAfter.Should().BeNull();

        var odd = new Google.Rpc.Status { Code = (int)StatusCode.ResourceExhausted };
        odd.Details.Add(Any.Pack(new RetryInfo { RetryDelay = new Duration { Seconds = long.MaxValue } }));
        Classify(odd.ToRpcException()).RetryAfter.Should().BeNull();
    }

    [Fact]
    public void Where_there_was_no_answer_the_network_says_more()
    {
        var refused = new HttpRequestException("x", new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostUnreachable));
        Classify(new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "Error starting gRPC call.", refused)))
            .Should().Be(new SendResult(SendOutcome.Unavailable, null, "host unreachable", Fault: SendFault.Unreachable));
    }

    [Fact]
    public void What_the_service_says_is_one_line_without_tricks() =>
        Classify(new RpcException(new Grpc.Core.Status(StatusCode.Internal, "a\r\nb\u202Ec"))).Error.Should().Be("INTERNAL: a  b\uFFFDc");

    private static SendResult Classify(RpcException exception) => PubSubResultClassifier.Classify(exception, Topic);
}
