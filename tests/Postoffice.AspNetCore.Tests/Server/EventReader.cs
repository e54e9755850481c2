using System.Text.Json;

namespace Postoffice.AspNetCore.Tests.Server;

/// <summary>Listens to the server's events, as a browser does.</summary>
internal sealed class EventReader : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;

    private EventReader(HttpResponseMessage response, Stream body) => (_response, _lines) = (response, new StreamReader(body));

    public HttpResponseMessage Response => _response;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<EventReader> ConnectAsync(ApiServer server)
    {
        var response = await server.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead, Cancel);
        return new EventReader(response, await response.Content.ReadAsStreamAsync(Cancel));
    }

    /// <summary>Waits for the next pulse; skips everything else.</summary>
    /// <returns>Null when the stream has ended.</returns>
    public async Task<JsonElement?> NextAsync()
    {
        var isPulse = false;
        while (await _lines.ReadLineAsync(Cancel) is { } line)
        {
            if (isPulse && line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return JsonDocument.Parse(line["data: ".Length..]).RootElement;
            }

            isPulse = line == "event: pulse";
        }

        return null;
    }

    /// <summary>Waits for the next line that is not empty.</summary>
    public async Task<string?> NextLineAsync()
    {
        string? line;
        do
        {
            line = await _lines.ReadLineAsync(Cancel);
        }
        while (line?.Length == 0);
        return line;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _response.Dispose();
    }
}
