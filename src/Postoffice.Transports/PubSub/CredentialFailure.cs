using System.Globalization;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Postoffice.Transports.Failures;

namespace Postoffice.Transports.PubSub;

/// <summary>Puts into a few words why there was no access token. Nothing was sent.</summary>
internal static class CredentialFailure
{
    private const string Remedy = "set " + PubSubTransportDefaults.CredentialsFileKey + " to the file of a service account's key, or run on a machine that has an account of its own";

    public static SendResult ToResult(Exception exception) => exception switch
    {
        TokenResponseException { StatusCode: { } status } refused when (int)status is >= 500 or 408 or 429 =>
            new SendResult(SendOutcome.Unavailable, Error: Of($"{(int)status} {refused.Error?.Error}")),
        TokenResponseException refused => NotSetUp(Of(
            $"the account was refused ({refused.Error?.Error}: {refused.Error?.ErrorDescription}); check that its key is valid, and this machine's clock")),
        TimeoutException => new SendResult(SendOutcome.Unavailable, Error: Of("no answer in time"), Fault: SendFault.Timeout),
        HttpRequestException or OperationCanceledException => OfNetwork(exception),

        // Of an identity that is not Google's, which is shown to Google for a token: what went wrong with it is inside.
        SubjectTokenException { InnerException: { } inner } => ToResult(inner),

        // What is in the file is nobody's concern: only where it is, and that it could not be read.
        IOException or UnauthorizedAccessException => NotSetUp(Of($"the credentials could not be read ({exception.Message}); {Remedy}")),
        InvalidOperationException => NotSetUp(Of($"{exception.Message.TrimEnd('.')}; {Remedy}")),
        _ => NotSetUp(Of($"the credentials are not to be understood ({exception.GetType().Name}); {Remedy}")),
    };

    private static SendResult OfNetwork(Exception exception)
    {
        var result = NetworkFailure.ToResult(exception);
        return result with { Error = Of(result.Error!) };
    }

    private static SendResult NotSetUp(string error) => new(SendOutcome.Unavailable, Error: error, Fault: SendFault.Setup);

    private static string Of(string what) => ErrorText.Clean(string.Create(CultureInfo.InvariantCulture, $"no access token: {what}"));
}
