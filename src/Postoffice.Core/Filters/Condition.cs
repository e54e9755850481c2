using System.Buffers;
using System.Text;

namespace Postoffice.Filters;

/// <summary>What must hold for a message. Immutable, without state: one tree serves all threads.</summary>
internal abstract class Condition
{
    /// <summary>Whether the payload may have to be parsed; what does without is asked first.</summary>
    public abstract bool ReadsPayload { get; }

    public abstract bool Holds(ref FilterInput input);

    protected static Condition[] CheapestFirst(IEnumerable<Condition> conditions) => [.. conditions.OrderBy(condition => condition.ReadsPayload)];
}

internal sealed class AllCondition(IEnumerable<Condition> conditions) : Condition
{
    private readonly Condition[] _conditions = CheapestFirst(conditions);

    public override bool ReadsPayload => _conditions[^1].ReadsPayload;

    public override bool Holds(ref FilterInput input)
    {
        foreach (var condition in _conditions)
        {
            if (!condition.Holds(ref input))
            {
                return false;
            }
        }

        return true;
    }
}

internal sealed class AnyCondition(IEnumerable<Condition> conditions) : Condition
{
    private readonly Condition[] _conditions = CheapestFirst(conditions);

    public override bool ReadsPayload => _conditions[^1].ReadsPayload;

    public override bool Holds(ref FilterInput input)
    {
        foreach (var condition in _conditions)
        {
            if (condition.Holds(ref input))
            {
                return true;
            }
        }

        return false;
    }
}

internal sealed class AttributeCondition(string name, FieldMatchers matchers) : Condition
{
    private const int StackBytes = 512;

    public override bool ReadsPayload => false;

    public override bool Holds(ref FilterInput input)
    {
        if (input.Attributes[name] is not { } text)
        {
            return matchers.HoldWhenMissing;
        }

        // Matchers read UTF-8, as payloads are; an attribute is short, and so is the way there.
        var size = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = null;
        Span<byte> buffer = size <= StackBytes ? stackalloc byte[StackBytes] : rented = ArrayPool<byte>.Shared.Rent(size);
        var holds = matchers.Hold(FieldValue.OfAttribute(buffer[..Encoding.UTF8.GetBytes(text, buffer)]));
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return holds;
    }
}

internal sealed class PayloadCondition(PayloadNode node) : Condition
{
    public override bool ReadsPayload => true;

    public override bool Holds(ref FilterInput input) => input.Payload() is { } payload ? node.Holds(payload) : node.HoldsWhenMissing;
}
