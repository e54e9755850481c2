using System.Globalization;
using Postoffice.Deliveries;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>How a dead letter, and a place in their list, is written.</summary>
internal static class DeadLetterIds
{
    public const string Error = "is invalid: give ids such as 3-127, publisher and position";

    public static string Format(DeadLetterId id) => string.Create(CultureInfo.InvariantCulture, $"{id.PublisherId}-{id.Position}");

    public static bool TryParse(string? text, out DeadLetterId id)
    {
        id = default;
        if (text?.Split('-') is not [var publisher, var position] || !TryNumber(publisher, out var publisherId) || !TryNumber(position, out var number))
        {
            return false;
        }

        id = new DeadLetterId(publisherId, number);
        return true;
    }

    /// <returns>A place in the list; callers hand it back as it is.</returns>
    public static string FormatPlace(DeadLetter letter) =>
        string.Create(CultureInfo.InvariantCulture, $"{letter.DiedAt.UtcTicks}-{letter.PublisherId}-{letter.Position}");

    public static bool TryParsePlace(string text, out DeadLetterPlace place)
    {
        place = default;
        if (text.Split('-') is not [var ticks, var publisher, var position] || !TryNumber(ticks, out var diedAt) || diedAt > DateTime.MaxValue.Ticks
            || !TryNumber(publisher, out var publisherId) || !TryNumber(position, out var number))
        {
            return false;
        }

        place = new DeadLetterPlace(new DateTimeOffset(diedAt, TimeSpan.Zero), publisherId, number);
        return true;
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
