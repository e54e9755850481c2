namespace Postoffice.Topics;

/// <summary>A named, ordered log of messages.</summary>
/// <param name="Id">Its number, given by the store.</param>
/// <param name="Name">Unique, case-sensitive; see <see cref="TopicName"/> for the rule.</param>
/// <param name="OriginHost">Where the topic's messages come from; null for a topic that the application declared itself.</param>
/// <param name="RecoveryEnabled">Whether messages that the origin host could not hand over are fetched back from it.</param>
/// <param name="CreatedAt">Database time.</param>
internal sealed record Topic(long Id, string Name, string? OriginHost, bool RecoveryEnabled, DateTimeOffset CreatedAt);

/// <summary>What is needed to create a <see cref="Topic"/>; already validated.</summary>
internal sealed record NewTopic(string Name, string? OriginHost, bool RecoveryEnabled = false);
