using Postoffice.Messages;
using Postoffice.Storage;

namespace Postoffice.Ingestion;

/// <summary>What an application calls to send messages. When a method returns, the message is durable and every active publisher of the topic will settle it.</summary>
public interface IPostoffice
{
    /// <summary>Publishes one message.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Cancels the wait, not the write: a cancelled publish may be committed all the same.</param>
    /// <returns>Where the message stands in the topic's log.</returns>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    /// <exception cref="InvalidMessageException">A part of the message breaks a rule, or the topic has a publisher that cannot carry its attributes.</exception>
    /// <exception cref="IdempotencyConflictException">The idempotency key was used for another message.</exception>
    /// <exception cref="OverloadedException">More is waiting to be written than the node may hold; nothing was written.</exception>
    /// <exception cref="StorageUnavailableException">The store cannot be reached; the message may or may not be committed.</exception>
    Task<PublishedMessage> PublishAsync(string topic, NewMessage message, CancellationToken cancellationToken = default);

    /// <summary>Publishes several messages to one topic, all or none, next to one another in the log.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="messages">1 to 3,000 messages. An idempotency key on the first stands for all; the others bear none.</param>
    /// <param name="cancellationToken">Cancels the wait, not the write.</param>
    /// <returns>Where each message stands, in the order given.</returns>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    /// <exception cref="InvalidMessageException">A part of a message breaks a rule, or the topic has a publisher that cannot carry its attributes.</exception>
    /// <exception cref="IdempotencyConflictException">The idempotency key was used for other messages.</exception>
    /// <exception cref="OverloadedException">More is waiting to be written than the node may hold; nothing was written.</exception>
    /// <exception cref="StorageUnavailableException">The store cannot be reached; all messages or none may be committed.</exception>
    Task<IReadOnlyList<PublishedMessage>> PublishManyAsync(string topic, IReadOnlyList<NewMessage> messages, CancellationToken cancellationToken = default);

    /// <summary>Keeps a message and publishes it when it is due.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="message">The message.</param>
    /// <param name="deliverAt">When; in the past means at once. Compared with the clock of the store.</param>
    /// <param name="cancellationToken">Cancels the wait, not the write.</param>
    /// <returns>The message's id; that of the earlier message when the idempotency key was used before.</returns>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    /// <exception cref="InvalidMessageException">A part of the message breaks a rule, or the topic has a publisher that cannot carry its attributes.</exception>
    /// <exception cref="IdempotencyConflictException">The idempotency key was used for another message; the time is not compared.</exception>
    /// <exception cref="OverloadedException">More is waiting to be written than the node may hold; nothing was written.</exception>
    /// <exception cref="StorageUnavailableException">The store cannot be reached; the message may or may not be committed.</exception>
    Task<Guid> ScheduleAsync(string topic, NewMessage message, DateTimeOffset deliverAt, CancellationToken cancellationToken = default);
}

/// <summary>Where a published message stands.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Position">Its place in the topic's log.</param>
/// <param name="ReceivedAt">When it entered the log, by the clock of the store.</param>
/// <param name="Repeated">An earlier publish with the same idempotency key had stored it; this one stored nothing.</param>
public readonly record struct PublishedMessage(Guid Id, long Position, DateTimeOffset ReceivedAt, bool Repeated);
