using System.Text;
using Postoffice.Filters;
using Postoffice.Messages;

namespace Postoffice.Core.Tests.Filters;

/// <summary>Short ways to a message and to a filter's answer.</summary>
internal static class FilterCase
{
    public static bool Delivers(string filter, string payload = "{}", params (string Name, string Value)[] attributes) =>
        MessageFilter.Parse(filter).Matches(Message(Encoding.UTF8.GetBytes(payload), attributes));

    public static Message Message(byte[] payload, params (string Name, string Value)[] attributes) => new()
    {
        Id = Guid.Empty,
        TopicId = 1,
        Position = 1,
        Payload = payload,
        Attributes = MessageAttributes.Create(attributes.Select(attribute => KeyValuePair.Create(attribute.Name, attribute.Value))),
        ReceivedAt = default,
    };

    /// <returns>What is wrong with the document.</returns>
    public static string Refusal(string filter)
    {
        MessageFilter.TryParse(Encoding.UTF8.GetBytes(filter), out _, out var error).Should().BeFalse("{0} is no filter", filter);
        return error!;
    }
}
