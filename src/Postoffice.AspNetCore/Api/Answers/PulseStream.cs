using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Postoffice.Activity;
using Postoffice.AspNetCore.Api.Contracts;

namespace Postoffice.AspNetCore.Api.Answers;

/// <summary>
/// Server-sent events, as the HTML standard has them: the pulse as it is, then each that differs; a comment when there is nothing to say for a while, so that
/// nobody on the way takes the connection for dead. Ends when the caller goes or the application stops, and not when the storage is away.
/// </summary>
internal sealed class PulseStream(PulseWatcher watcher, CancellationToken applicationStopping) : IResult
{
    public const string ContentType = "text/event-stream";

    /// <summary>How long a listener hears nothing at most.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = ContentType;

        // nginx would gather an answer until a buffer is full, and so would compression.
        response.Headers["X-Accel-Buffering"] = "no";
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, applicationStopping);
        try
        {
            await SendAsync(response.BodyWriter, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The one way in which it ends.
        }
    }

    private async Task SendAsync(PipeWriter body, CancellationToken end)
    {
        using var listener = watcher.Listen();

        // Before the first pulse, which an outage may keep back: the caller knows that it is heard, and how soon to come again.
        body.Write("retry: 2000\n\n"u8);
        await body.FlushAsync(end);

        var isOver = false;
        while (!isOver)
        {
            if (await listener.NextAsync(Silence, end) is { } pulse)
            {
                Write(body, pulse);
            }
            else
            {
                body.Write(": nothing new\n\n"u8);
            }

            isOver = (await body.FlushAsync(end)).IsCompleted;
        }
    }

    private static void Write(PipeWriter body, Pulse pulse)
    {
        body.Write("event: pulse\ndata: "u8);
        using (var writer = new Utf8JsonWriter(body))
        {
            JsonSerializer.Serialize(writer, PulseResource.From(pulse), ApiJson.Default.PulseResource);
        }

        body.Write("\n\n"u8);
    }
}
