using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Deliveries;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>Which dead letters are retried or discarded: those that all given members mean. At least one must be given, or <paramref name="All"/> be true.</summary>
/// <param name="PublisherId">Of this publisher.</param>
/// <param name="Topic">Of this topic.</param>
/// <param name="Reason">Exactly this reason.</param>
/// <param name="Group">Exactly this group.</param>
/// <param name="From">Died at this time or later.</param>
/// <param name="To">Died before this time.</param>
/// <param name="Ids">Only these.</param>
/// <param name="All">True says that all are meant.</param>
/// <param name="Limit">At most so many, the oldest first; 1 to 10,000, 1,000 unless given.</param>
/// <param name="DryRun">Only counts, and changes nothing.</param>
internal sealed record DeadLetterSelection(
    [property: JsonPropertyName("publisher_id")] long? PublisherId = null,
    string? Topic = null,
    string? Reason = null,
    string? Group = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    IReadOnlyList<string>? Ids = null,
    bool? All = null,
    int? Limit = null,
    [property: JsonPropertyName("dry_run")] bool? DryRun = null)
{
    private const int DefaultLimit = 1_000;
    private const int MaxLimit = 10_000;

    private static readonly string[] Selecting = ["publisher_id", "topic", "reason", "group", "from", "to", "ids"];
    private static readonly MemberNames Members = new([.. Selecting, "all", "limit", "dry_run"]);

    public static bool TryRead(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out SelectedDeadLetters? selected, [NotNullWhen(false)] out Problem? problem)
    {
        selected = null;
        if (!Fields.TryOpen(body, Members, out var fields, out problem))
        {
            return false;
        }

        // A misspelt member that is silently skipped would widen the selection; so would one whose value got lost on the caller's side.
        fields.RefuseUnknown();
        foreach (var name in Selecting)
        {
            fields.Errors.Add(name, fields.IsNull(name) ? "can't be blank: give a value, or leave it out" : null);
        }

        var all = fields.Flag("all") ?? false;
        if (!all && Selecting.All(name => fields[name].IsMissing))
        {
            fields.Errors.Add("all", $"can't be blank: give one of {string.Join(", ", Selecting)}, or all: true");
        }

        var filter = new DeadLetterFilter
        {
            PublisherId = fields.LongNumber("publisher_id", 1, long.MaxValue),
            Reason = DeadLetterQuery.CheckText("reason", fields.Text("reason", Any), fields.Errors),
            Group = DeadLetterQuery.CheckText("group", fields.Text("group", Any), fields.Errors),
            From = fields.Time("from"),
            To = fields.Time("to"),
            Ids = ReadIds(fields),
        };
        selected = new SelectedDeadLetters(
            filter, fields.Text("topic", Any), fields.Number("limit", 1, MaxLimit) ?? DefaultLimit, fields.Flag("dry_run") ?? false);
        problem = fields.Errors.ToProblem();
        return problem is null;
    }

    private static string? Any(string? text) => null;

    private static List<DeadLetterId>? ReadIds(Fields fields)
    {
        var list = fields["ids"];
        if (list.IsMissing)
        {
            return null;
        }

        var ids = new List<DeadLetterId>();
        if (list.Kind != JsonTokenType.StartArray)
        {
            fields.Errors.Add("ids", DeadLetterIds.Error);
            return ids;
        }

        // An escape in an id would be odd, and is none of ours; the bytes are looked at as they are.
        var reader = list.Open();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped || !DeadLetterIds.TryParse(reader.GetString(), out var id))
            {
                fields.Errors.Add("ids", DeadLetterIds.Error);
                return ids;
            }

            ids.Add(id);
        }

        return ids;
    }
}

/// <summary>The dead letters that a request means.</summary>
/// <param name="Filter">Which, without the topic, whose number must be looked up.</param>
/// <param name="Topic">The topic's name, when given.</param>
/// <param name="Limit">At most so many.</param>
/// <param name="DryRun">Only counts.</param>
internal sealed record SelectedDeadLetters(DeadLetterFilter Filter, string? Topic, int Limit, bool DryRun);
