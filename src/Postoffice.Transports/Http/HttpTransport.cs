using System.Net;
using Microsoft.Extensions.Options;
using Postoffice.Publishers;
using Postoffice.Transports.Failures;

namespace Postoffice.Transports.Http;

/// <summary>Delivers by HTTP POST.</summary>
internal sealed class HttpTransport(IOptions<HttpTransportOptions> options, TimeProvider time) : ITransport
{
    private readonly HttpTransportOptions _options = options.Value;

    public string Type => "http";

    public TargetCheck CheckTarget(string target, PublisherSettings settings) => HttpTarget.Check(target);

    public ISender CreateSender(Publisher publisher, int maxInFlight)
    {
        ArgumentNullException.ThrowIfNull(publisher);

        // Judged again: the row may come from an older version or from somebody's SQL.
        var check = HttpTarget.Check(publisher.Target);
        if ((check.Error is { } targetError ? $"target {targetError}" : CheckSettings(publisher.Settings)) is { } error)
        {
            return new RefusingSender($"publisher {publisher.Id} can't send: {error}");
        }

        var requests = new HttpRequestBuilder(HttpTarget.ToUri(check.Target!), [.. publisher.Settings.Headers], time);
        return new HttpSender(CreateHandler(maxInFlight), requests, _options, time);
    }

    private static string? CheckSettings(PublisherSettings settings) =>
        AttemptTimeout.Check(settings.Timeout) ?? (HeaderRules.Check(settings.Headers) is { } error ? $"headers {error}" : null);

    // A handler for each publisher: none can use up the connections of another. Most of these defaults are wrong for calling strangers.
    private SocketsHttpHandler CreateHandler(int maxInFlight) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        Credentials = null,
        PreAuthenticate = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = _options.ConnectTimeout,
        PooledConnectionLifetime = _options.PooledConnectionLifetime,
        MaxConnectionsPerServer = Math.Max(1, maxInFlight),
        EnableMultipleHttp2Connections = true,
        MaxResponseHeadersLength = 32, // KiB
        MaxResponseDrainSize = 0,
        ActivityHeadersPropagator = null, // The message's own traceparent is sent, not that of the pipeline's activity.

        // The egress guard goes here: ConnectCallback resolves the name, refuses forbidden addresses and connects to the one it has checked.
    };
}
