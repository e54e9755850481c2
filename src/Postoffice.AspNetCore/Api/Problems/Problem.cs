using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Postoffice.AspNetCore.Api.Problems;

/// <summary>An RFC 9457 problem: what is wrong, with the value and the remedy. <c>application/problem+json</c> whatever the caller accepts.</summary>
internal sealed class Problem : IResult
{
    private const string TypePrefix = "urn:postoffice:problem:";

    private Problem(int status, string slug, string title, string detail)
    {
        Status = status;
        Slug = slug;
        Title = title;
        Detail = detail;
    }

    public int Status { get; }

    /// <summary>The last part of <c>type</c>, by which programs tell problems apart.</summary>
    public string Slug { get; }

    public string Title { get; }

    public string Detail { get; }

    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors { get; private init; }

    private string? Allow { get; init; }

    private bool Transient { get; init; }

    public static Problem Validation(IReadOnlyDictionary<string, IReadOnlyList<string>> errors, string detail) =>
        new(StatusCodes.Status400BadRequest, "validation", "The request is not valid", detail) { Errors = errors };

    public static Problem InvalidJson(string detail) => new(StatusCodes.Status400BadRequest, "invalid-json", "The body is not valid JSON", detail);

    public static Problem DuplicateKey(string name) => new(StatusCodes.Status400BadRequest, "duplicate-key", "A member stands twice",
        $"The member \"{name}\" stands twice, or in two spellings that differ only in letter case. Send it once.");

    public static Problem UnknownTopic(string topic) => new(StatusCodes.Status400BadRequest, "unknown-topic", "There is no such topic",
        $"There is no topic \"{Text.Shorten(topic)}\". Create it first: POST /topics.") { Errors = One("topic", "is invalid") };

    public static Problem LimitExceeded(string field, string detail) =>
        new(StatusCodes.Status400BadRequest, "limit-exceeded", "A limit is reached", detail) { Errors = One(field, "is invalid") };

    public static Problem BadRequest(int status) => new(status, "bad-request", "The request is malformed",
        "The request breaks the rules of HTTP. Check its headers and its framing.");

    public static Problem CrossSite(string detail) => new(StatusCodes.Status403Forbidden, "cross-site", "The request comes from another site", detail);

    public static Problem ReadOnly(string detail) => new(StatusCodes.Status403Forbidden, "read-only", "Nothing may be changed here", detail);

    public static Problem RemoteAccess(string detail) =>
        new(StatusCodes.Status403Forbidden, "remote-access", "The dashboard answers its own machine only", detail);

    public static Problem NotFound(string detail) => new(StatusCodes.Status404NotFound, "not-found", "Not found", detail);

    public static Problem MethodNotAllowed(IReadOnlyCollection<string> allowed) => new(StatusCodes.Status405MethodNotAllowed, "method-not-allowed",
        "The verb is not allowed here", $"Use one of: {string.Join(", ", allowed)}.") { Allow = string.Join(", ", allowed) };

    public static Problem RequestTimeout() => new(StatusCodes.Status408RequestTimeout, "request-timeout", "The request came too slowly",
        "The body did not arrive in time. Send it faster, and all of it.");

    public static Problem AlreadyExists(string field, string detail) =>
        new(StatusCodes.Status409Conflict, "already-exists", "It is there already", detail) { Errors = One(field, "has already been taken") };

    public static Problem InUse(string detail) => new(StatusCodes.Status409Conflict, "in-use", "It is in use", detail);

    public static Problem BehindKey(string id, long publisherId) => new(StatusCodes.Status409Conflict, "behind-key", "It waits for another",
        $"For publisher {publisherId} message {Text.Shorten(id)} waits behind an earlier one of its ordering key. Retry that one: GET /messages/{Text.Shorten(id)}/explain names it.");

    public static Problem NoTransport(string type, string? remedy) => new(StatusCodes.Status409Conflict, "no-transport", "This node can't send so", remedy is null
        ? $"This node has no transport for publishers of type \"{Text.Shorten(type)}\". Add one where AddPostoffice is called, or ask a node that has it."
        : $"{Text.Shorten(type)} is not set up on this node; {remedy}. Or ask a node that has it.");

    public static Problem ReplayRunning(long publisherId) => new(StatusCodes.Status409Conflict, "replay-running", "A replay is under way",
        $"Publisher {publisherId} has a replay under way. Wait until it has ended, or cancel it: DELETE /publishers/{publisherId}/replay.");

    public static Problem IdempotencyConflict() => new(StatusCodes.Status409Conflict, "idempotency-conflict", "The idempotency key was used for something else",
        "An earlier request to this topic had the same Idempotency-Key and another body. Use a new key for a new message.")
        { Errors = One("idempotency_key", "has already been taken") };

    public static Problem TooLarge(string detail) => new(StatusCodes.Status413PayloadTooLarge, "payload-too-large", "The request is too large", detail);

    public static Problem MediaType() => new(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "The media type is not supported",
        "Send JSON: Content-Type: application/json, in UTF-8.");

    public static Problem ContentEncoding() => new(StatusCodes.Status415UnsupportedMediaType, "unsupported-content-encoding",
        "The content encoding is not supported",
        "Send the body as it is, without Content-Encoding.");

    public static Problem Internal() => new(StatusCodes.Status500InternalServerError, "internal", "Something went wrong",
        "The request could not be served. The node's log says why.");

    public static Problem StorageUnavailable() => new(StatusCodes.Status503ServiceUnavailable, "storage-unavailable", "The storage is unavailable",
        "The storage cannot be reached; what was sent may be stored or not. Try again; with the same Idempotency-Key that is safe.") { Transient = true };

    public static Problem Overloaded() => new(StatusCodes.Status503ServiceUnavailable, "overloaded", "The node is overloaded",
        "More waits to be written than the node may hold; nothing was stored. Try again, more slowly.") { Transient = true };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "application/problem+json";
        if (Allow is not null)
        {
            response.Headers.Allow = Allow;
        }

        if (Transient)
        {
            response.Headers.RetryAfter = "1";
        }

        using (var writer = new Utf8JsonWriter(response.BodyWriter))
        {
            Write(writer);
        }

        return response.BodyWriter.FlushAsync(httpContext.RequestAborted).AsTask();
    }

    private static Dictionary<string, IReadOnlyList<string>> One(string field, string error) => new() { [field] = [error] };

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, TypePrefix + Slug);
        writer.WriteString("title"u8, Title);
        writer.WriteNumber("status"u8, Status);
        writer.WriteString("detail"u8, Detail);
        if (Errors is not null)
        {
            WriteErrors(writer, Errors);

            // The original's clients look for the same map one level down.
            writer.WriteStartObject("data"u8);
            WriteErrors(writer, Errors);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteErrors(Utf8JsonWriter writer, IReadOnlyDictionary<string, IReadOnlyList<string>> errors)
    {
        writer.WriteStartObject("errors"u8);
        foreach (var (field, messages) in errors)
        {
            writer.WriteStartArray(field);
            foreach (var message in messages)
            {
                writer.WriteStringValue(message);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
