namespace Postoffice.Transports.Http;

/// <summary>What an HTTP status means for a delivery.</summary>
internal static class HttpResultClassifier
{
    /// <param name="statusCode">The final status.</param>
    /// <param name="retryAfter">The header <c>Retry-After</c> as it came; null when there was none.</param>
    /// <param name="now">The time by which a date in it is judged.</param>
    /// <param name="error">What to keep of the answer, when it is not a 2xx.</param>
    public static SendResult Classify(int statusCode, string? retryAfter, DateTimeOffset now, string? error)
    {
        if (IsSuccess(statusCode))
        {
            return new SendResult(SendOutcome.Accepted, statusCode);
        }

        var pause = RetryAfter.Parse(retryAfter, now);
        return new SendResult(Judge(statusCode, pause is not null), statusCode, error, pause);
    }

    public static bool IsSuccess(int statusCode) => statusCode is >= 200 and <= 299;

    private static SendOutcome Judge(int statusCode, bool namesPause) => statusCode switch
    {
        429 => SendOutcome.Throttled,
        503 when namesPause => SendOutcome.Throttled,
        408 or 425 => SendOutcome.Unavailable,
        410 => SendOutcome.Gone,

        // A redirect is never followed: a redirected POST becomes a GET, or takes the message to somebody else.
        >= 300 and <= 499 => SendOutcome.Rejected,

        // 5xx; a 101 that nobody asked for; numbers that are no status at all.
        _ => SendOutcome.Unavailable,
    };
}
