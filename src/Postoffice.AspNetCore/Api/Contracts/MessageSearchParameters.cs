using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Deliveries;
using Postoffice.Messages;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>What a search for messages is asked by; what is missing leaves nothing out. Any number of <c>attribute.NAME=VALUE</c> may stand beside it.</summary>
internal sealed class MessageSearchParameters
{
    public const string AttributePrefix = "attribute.";

    private const int DefaultLimit = 50;
    private const int MaxLimit = 100;
    private const int MaxTextBytes = 1_024;
    private const int MaxAttributes = 10;

    private static readonly HashSet<string> Names = new(
        ["topic", "publisher_id", "state", "from", "to", "text", "limit", "after"], StringComparer.Ordinal);

    private static readonly Dictionary<string, DeliveryStatus> States = new(StringComparer.Ordinal)
    {
        ["waiting"] = DeliveryStatus.Waiting,
        ["parked"] = DeliveryStatus.Parked,
        ["dead_lettered"] = DeliveryStatus.DeadLettered,
        ["delivered"] = DeliveryStatus.Delivered,
        ["skipped"] = DeliveryStatus.Skipped,
        ["discarded"] = DeliveryStatus.Discarded,
    };

    /// <summary>The name of a topic.</summary>
    [FromQuery(Name = "topic")]
    public string? Topic { get; init; }

    /// <summary>The number of a publisher: only its topic, and only its deliveries count for the state.</summary>
    [FromQuery(Name = "publisher_id")]
    public string? PublisherId { get; init; }

    /// <summary>waiting, parked, dead_lettered, delivered, skipped or discarded: some publisher stands so.</summary>
    [FromQuery(Name = "state")]
    public string? State { get; init; }

    /// <summary>Received at this time or later.</summary>
    [FromQuery(Name = "from")]
    public string? From { get; init; }

    /// <summary>Received before this time.</summary>
    [FromQuery(Name = "to")]
    public string? To { get; init; }

    /// <summary>The payload has these bytes somewhere; case-sensitive.</summary>
    [FromQuery(Name = "text")]
    public string? Text { get; init; }

    /// <summary>1 to 100; 50 unless given.</summary>
    [FromQuery(Name = "limit")]
    public string? Limit { get; init; }

    /// <summary>The value of "next" of the answer before.</summary>
    [FromQuery(Name = "after")]
    public string? After { get; init; }

    /// <returns>What is asked for, without topic and publisher, which must be looked up.</returns>
    public MessageQuery Read(HttpRequest request, FieldErrors errors, out MessagePlace? after, out int limit)
    {
        limit = Paging.ReadLimit(Limit, errors, DefaultLimit, MaxLimit);
        after = ReadAfter(errors);
        var from = ReadTime("from", From, errors);
        var to = ReadTime("to", To, errors);
        errors.Add("to", from >= to ? "is invalid: give a time after \"from\"" : null);
        return new MessageQuery
        {
            PublisherId = ReadPublisher(errors),
            State = ReadState(errors),
            From = from,
            To = to,
            Text = ReadText(errors),
            Attributes = ReadAttributes(request, errors),
        };
    }

    private MessagePlace? ReadAfter(FieldErrors errors)
    {
        if (After is null)
        {
            return null;
        }

        errors.Add("after", MessagePlaces.TryParse(After, out var place) ? null : Paging.AfterError);
        return place;
    }

    private long? ReadPublisher(FieldErrors errors)
    {
        if (PublisherId is null)
        {
            return null;
        }

        errors.Add("publisher_id", long.TryParse(PublisherId, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? null
            : "is invalid: give the number of a publisher");
        return number;
    }

    private DeliveryStatus? ReadState(FieldErrors errors)
    {
        if (State is null)
        {
            return null;
        }

        errors.Add("state", States.TryGetValue(State, out var state) ? null : $"is invalid: give one of {string.Join(", ", States.Keys)}");
        return state;
    }

    private ReadOnlyMemory<byte>? ReadText(FieldErrors errors)
    {
        if (Text is null)
        {
            return null;
        }

        var bytes = Encoding.UTF8.GetBytes(Text);
        errors.Add("text", bytes.Length switch
        {
            0 => Fields.Blank,
            > MaxTextBytes => $"is invalid: {bytes.Length} bytes; at most {MaxTextBytes} are allowed",
            _ => null,
        });
        return bytes;
    }

    /// <summary>
    /// Reads the names as they are written: attributes differ by letter case too, which the collection of the request does not tell. A name that is misspelt would
    /// widen the search without a word.
    /// </summary>
    private static MessageAttributes ReadAttributes(HttpRequest request, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var parameter in new QueryStringEnumerable(request.QueryString.Value))
        {
            var name = parameter.DecodeName().ToString();
            var isAttribute = name.StartsWith(AttributePrefix, StringComparison.Ordinal);
            if (!isAttribute && !Names.Contains(name))
            {
                errors.Add(Problems.Text.Shorten(name), "is invalid: there is no such parameter");
            }
            else if (!seen.Add(name))
            {
                errors.Add(Problems.Text.Shorten(name), "is invalid: it stands twice");
            }
            else if (isAttribute)
            {
                attributes.Add(name[AttributePrefix.Length..], parameter.DecodeValue().ToString());
            }
        }

        if (attributes.Count > MaxAttributes)
        {
            errors.Add("attribute", $"is invalid: {attributes.Count} attributes; at most {MaxAttributes} are allowed");
        }

        foreach (var (name, value) in attributes)
        {
            errors.Add(AttributePrefix + Problems.Text.Shorten(name), MessageRules.CheckAttribute(name, value));
        }

        return MessageAttributes.Create(attributes);
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
