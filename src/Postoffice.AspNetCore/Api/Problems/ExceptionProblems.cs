using Microsoft.AspNetCore.Http;
using Postoffice.Ingestion;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Api.Problems;

/// <summary>What an exception is for a caller.</summary>
internal static class ExceptionProblems
{
    /// <returns>The problem; null for an exception that nobody foresaw.</returns>
    public static Problem? From(Exception exception) => exception switch
    {
        UnknownTopicException unknown => Problem.UnknownTopic(unknown.Topic),
        InvalidMessageException invalid => FieldErrors.Single(invalid.Field, invalid.Error),
        IdempotencyConflictException => Problem.IdempotencyConflict(),
        OverloadedException => Problem.Overloaded(),
        StorageUnavailableException => Problem.StorageUnavailable(),

        // Not the caller's cancellation, so the node is stopping or the store gave up: the outcome is unknown.
        OperationCanceledException => Problem.StorageUnavailable(),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problem.TooLarge("The body is larger than this endpoint takes."),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => Problem.RequestTimeout(),
        BadHttpRequestException bad => Problem.BadRequest(bad.StatusCode),
        _ => null,
    };
}
