using Google.Apis.Http;

namespace Postoffice.Transports.PubSub;

/// <summary>
/// The clients by which Google's library fetches tokens. It waits for an answer for up to 5 minutes, and whoever needs a token waits with it: one request that
/// hangs would keep all publishers silent for that long after its endpoint is well again.
/// </summary>
/// <param name="timeout">How long a request may take, to the last byte of its answer.</param>
internal sealed class TokenClients(TimeSpan timeout) : HttpClientFactory
{
    protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => new Bounded(base.CreateHandler(args), timeout);

    private sealed class Bounded(HttpMessageHandler inner, TimeSpan timeout) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            time.CancelAfter(timeout);
            try
            {
                var response = await base.SendAsync(request, time.Token).ConfigureAwait(false);
                await response.Content.LoadIntoBufferAsync(time.Token).ConfigureAwait(false);
                return response;
            }
            catch (OperationCanceledException exception) when (time.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // Not as a cancellation, which the library takes for its own and tries again while everybody waits.
                throw new TimeoutException("no answer in time", exception);
            }
        }
    }
}
