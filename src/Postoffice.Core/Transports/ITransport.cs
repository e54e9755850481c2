using Postoffice.Messages;
using Postoffice.Publishers;

namespace Postoffice.Transports;

/// <summary>A way to reach targets: HTTP, Pub/Sub, …. One instance a node; it makes a sender for each running publisher.</summary>
public interface ITransport
{
    /// <summary>The publisher type that it serves, in lower case: <c>http</c>, <c>pubsub</c>, ….</summary>
    string Type { get; }

    /// <summary>Judges a target when a publisher is created, and brings it into the one spelling by which equal targets are known.</summary>
    /// <param name="target">The target as the caller wrote it; not blank.</param>
    /// <param name="settings">The settings of the publisher to be.</param>
    /// <returns>The canonical target, or what is wrong with it.</returns>
    TargetCheck CheckTarget(string target, PublisherSettings settings);

    /// <summary>
    /// Judges the attributes of a message that is about to be accepted for a topic with a publisher of this type: what the target's service could never take is
    /// refused to whoever publishes it. A message that is in the log already is the sender's to judge: <see cref="SendOutcome.Invalid"/>.
    /// </summary>
    /// <param name="attributes">The attributes; within the limits that hold for all messages.</param>
    /// <returns>What is wrong, to follow the word "attributes": <c>is invalid: …</c>; null when the transport can carry them, as it can unless it says otherwise.</returns>
    string? CheckAttributes(MessageAttributes attributes) => null;

    /// <summary>How many deliveries it can send in one call, at most: more than 1 when its senders have a <see cref="ISender.SendBatchAsync"/> of their own.</summary>
    /// <param name="settings">The settings of the publisher.</param>
    /// <returns>The most; 1 unless the transport says otherwise. More than 1,000, or less than 1, is taken for that.</returns>
    int MaxBatchSize(PublisherSettings settings) => 1;

    /// <summary>Makes the sender of one publisher. Senders share nothing that one of them could exhaust.</summary>
    /// <param name="publisher">The publisher, as it stands; its pipeline makes a new sender when it changes.</param>
    /// <param name="maxInFlight">How many attempts may run at once, at most.</param>
    /// <returns>The sender; disposed when the publisher's pipeline stops.</returns>
    ISender CreateSender(Publisher publisher, int maxInFlight);
}

/// <summary>What <see cref="ITransport.CheckTarget"/> found: one of the two is null.</summary>
/// <param name="Target">The target in its canonical spelling.</param>
/// <param name="Error">What is wrong, to follow the word "target": <c>is invalid: …</c>.</param>
public readonly record struct TargetCheck(string? Target, string? Error);
