using System.Text;
using System.Text.Json;

namespace Postoffice.Filters;

/// <summary>Turns a filter document into its tree of conditions, or says what is wrong, where, and what to do.</summary>
internal sealed class FilterReader
{
    private readonly FilterPath _path = new();
    private readonly MatcherReader _matchers;

    private FilterReader() => _matchers = new MatcherReader(_path);

    /// <returns>The condition; null when the document is no filter.</returns>
    public static Condition? Read(ReadOnlySpan<byte> utf8, out string? error)
    {
        using var document = FilterDocument.Open(utf8, out error);
        if (document is null)
        {
            return null;
        }

        var reader = new FilterReader();
        var condition = reader.ReadCondition(document.RootElement);
        error = reader._path.Error;
        return condition;
    }

    // Each method returns null when the path has taken an error.
    private Condition? ReadCondition(JsonElement value)
    {
        const string Members = "attributes, payload, any or all";
        if (value.ValueKind != JsonValueKind.Object)
        {
            return _path.Fail<Condition>($"is {FilterPath.Kind(value)}; give an object with {Members}");
        }

        var conditions = _path.ReadMembers(value, $"has no condition; give {Members}", (name, member) => name switch
        {
            "attributes" => ReadAttributes(member),
            "payload" => ReadPayload(member),
            "any" => ReadConditions(member) is { } any ? new AnyCondition(any) : null,
            "all" => ReadConditions(member) is { } all ? new AllCondition(all) : null,
            _ => _path.Fail<Condition>($"is not known; a condition has {Members}"),
        });
        return conditions is null ? null : conditions is [var only] ? only : new AllCondition(conditions);
    }

    private List<Condition>? ReadConditions(JsonElement value) =>
        _path.ReadElements(value, "a list of conditions, such as [{\"attributes\": …}]", ReadCondition);

    private Condition? ReadAttributes(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return _path.Fail<Condition>($"is {FilterPath.Kind(value)}; give an object of attribute names and lists of matchers");
        }

        var conditions = _path.ReadMembers(value, "names no attribute; give at least one", (name, member) =>
            _matchers.Read(member, ofAttribute: true) is { } matchers ? new AttributeCondition(name, matchers) : null);
        return conditions is null ? null : conditions is [var only] ? only : new AllCondition(conditions);
    }

    private PayloadCondition? ReadPayload(JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? ReadFields(value) is { } fields ? new PayloadCondition(fields) : null
        : _path.Fail<PayloadCondition>($"is {FilterPath.Kind(value)}; give an object of the payload's fields");

    private PayloadNode? ReadNode(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => ReadFields(value),
        JsonValueKind.Array => _matchers.Read(value, ofAttribute: false) is { } matchers ? new PayloadField(matchers) : null,
        _ => _path.Fail<PayloadNode>($"is {FilterPath.Kind(value)}; give a list of matchers, such as [{value.GetRawText()}], or an object of fields"),
    };

    private PayloadFields? ReadFields(JsonElement value) =>
        _path.ReadMembers(value, "names no field; give at least one", (name, member) =>
            ReadNode(member) is { } node ? new NamedNode(Encoding.UTF8.GetBytes(name), node) : null) is { } fields ? new PayloadFields(fields) : null;
}
