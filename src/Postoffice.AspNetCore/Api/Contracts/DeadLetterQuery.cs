using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Deliveries;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>Which dead letters a query asks for; what is missing leaves nothing out.</summary>
internal class DeadLetterQuery
{
    private const string NullCharacter = "is invalid: it has a null character";

    /// <summary>The name of a topic.</summary>
    [FromQuery(Name = "topic")]
    public string? Topic { get; init; }

    /// <summary>Exactly this reason.</summary>
    [FromQuery(Name = "reason")]
    public string? Reason { get; init; }

    /// <summary>Exactly this group.</summary>
    [FromQuery(Name = "group")]
    public string? Group { get; init; }

    /// <summary>Died at this time or later.</summary>
    [FromQuery(Name = "from")]
    public string? From { get; init; }

    /// <summary>Died before this time.</summary>
    [FromQuery(Name = "to")]
    public string? To { get; init; }

    /// <returns>What is asked for, without the topic, whose number must be looked up.</returns>
    public virtual DeadLetterFilter Read(FieldErrors errors) => new()
    {
        Reason = CheckText("reason", Reason, errors),
        Group = CheckText("group", Group, errors),
        From = ReadTime("from", From, errors),
        To = ReadTime("to", To, errors),
    };

    /// <summary>A database that keeps texts takes no null character.</summary>
    public static string? CheckText(string name, string? text, FieldErrors errors)
    {
        errors.Add(name, text?.Contains('\0', StringComparison.Ordinal) == true ? NullCharacter : null);
        return text;
    }

    private static DateTimeOffset? ReadTime(string name, string? text, FieldErrors errors)
    {
        if (text is null)
        {
            return null;
        }

        errors.Add(name, Rfc3339.TryParse(text, out var time) ? null : Rfc3339.Error);
        return time;
    }
}

/// <summary>The same of any publisher.</summary>
internal sealed class AnyDeadLetterQuery : DeadLetterQuery
{
    /// <summary>The number of a publisher.</summary>
    [FromQuery(Name = "publisher_id")]
    public string? PublisherId { get; init; }

    public override DeadLetterFilter Read(FieldErrors errors)
    {
        var filter = base.Read(errors);
        if (PublisherId is null)
        {
            return filter;
        }

        errors.Add("publisher_id", long.TryParse(PublisherId, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? null
            : "is invalid: give the number of a publisher");
        return filter with { PublisherId = number };
    }
}
