namespace Postoffice.Messages;

/// <summary>A message that is durable but not yet in the log: scheduled for later, or written inside an application's transaction (outbox).</summary>
/// <param name="TopicId">The topic whose log it will enter.</param>
/// <param name="Message">The message.</param>
/// <param name="DeliverAt">When it is due, by the clock of the store.</param>
internal sealed record StagedMessage(long TopicId, NewMessage Message, DateTimeOffset DeliverAt);
