using System.Text;
using Postoffice.Messages;

namespace Postoffice.Transports.PubSub;

/// <summary>What Pub/Sub takes, by Google's published limits.</summary>
/// <remarks>https://cloud.google.com/pubsub/quotas#resource_limits</remarks>
internal static class PubSubLimits
{
    public const int MaxMessages = 1_000;
    public const int MaxRequestBytes = 10_000_000;
    public const int MaxAttributes = 100;
    public const int MaxKeyBytes = 256;
    public const int MaxValueBytes = 1_024;
    public const int MaxOrderingKeyBytes = 1_024;

    private const string ReservedPrefix = "goog";

    /// <returns>What is wrong with the attributes of a message that is about to be accepted; null when Pub/Sub takes them, and ours beside them.</returns>
    public static string? CheckAttributes(MessageAttributes attributes)
    {
        var max = MaxAttributes - (attributes[PubSubMessages.IdAttribute] is null ? 1 : 0);
        return attributes.Count > max
            ? $"is invalid: {attributes.Count} attributes; at most {max} are allowed by Google Cloud Pub/Sub, as the message's id is one too"
            : CheckEach(attributes);
    }

    /// <returns>What is wrong with these attributes themselves, however many they are; null when nothing is.</returns>
    public static string? CheckEach(MessageAttributes attributes)
    {
        foreach (var (name, value) in attributes)
        {
            if (Check(name, value) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    public static string? CheckOrderingKey(string key) => Encoding.UTF8.GetByteCount(key) is > MaxOrderingKeyBytes and var bytes
        ? $"is invalid: {bytes} bytes; at most {MaxOrderingKeyBytes} are allowed by Google Cloud Pub/Sub"
        : null;

    private static string? Check(string name, string value)
    {
        if (name.Length == 0)
        {
            return "is invalid: an attribute's name can't be blank";
        }

        if (name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
        {
            return $"is invalid: the name \"{MessageRules.Shorten(name)}\" begins with \"{ReservedPrefix}\", which Google Cloud Pub/Sub keeps for itself";
        }

        if (Encoding.UTF8.GetByteCount(name) is > MaxKeyBytes and var nameBytes)
        {
            return $"is invalid: the name \"{MessageRules.Shorten(name)}\" has {nameBytes} bytes; at most {MaxKeyBytes} are allowed by Google Cloud Pub/Sub";
        }

        return Encoding.UTF8.GetByteCount(value) is > MaxValueBytes and var bytes
            ? $"is invalid: the value of \"{MessageRules.Shorten(name)}\" has {bytes} bytes; at most {MaxValueBytes} are allowed by Google Cloud Pub/Sub"
            : null;
    }
}
