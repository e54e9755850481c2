using System.Globalization;
using System.Net;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Publishers;

namespace Postoffice.Transports.Http;

/// <summary>Makes the requests of one publisher. What is the same for all of them is worked out once.</summary>
internal sealed class HttpRequestBuilder(Uri target, KeyValuePair<string, string>[] headers, TimeProvider time)
{
    private const string AttributePrefix = "postoffice-attribute-";

    private static readonly string UserAgent = $"Postoffice/{typeof(HttpRequestBuilder).Assembly.GetName().Version!.ToString(3)}";

    private readonly bool _hasOwnUserAgent = headers.Any(header => header.Key.Equals("User-Agent", StringComparison.OrdinalIgnoreCase));

    // Both are replaced whole by whichever attempt finds them out of date; a race costs one more object.
    private ContentTypeHeader? _contentType;
    private Second? _second;

    public HttpRequestMessage Build(Delivery delivery)
    {
        var message = delivery.Message;
        var request = new HttpRequestMessage(HttpMethod.Post, target)
        {
            // HTTP/2 where TLS agrees on it, else 1.1. "Or lower", because "or higher" follows Alt-Svc to HTTP/3, past ConnectCallback.
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = new ReadOnlyMemoryContent(message.Payload),
        };

        request.Content.Headers.ContentType = ContentType(message.ContentType);
        AddOwnHeaders(request, delivery);
        AddAttributes(request, message.Attributes);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return request;
    }

    private void AddOwnHeaders(HttpRequestMessage request, Delivery delivery)
    {
        var id = delivery.Message.Id.ToString();
        request.Headers.Add("message-id", id);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", Timestamp());
        request.Headers.Add("postoffice-attempt", delivery.Attempt.ToString(CultureInfo.InvariantCulture));
        if (!_hasOwnUserAgent)
        {
            request.Headers.Add("User-Agent", UserAgent);
        }

        if (delivery.Message.TraceParent is { Length: > 0 } traceParent && HeaderRules.IsValue(traceParent))
        {
            request.Headers.Add("traceparent", traceParent);
        }
    }

    // An attribute that no header can carry as it is stays out; the receiver gets it by asking for the message.
    private static void AddAttributes(HttpRequestMessage request, MessageAttributes attributes)
    {
        if (attributes.Count == 0)
        {
            return;
        }

        foreach (var (name, value) in attributes)
        {
            if (!HeaderRules.IsToken(name) || !HeaderRules.IsValue(value))
            {
                continue;
            }

            // Header names have no case, attribute names have: of "a" and "A" the first in ordinal order is sent, never both in one list.
            var header = AttributePrefix + name;
            if (!request.Headers.NonValidated.Contains(header))
            {
                request.Headers.Add(header, value);
            }
        }
    }

    private ContentTypeHeader ContentType(string text)
    {
        var last = _contentType;
        return last?.Text == text ? last : _contentType = ContentTypeHeader.Create(text);
    }

    private string Timestamp()
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var last = _second;
        return (last?.Value == now ? last : _second = new Second(now, now.ToString(CultureInfo.InvariantCulture))).Text;
    }

    private sealed record Second(long Value, string Text);
}
