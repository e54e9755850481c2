using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Postoffice.AspNetCore.Api.Answers;

/// <summary>An answer in the API's own JSON, whatever the application's JSON options say.</summary>
internal sealed class JsonAnswer<T>(int status, T value, JsonTypeInfo<T> type, string? location = null) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (location is not null)
        {
            httpContext.Response.Headers.Location = location;
        }

        return JsonAnswer.WriteAsync(httpContext, status, writer => JsonSerializer.Serialize(writer, value, type));
    }
}

internal static class JsonAnswer
{
    private const string ContentType = "application/json; charset=utf-8";

    public static JsonAnswer<T> Ok<T>(T value, JsonTypeInfo<T> type) => new(StatusCodes.Status200OK, value, type);

    /// <param name="request">The request that created it, by a POST to its collection.</param>
    /// <param name="key">The last part of its path.</param>
    /// <param name="value">The resource.</param>
    /// <param name="type">How it is written.</param>
    public static JsonAnswer<T> Created<T>(HttpRequest request, string key, T value, JsonTypeInfo<T> type) =>
        new(StatusCodes.Status201Created, value, type, $"{request.PathBase}{request.Path.ToString().TrimEnd('/')}/{Uri.EscapeDataString(key)}");

    /// <summary>Writes an answer without a copy in between.</summary>
    public static Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = ContentType;
        using (var writer = new Utf8JsonWriter(response.BodyWriter))
        {
            write(writer);
        }

        return response.BodyWriter.FlushAsync(context.RequestAborted).AsTask();
    }
}
