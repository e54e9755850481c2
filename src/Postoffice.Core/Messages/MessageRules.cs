using System.Text;

namespace Postoffice.Messages;

/// <summary>The limits of a message. Each check returns what is wrong, to follow the field's name, or null.</summary>
internal static class MessageRules
{
    public const int MaxPayloadBytes = 1024 * 1024;
    public const int MaxBulkMessages = 3_000;
    public const int MaxAttributes = 100;
    public const int MaxAttributeNameBytes = 256;
    public const int MaxAttributeValueBytes = 1_024;
    public const int MaxKeyLength = 255;

    /// <returns>The first field that breaks a rule and what is wrong with it; null when the message may be stored.</returns>
    public static (string Field, string Error)? Check(NewMessage message)
    {
        if (message.Payload.Length > MaxPayloadBytes)
        {
            return ("payload", $"is too large: {message.Payload.Length} bytes; at most {MaxPayloadBytes} are allowed");
        }

        return CheckAttributes(message.Attributes) is { } attributes ? ("attributes", attributes)
            : CheckKey(message.OrderingKey) is { } orderingKey ? ("ordering_key", orderingKey)
            : CheckKey(message.IdempotencyKey) is { } idempotencyKey ? ("idempotency_key", idempotencyKey)
            : CheckContentType(message.ContentType) is { } contentType ? ("content_type", contentType)
            : null;
    }

    public static string? CheckAttributes(MessageAttributes attributes)
    {
        if (attributes.Count > MaxAttributes)
        {
            return $"is invalid: {attributes.Count} attributes; at most {MaxAttributes} are allowed";
        }

        foreach (var (name, value) in attributes)
        {
            if (CheckAttribute(name, value) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    /// <summary>An ordering key or idempotency key; null is legal.</summary>
    public static string? CheckKey(string? key) => key switch
    {
        null => null,
        "" => "can't be blank",
        { Length: > MaxKeyLength } => $"is invalid: {key.Length} characters; at most {MaxKeyLength} are allowed",
        _ => HasForbiddenCharacter(key) ? "is invalid: control characters are not allowed" : null,
    };

    public static string? CheckContentType(string contentType) =>
        contentType.Length is 0 or > MaxKeyLength || contentType.Any(character => character is < ' ' or > '~')
            ? $"is invalid: give a media type of printable ASCII, at most {MaxKeyLength} characters, such as {NewMessage.DefaultContentType}"
            : null;

    public static string? CheckAttribute(string name, string? value)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return "is invalid: an attribute's name can't be blank";
        }

        if (value is null)
        {
            return $"is invalid: the value of \"{Shorten(name)}\" is null; give a text";
        }

        if (Encoding.UTF8.GetByteCount(name) > MaxAttributeNameBytes)
        {
            return $"is invalid: the name \"{Shorten(name)}\" is longer than {MaxAttributeNameBytes} bytes";
        }

        if (Encoding.UTF8.GetByteCount(value) > MaxAttributeValueBytes)
        {
            return $"is invalid: the value of \"{Shorten(name)}\" is longer than {MaxAttributeValueBytes} bytes";
        }

        return HasForbiddenCharacter(name) || HasForbiddenCharacter(value)
            ? $"is invalid: \"{Shorten(name)}\" has a control character or half of a surrogate pair"
            : null;
    }

    /// <returns>A caller's text, fit to be quoted in a message: short, and without control characters.</returns>
    public static string Shorten(string name)
    {
        var text = name.Length > 40 ? name[..40] + "…" : name;
        return string.Concat(text.Select(character => char.IsControl(character) || char.IsSurrogate(character) ? '\uFFFD' : character));
    }

    private static bool HasForbiddenCharacter(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            // A lone surrogate enumerates as U+FFFD; the character itself is not worth a finer distinction.
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar)
            {
                return true;
            }
        }

        return false;
    }
}
