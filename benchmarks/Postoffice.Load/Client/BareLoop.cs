using System.Net.Http.Headers;

namespace Postoffice.Load.Client;

/// <summary>What delivering costs without a store: HttpClient posting to the receiver.</summary>
internal static class BareLoop
{
    public static async Task<Measured> RunAsync(Uri target, byte[] payload, int requests, int atOnce)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, MaxConnectionsPerServer = atOnce });
        var contentType = new MediaTypeHeaderValue("application/json");

        return await Workers.RunAsync(requests, atOnce, async _ =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, target);
            request.Headers.Add("message-id", Guid.CreateVersion7().ToString());
            request.Content = new ByteArrayContent(payload) { Headers = { ContentType = contentType } };
            using var response = await client.SendAsync(request);
            response.EnsureSuccessStatusCode();
        });
    }
}
