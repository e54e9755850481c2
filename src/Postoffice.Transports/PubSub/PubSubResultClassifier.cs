using Google.Rpc;
using Grpc.Core;
using Postoffice.Transports.Failures;

namespace Postoffice.Transports.PubSub;

/// <summary>What a gRPC status means for a delivery. Pure.</summary>
/// <remarks>
/// Status codes, and the HTTP status that stands for each: https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto. What Pub/Sub means by them:
/// https://cloud.google.com/pubsub/docs/reference/error-codes
/// </remarks>
internal static class PubSubResultClassifier
{
    public static readonly SendResult Accepted = new(SendOutcome.Accepted, 200);

    /// <param name="exception">What came instead of an answer.</param>
    /// <param name="topic">The full name of the topic.</param>
    public static SendResult Classify(RpcException exception, string topic)
    {
        // Made up on this side: there was no answer, and what went wrong with the network says more.
        if (exception.Status is { DebugException: { } cause } && exception.StatusCode != StatusCode.DeadlineExceeded)
        {
            return NetworkFailure.ToResult(cause);
        }

        var (outcome, status, fault) = Judge(exception.StatusCode);
        var remedy = Remedy(exception.StatusCode, topic) is { } advice ? $"{advice}. " : "";
        var error = ErrorText.Clean($"{Name(exception.StatusCode)}: {remedy}{exception.Status.Detail}".TrimEnd(' ', ':'));
        return new SendResult(outcome, status, error, RetryAfter(exception), fault);
    }

    private static (SendOutcome Outcome, int Status, SendFault Fault) Judge(StatusCode code) => code switch
    {
        StatusCode.Cancelled => (SendOutcome.Unavailable, 499, SendFault.None),
        StatusCode.DeadlineExceeded => (SendOutcome.Unavailable, 504, SendFault.Timeout),
        StatusCode.Internal or StatusCode.DataLoss or StatusCode.Unknown => (SendOutcome.Unavailable, 500, SendFault.None),
        StatusCode.Unavailable => (SendOutcome.Unavailable, 503, SendFault.None),
        StatusCode.Aborted => (SendOutcome.Unavailable, 409, SendFault.None),

        // The topic, not the message, is in no state for it: such as one whose encryption key is switched off.
        StatusCode.FailedPrecondition => (SendOutcome.Unavailable, 400, SendFault.None),
        StatusCode.ResourceExhausted => (SendOutcome.Throttled, 429, SendFault.None),

        // Whatever is sent, it will meet the same until somebody acts.
        StatusCode.NotFound => (SendOutcome.Unavailable, 404, SendFault.Setup),
        StatusCode.PermissionDenied => (SendOutcome.Unavailable, 403, SendFault.Setup),
        StatusCode.Unauthenticated => (SendOutcome.Unavailable, 401, SendFault.Setup),
        StatusCode.Unimplemented => (SendOutcome.Unavailable, 501, SendFault.Setup),

        StatusCode.InvalidArgument or StatusCode.OutOfRange => (SendOutcome.Rejected, 400, SendFault.None),
        StatusCode.AlreadyExists => (SendOutcome.Rejected, 409, SendFault.None),

        // OK is no exception; and numbers that are no status at all.
        _ => (SendOutcome.Unavailable, 500, SendFault.None),
    };

    private static string? Remedy(StatusCode code, string topic) => code switch
    {
        StatusCode.NotFound => $"there is no Pub/Sub topic {topic}; create it, or correct the publisher's target",
        StatusCode.PermissionDenied => $"the account of this node may not publish to {topic}; grant it the role roles/pubsub.publisher there",
        StatusCode.Unauthenticated =>
            $"Google does not know the account that publishes to {topic}; check {PubSubTransportDefaults.CredentialsFileKey} and whether its key is still valid",
        StatusCode.Unimplemented => $"what answers for {topic} is no Pub/Sub; check {PubSubTransportOptions.SectionName}:{nameof(PubSubTransportOptions.Endpoint)} and {nameof(PubSubTransportOptions.EmulatorHost)}",
        _ => null,
    };

    /// <summary>The pause that the service asks for; null when it names none that is worth waiting.</summary>
    private static TimeSpan? RetryAfter(RpcException exception)
    {
        try
        {
            return exception.GetRpcStatus()?.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan() is { } delay && delay > TimeSpan.Zero ? delay : null;
        }
        catch (Exception malformed) when (malformed is InvalidOperationException or Google.Protobuf.InvalidProtocolBufferException or OverflowException or ArgumentException)
        {
            // What cannot be read asks for nothing.
            return null;
        }
    }

    /// <summary>The name by which Google's documents call it: <c>NOT_FOUND</c>.</summary>
    private static string Name(StatusCode code) =>
        string.Concat(code.ToString().Select((character, index) => index > 0 && char.IsUpper(character) ? "_" + character : char.ToUpperInvariant(character).ToString()));
}
