using System.Buffers;
using Postoffice.Messages;

namespace Postoffice.Transports.PubSub;

/// <summary>
/// The rule for a Pub/Sub target, a topic's id or its full name, and the one spelling by which equal targets are known: the full name, so that a change of the
/// project that is set changes no publisher that is there.
/// </summary>
/// <remarks>https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names</remarks>
internal static class PubSubTarget
{
    public const int MinTopicLength = 3;
    public const int MaxTopicLength = 255;
    public const int MaxProjectLength = 100;

    private const string Forms = "give a topic's id, such as orders, or its full name, such as projects/my-project/topics/orders";

    private static readonly SearchValues<char> TopicCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+%");

    // Wider than Google's rule for projects of today: there are old ones with a domain in front, numbers go too, and an emulator takes anything.
    private static readonly SearchValues<char> ProjectCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:");

    /// <param name="target">The target as the caller wrote it.</param>
    /// <param name="projectId">The project of a topic's id; null when none is set.</param>
    public static TargetCheck Check(string? target, string? projectId)
    {
        if (string.IsNullOrWhiteSpace(target))
        {
            return Refuse("can't be blank");
        }

        if (!target.Contains('/'))
        {
            return CheckTopic(target) is { } error ? Refuse(error)
                : projectId is null ? Refuse($"is invalid: the id of a topic needs a project; set {PubSubTransportOptions.SectionName}:{nameof(PubSubTransportOptions.ProjectId)}, "
                    + "or give the topic's full name, such as projects/my-project/topics/orders")
                : new TargetCheck(Name(projectId, target), null);
        }

        return target.Split('/') is ["projects", var project, "topics", var topic]
            ? CheckProject(project) is { } wrong ? Refuse($"is invalid: its project \"{MessageRules.Shorten(project)}\" {wrong}")
                : CheckTopic(topic) is { } error2 ? Refuse(error2)
                : new TargetCheck(Name(project, topic), null)
            : Refuse($"is invalid: \"{MessageRules.Shorten(target)}\"; {Forms}");
    }

    /// <returns>What is wrong with a project's id, to follow it; null when nothing is.</returns>
    public static string? CheckProject(string project) => project.Length is 0 or > MaxProjectLength || project.AsSpan().ContainsAnyExcept(ProjectCharacters)
        ? $"is no project's id: give 1 to {MaxProjectLength} letters, digits and - _ . :"
        : null;

    private static string? CheckTopic(string topic)
    {
        if (topic.Length is < MinTopicLength or > MaxTopicLength)
        {
            return $"is invalid: the topic's id has {topic.Length} characters; {MinTopicLength} to {MaxTopicLength} are allowed";
        }

        if (!char.IsAsciiLetter(topic[0]) || topic.AsSpan().ContainsAnyExcept(TopicCharacters))
        {
            return $"is invalid: \"{MessageRules.Shorten(topic)}\" is no topic's id: it begins with a letter and has letters, digits and - . _ ~ + % only";
        }

        return topic.StartsWith("goog", StringComparison.Ordinal) ? "is invalid: topics whose id begins with \"goog\" are Google's own" : null;
    }

    private static string Name(string project, string topic) => $"projects/{project}/topics/{topic}";

    private static TargetCheck Refuse(string error) => new(null, error);
}
