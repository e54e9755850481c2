using System.Globalization;
using Postoffice.Messages;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>How a place in the logs is written; callers hand it back as it is.</summary>
internal static class MessagePlaces
{
    public static string Format(MessagePlace place) =>
        string.Create(CultureInfo.InvariantCulture, $"{place.ReceivedAt.UtcTicks}-{place.TopicId}-{place.Position}");

    public static bool TryParse(string? text, out MessagePlace place)
    {
        place = default;
        if (text?.Split('-') is not [var ticks, var topic, var position] || !TryNumber(ticks, out var receivedAt) || receivedAt > DateTime.MaxValue.Ticks
            || !TryNumber(topic, out var topicId) || !TryNumber(position, out var number))
        {
            return false;
        }

        place = new MessagePlace(new DateTimeOffset(receivedAt, TimeSpan.Zero), topicId, number);
        return true;
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
