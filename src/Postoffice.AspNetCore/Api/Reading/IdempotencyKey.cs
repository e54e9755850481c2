using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.Messages;

namespace Postoffice.AspNetCore.Api.Reading;

/// <summary>The header <c>Idempotency-Key</c>, taken as it is written, and its companion in answers.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    private const string Field = "idempotency_key";

    /// <returns>The key; null when the request has none, or one that breaks the rule.</returns>
    public static string? Read(StringValues header, FieldErrors errors)
    {
        if (header.Count == 0)
        {
            return null;
        }

        var key = header.Count == 1 ? header[0] : null;
        errors.Add(Field, header.Count == 1 ? MessageRules.CheckKey(key) : "is invalid: the header stands twice; send it once");
        return key;
    }

    /// <summary>Tells the caller that an earlier request with its key is what was answered.</summary>
    public static void MarkReplayed(HttpResponse response) => response.Headers["Idempotency-Replayed"] = "true";
}
