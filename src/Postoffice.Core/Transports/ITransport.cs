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
