using System.Runtime.InteropServices;
using System.Text.Json;

namespace Postoffice.Filters;

/// <summary>What must hold for one value of a payload. An array holds when one of its elements does, arrays inside it included.</summary>
internal abstract class PayloadNode
{
    /// <summary>The answer when the value is not there, or is nothing that the node can look at.</summary>
    public abstract bool HoldsWhenMissing { get; }

    public bool Holds(JsonElement value) => Look(value) ?? HoldsWhenMissing;

    /// <returns>Whether a value that is no array holds; null when it is nothing that the node can look at.</returns>
    protected abstract bool? LookAtOne(JsonElement value);

    private bool? Look(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return LookAtOne(value);
        }

        bool? found = null;
        foreach (var element in value.EnumerateArray())
        {
            switch (Look(element))
            {
                case true:
                    return true;
                case false:
                    found = false;
                    break;
            }
        }

        return found;
    }
}

/// <summary>An object whose fields must all hold. Of a field that stands twice the last counts, as for most readers of JSON.</summary>
/// <param name="fields">By name, at most as many as a filter has matchers.</param>
internal sealed class PayloadFields(IReadOnlyList<NamedNode> fields) : PayloadNode
{
    private readonly NamedNode[] _fields = [.. fields];

    public override bool HoldsWhenMissing { get; } = fields.All(field => field.Node.HoldsWhenMissing);

    protected override bool? LookAtOne(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        // One pass over the object whatever the number of fields: an object of a hundred thousand members is no reason to search it two hundred times.
        Span<bool> holds = stackalloc bool[_fields.Length];
        for (var index = 0; index < holds.Length; index++)
        {
            holds[index] = _fields[index].Node.HoldsWhenMissing;
        }

        foreach (var member in value.EnumerateObject())
        {
            if (IndexOf(JsonMarshal.GetRawUtf8PropertyName(member)) is var index and >= 0)
            {
                holds[index] = _fields[index].Node.Holds(member.Value);
            }
        }

        return !holds.Contains(false);
    }

    private int IndexOf(ReadOnlySpan<byte> rawName)
    {
        using var name = new JsonText(rawName);
        for (var index = 0; name.IsValid && index < _fields.Length; index++)
        {
            if (name.Value.SequenceEqual(_fields[index].Name))
            {
                return index;
            }
        }

        return -1;
    }
}

internal sealed record NamedNode(byte[] Name, PayloadNode Node);

/// <summary>A field for whose value one of the matchers must hold. An object is no value: matchers look at leaves only.</summary>
internal sealed class PayloadField(FieldMatchers matchers) : PayloadNode
{
    public override bool HoldsWhenMissing => matchers.HoldWhenMissing;

    protected override bool? LookAtOne(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return null;
            case JsonValueKind.String:
                // Without the quotation marks.
                using (var text = new JsonText(JsonMarshal.GetRawUtf8Value(value)[1..^1]))
                {
                    return matchers.Hold(FieldValue.OfText(text));
                }

            case JsonValueKind.Number:
                return matchers.Hold(FieldValue.OfNumber(JsonMarshal.GetRawUtf8Value(value)));
            default:
                return matchers.Hold(FieldValue.OfLiteral(value.ValueKind));
        }
    }
}
