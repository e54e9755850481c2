using Google.Protobuf;
using Postoffice.Transports.PubSub.Protocol;

namespace Postoffice.Transports.PubSub;

/// <summary>A message on its way, and which of a batch it is.</summary>
internal readonly record struct OutgoingMessage(int Index, PubsubMessage Message);

/// <summary>Cuts a batch into requests that Pub/Sub takes. Pure.</summary>
internal static class PublishRequests
{
    /// <param name="topic">The full name of the topic: part of each request's size.</param>
    /// <param name="messages">The messages, in their order.</param>
    /// <returns>The requests' messages, in their order. A single message that is too large has a request of its own: the service says what it thinks of it.</returns>
    public static List<ArraySegment<OutgoingMessage>> Cut(string topic, OutgoingMessage[] messages)
    {
        var requests = new List<ArraySegment<OutgoingMessage>>(1);
        var empty = new PublishRequest { Topic = topic }.CalculateSize();
        var (start, size) = (0, empty);
        for (var index = 0; index < messages.Length; index++)
        {
            var added = SizeInRequest(messages[index].Message);
            if (index > start && (index - start == PubSubLimits.MaxMessages || size + added > PubSubLimits.MaxRequestBytes))
            {
                requests.Add(new ArraySegment<OutgoingMessage>(messages, start, index - start));
                (start, size) = (index, empty);
            }

            size += added;
        }

        if (start < messages.Length)
        {
            requests.Add(new ArraySegment<OutgoingMessage>(messages, start, messages.Length - start));
        }

        return requests;
    }

    /// <summary>The message, its length in front of it, and the one byte that says which field it is.</summary>
    private static int SizeInRequest(PubsubMessage message) => 1 + CodedOutputStream.ComputeMessageSize(message);
}
