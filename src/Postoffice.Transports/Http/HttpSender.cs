using Postoffice.Deliveries;
using Postoffice.Transports.Failures;

namespace Postoffice.Transports.Http;

/// <summary>Sends the deliveries of one publisher by HTTP POST, over connections of its own.</summary>
internal sealed class HttpSender : ISender
{
    private static readonly Func<HttpResponseMessage, ReadOnlySpan<byte>, string?> Nothing = (_, _) => null;

    private readonly HttpMessageInvoker _invoker;
    private readonly HttpRequestBuilder _requests;
    private readonly HttpTransportOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<HttpResponseMessage, ReadOnlySpan<byte>, string?> _describe;

    public HttpSender(HttpMessageHandler handler, HttpRequestBuilder requests, HttpTransportOptions options, TimeProvider time)
    {
        _invoker = new HttpMessageInvoker(handler);
        _requests = requests;
        _options = options;
        _time = time;
        _describe = (response, body) => ErrorText.OfAnswer((int)response.StatusCode, response.ReasonPhrase, body, options.MaxErrorBytes);
    }

    public async ValueTask<SendResult> SendAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // The token is the deadline too: one for connect, TLS, request, headers and body.
        try
        {
            using var request = _requests.Build(delivery);
            using var response = await _invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return delivery.KeepsAnswer
                ? await JudgeKeepingAnswerAsync(response, cancellationToken).ConfigureAwait(false)
                : await JudgeAsync(response, HttpResultClassifier.IsSuccess((int)response.StatusCode) ? null : _describe, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Whatever a target or the network does is an outcome; the pipeline counts on it.
            cancellationToken.ThrowIfCancellationRequested();
            return NetworkFailure.ToResult(exception);
        }
    }

    public ValueTask DisposeAsync()
    {
        _invoker.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask<SendResult> JudgeKeepingAnswerAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string? answer = null;
        var result = await JudgeAsync(
            response,
            (judged, body) =>
            {
                answer = ErrorText.Excerpt(body, _options.MaxErrorBytes);
                return _describe(judged, body);
            },
            cancellationToken).ConfigureAwait(false);
        return result with { Answer = answer };
    }

    // The status line decides, even when the body breaks off, drips until the deadline or the end of the drain time: the target has the message.
    private async ValueTask<SendResult> JudgeAsync(
        HttpResponseMessage response, Func<HttpResponseMessage, ReadOnlySpan<byte>, string?>? describe, CancellationToken cancellationToken)
    {
        var statusCode = (int)response.StatusCode;

        var error = await AnswerBody.ReadAsync(
            response.Content.ReadAsStream(cancellationToken),
            // What follows a 101 is no body but another protocol.
            statusCode == 101 ? 0 : _options.MaxResponseBytes,
            describe is null ? 0 : _options.MaxErrorBytes,
            describe ?? Nothing,
            response,
            cancellationToken).ConfigureAwait(false);

        var retryAfter = !HttpResultClassifier.IsSuccess(statusCode) && response.Headers.NonValidated.TryGetValues("Retry-After", out var values) ? values.FirstOrDefault() : null;
        return HttpResultClassifier.Classify(statusCode, retryAfter, _time.GetUtcNow(), error);
    }
}
