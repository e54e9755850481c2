using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Postoffice.Testing.Hosting;

/// <summary>The REST API as a test calls it: bodies are written as text, so that every byte is the test's own.</summary>
public sealed class PostofficeClient : IDisposable
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient _http;

    public PostofficeClient(Uri address)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(10) })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    /// <summary>For requests that the methods here do not make.</summary>
    public HttpClient Http => _http;

    public async Task CreateTopicAsync(string topic, CancellationToken cancellationToken)
    {
        using var response = await PostAsync("/api/topics", $$"""{"name":{{Quote(topic)}},"origin_host":"orders.example"}""", null, cancellationToken);
        await ExpectAsync(response, HttpStatusCode.Created, cancellationToken);
    }

    /// <param name="publisher">The publisher to create.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<PublisherView> CreatePublisherAsync(NewPublisherView publisher, CancellationToken cancellationToken)
    {
        using var response = await PostAsync("/api/publishers", JsonSerializer.Serialize(publisher, Json), null, cancellationToken);
        return await ReadAsync<PublisherView>(response, HttpStatusCode.Created, cancellationToken);
    }

    public async Task<PublisherView> GetPublisherAsync(long id, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(Path("/api/publishers/" + id.ToString(CultureInfo.InvariantCulture)), cancellationToken);
        return await ReadAsync<PublisherView>(response, HttpStatusCode.OK, cancellationToken);
    }

    public async Task DeletePublisherAsync(long id, CancellationToken cancellationToken)
    {
        using var response = await _http.DeleteAsync(Path("/api/publishers/" + id.ToString(CultureInfo.InvariantCulture)), cancellationToken);
        await ExpectAsync(response, HttpStatusCode.NoContent, cancellationToken);
    }

    /// <param name="topic">The topic's name.</param>
    /// <param name="payload">A JSON value; its bytes are the payload.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<PostedMessage> PostMessageAsync(string topic, string payload, CancellationToken cancellationToken)
    {
        using var response = await TryPostMessageAsync(topic, payload, null, cancellationToken);
        return await ReadAsync<PostedMessage>(response, HttpStatusCode.Created, cancellationToken);
    }

    /// <summary>Posts a message with an ordering key.</summary>
    public async Task<PostedMessage> PostKeyedAsync(string topic, string orderingKey, string payload, CancellationToken cancellationToken)
    {
        var body = $$"""{"topic":{{Quote(topic)}},"ordering_key":{{Quote(orderingKey)}},"attributes":{},"payload":{{payload}} }""";
        using var response = await PostAsync("/api/messages", body, null, cancellationToken);
        return await ReadAsync<PostedMessage>(response, HttpStatusCode.Created, cancellationToken);
    }

    /// <summary>Posts JSON to a path of the API.</summary>
    /// <returns>What the host answers under "data", whatever the success's status.</returns>
    public async Task<JsonElement> PostJsonAsync(string path, string body, CancellationToken cancellationToken)
    {
        using var response = await PostAsync(path, body, null, cancellationToken);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return response.IsSuccessStatusCode ? answer.GetProperty("data") : throw new HttpRequestException($"POST {path} answered {(int)response.StatusCode}: {answer}");
    }

    /// <returns>What the host answers under "data" to a GET of a path of the API.</returns>
    public async Task<JsonElement> GetJsonAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(Path(path), cancellationToken);
        return (await ReadAsync<JsonElement>(response, HttpStatusCode.OK, cancellationToken)).Clone();
    }

    /// <summary>Posts a message and returns whatever the host answers.</summary>
    public Task<HttpResponseMessage> TryPostMessageAsync(string topic, string payload, string? idempotencyKey, CancellationToken cancellationToken) =>
        PostAsync("/api/messages", $$"""{"attributes":{},"topic":{{Quote(topic)}},"payload":{{payload}} }""", idempotencyKey, cancellationToken);

    public async Task<IReadOnlyList<Guid>> PostBulkAsync(string topic, IEnumerable<string> payloads, CancellationToken cancellationToken)
    {
        using var response = await TryPostBulkAsync(topic, payloads, cancellationToken);
        await ExpectAsync(response, HttpStatusCode.Created, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<BulkResult>(Json, cancellationToken))!.Result;
    }

    /// <summary>Posts messages, all or none, and returns whatever the host answers.</summary>
    public Task<HttpResponseMessage> TryPostBulkAsync(string topic, IEnumerable<string> payloads, CancellationToken cancellationToken) =>
        PostAsync("/api/bulk_messages", $$"""{"attributes":{},"topic":{{Quote(topic)}},"payload":[{{string.Join(',', payloads)}}]}""", null, cancellationToken);

    /// <returns>The message's id.</returns>
    public async Task<Guid> ScheduleAsync(string topic, string payload, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var body = $$"""{"topic":{{Quote(topic)}},"payload":{{payload}},"attributes":{},"schedule_at":"{{at:O}}"}""";
        using var response = await PostAsync("/api/schedule_messages", body, null, cancellationToken);
        return (await ReadAsync<ScheduledMessage>(response, HttpStatusCode.Created, cancellationToken)).Id;
    }

    public async Task<MessageView> GetMessageAsync(Guid id, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(Path("/api/messages/" + id), cancellationToken);
        return await ReadAsync<MessageView>(response, HttpStatusCode.OK, cancellationToken);
    }

    public async Task<HttpStatusCode> GetHealthAsync(CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(Path("/api/health"), cancellationToken);
        return response.StatusCode;
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> PostAsync(string path, string body, string? idempotencyKey, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path(path))
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return await _http.SendAsync(request, cancellationToken);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, HttpStatusCode expected, CancellationToken cancellationToken)
    {
        await ExpectAsync(response, expected, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<Wrapped<T>>(Json, cancellationToken))!.Data;
    }

    private static async Task ExpectAsync(HttpResponseMessage response, HttpStatusCode expected, CancellationToken cancellationToken)
    {
        if (response.StatusCode != expected)
        {
            var request = response.RequestMessage!;
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new HttpRequestException($"{request.Method} {request.RequestUri} answered {(int)response.StatusCode}, not {(int)expected}: {body}");
        }
    }

    private static Uri Path(string path) => new(path, UriKind.Relative);

    private static string Quote(string text) => JsonSerializer.Serialize(text);
}
