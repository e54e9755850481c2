#pragma warning disable CA1032 // Made by Postoffice alone: each takes what it is about.

namespace Postoffice.Ingestion;

/// <summary>There is no topic of this name.</summary>
public sealed class UnknownTopicException : Exception
{
    internal UnknownTopicException(string topic)
        : base($"There is no topic \"{topic}\". Create it first: POST /api/topics.") => Topic = topic;

    /// <summary>The name that was asked for.</summary>
    public string Topic { get; }
}

/// <summary>A part of a message breaks a rule.</summary>
public sealed class InvalidMessageException : Exception
{
    internal InvalidMessageException(string field, string error)
        : base($"The message's {field} {error}.")
    {
        Field = field;
        Error = error;
    }

    /// <summary>Which part: <c>payload</c>, <c>attributes</c>, <c>ordering_key</c>, <c>idempotency_key</c>, <c>content_type</c>.</summary>
    public string Field { get; }

    /// <summary>What is wrong with it, to follow the field's name.</summary>
    public string Error { get; }
}

/// <summary>The idempotency key was used before, for something else.</summary>
public sealed class IdempotencyConflictException : Exception
{
    internal IdempotencyConflictException(string key)
        : base($"The idempotency key \"{key}\" was used for another message of this topic. Use a new key for a new message.") => Key = key;

    /// <summary>The key.</summary>
    public string Key { get; }
}

/// <summary>More messages wait to be written than the node may hold in memory. Nothing was written; try again shortly.</summary>
public sealed class OverloadedException : Exception
{
    internal OverloadedException(long pendingBytes, long limit)
        : base($"{pendingBytes} bytes wait to be written, Postoffice:Ingestion:MaxPendingBytes is {limit}. Publish more slowly, or raise the limit.")
    {
    }
}
