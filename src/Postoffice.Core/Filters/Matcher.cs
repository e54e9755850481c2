using System.Text;
using System.Text.Json;

namespace Postoffice.Filters;

/// <summary>A test of one value that is there.</summary>
internal abstract class Matcher
{
    /// <summary>Whether a missing value passes.</summary>
    public virtual bool HoldsWhenMissing => false;

    public abstract bool Holds(in FieldValue value);
}

internal sealed class TextMatcher(byte[] utf8) : Matcher
{
    public override bool Holds(in FieldValue value) => value.Kind == JsonValueKind.String && value.Text.SequenceEqual(utf8);
}

/// <summary>Equal in value: 5, 5.0 and 50e-1 are one number.</summary>
internal sealed class NumberMatcher(KeptNumber number) : Matcher
{
    public override bool Holds(in FieldValue value) => value.IsNumber && value.Number.CompareTo(number.Number) == 0;
}

/// <param name="kind">True, False or Null.</param>
internal sealed class LiteralMatcher(JsonValueKind kind) : Matcher
{
    public override bool Holds(in FieldValue value) => value.Kind == kind;
}

internal sealed class PrefixMatcher(byte[] utf8) : Matcher
{
    public override bool Holds(in FieldValue value) => value.Kind == JsonValueKind.String && value.Text.StartsWith(utf8);
}

internal sealed class SuffixMatcher(byte[] utf8) : Matcher
{
    public override bool Holds(in FieldValue value) => value.Kind == JsonValueKind.String && value.Text.EndsWith(utf8);
}

/// <summary>Equal when each character is mapped to its upper case, without any culture: "ä" is "Ä", "ß" is not "SS".</summary>
internal sealed class EqualsIgnoreCaseMatcher(string text) : Matcher
{
    // A character may be longer than its other case: "Ɐ" has three bytes, "ɐ" two.
    private readonly int _maxBytes = Encoding.UTF8.GetMaxByteCount(text.Length);

    public override bool Holds(in FieldValue value)
    {
        if (value.Kind != JsonValueKind.String || value.Text.Length > _maxBytes)
        {
            return false;
        }

        var rest = text.AsSpan();
        Span<char> units = stackalloc char[2];
        for (var utf8 = value.Text; !utf8.IsEmpty;)
        {
            Rune.DecodeFromUtf8(utf8, out var rune, out var length);
            ReadOnlySpan<char> characters = units[..rune.EncodeToUtf16(units)];
            if (!rest.StartsWith(characters, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            rest = rest[characters.Length..];
            utf8 = utf8[length..];
        }

        return rest.IsEmpty;
    }
}

/// <summary>Holds for every value that is there and passes none of <paramref name="excluded"/>.</summary>
internal sealed class AnythingButMatcher(Matcher[] excluded) : Matcher
{
    public override bool Holds(in FieldValue value)
    {
        foreach (var matcher in excluded)
        {
            if (matcher.Holds(value))
            {
                return false;
            }
        }

        return true;
    }
}

internal sealed class ExistsMatcher(bool exists) : Matcher
{
    public override bool HoldsWhenMissing => !exists;

    public override bool Holds(in FieldValue value) => exists;
}

/// <param name="low">The lower bound; null when there is none.</param>
/// <param name="high">The upper bound; null when there is none.</param>
internal sealed class NumericMatcher(NumericBound? low, NumericBound? high) : Matcher
{
    public override bool Holds(in FieldValue value) => value.IsNumber
        && (low is null || value.Number.CompareTo(low.Number.Number) is var above && (above > 0 || (above == 0 && low.IsIncluded)))
        && (high is null || value.Number.CompareTo(high.Number.Number) is var below && (below < 0 || (below == 0 && high.IsIncluded)));
}

internal sealed record NumericBound(KeptNumber Number, bool IsIncluded);

/// <summary>The matchers of one field: one of them must hold.</summary>
internal sealed class FieldMatchers(IReadOnlyList<Matcher> matchers)
{
    private readonly Matcher[] _matchers = [.. matchers];

    public bool HoldWhenMissing { get; } = matchers.Any(matcher => matcher.HoldsWhenMissing);

    public bool Hold(in FieldValue value)
    {
        foreach (var matcher in _matchers)
        {
            if (matcher.Holds(value))
            {
                return true;
            }
        }

        return false;
    }
}
