using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.Deliveries;
using Postoffice.Messages;

namespace Postoffice.AspNetCore.Api.Answers;

/// <summary>An answer that shows one dead letter and its message, the payload as the bytes that were received.</summary>
internal sealed class DeadLetterAnswer(DeadLetter letter, Message message, IReadOnlyList<FailedAttempt> failed) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => JsonAnswer.WriteAsync(httpContext, StatusCodes.Status200OK, Write);

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("data"u8);

        // The key is among what the message carries.
        foreach (var member in JsonSerializer.SerializeToElement(DeadLetterResource.From(letter), ApiJson.Default.DeadLetterResource).EnumerateObject()
            .Where(member => member.Name != "ordering_key"))
        {
            member.WriteTo(writer);
        }

        MessageContent.Of(message).Write(writer);
        writer.WritePropertyName("failed_attempts"u8);
        JsonSerializer.Serialize(writer, [.. failed.Select(FailedAttemptResource.From)], ApiJson.Default.FailedAttempts);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
