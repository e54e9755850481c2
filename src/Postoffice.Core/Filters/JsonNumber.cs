namespace Postoffice.Filters;

/// <summary>
/// A number as its digits spell it, compared exactly whatever its size: nothing is rounded, and 1e400 is less than 1e401. It stands on the bytes that it
/// was read from; <see cref="KeptNumber"/> stands alone.
/// </summary>
/// <remarks>Its value is 0.d₁d₂d₃… × 10^magnitude, d₁ and the last digit not being zero.</remarks>
internal readonly ref struct JsonNumber
{
    // An exponent beyond this counts as this. No two digits that fit into a message are that far apart, so sums cannot overflow either.
    private const long MaxExponent = 1_000_000_000_000_000;

    // The digits are these, one after the other: those before the point, and those behind it.
    private readonly ReadOnlySpan<byte> _whole;
    private readonly ReadOnlySpan<byte> _fraction;
    private readonly long _magnitude;

    private JsonNumber(int sign, ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction, long magnitude)
    {
        Sign = sign;
        _whole = whole;
        _fraction = fraction;
        _magnitude = magnitude;
    }

    /// <summary>-1, 0 or 1; minus zero is zero.</summary>
    public int Sign { get; }

    public static JsonNumber Of(KeptNumber kept) => new(kept.Sign, kept.Digits, default, kept.Magnitude);

    /// <summary>Reads a number by the grammar of JSON, the whole text or nothing of it: no plus sign, no blank, no leading zero, no "NaN".</summary>
    /// <remarks>https://www.rfc-editor.org/rfc/rfc8259#section-6</remarks>
    public static bool TryRead(ReadOnlySpan<byte> text, out JsonNumber number)
    {
        number = default;
        var isNegative = text.StartsWith("-"u8);
        var rest = isNegative ? text[1..] : text;
        var whole = TakeDigits(ref rest);
        if (whole.IsEmpty || (whole.Length > 1 && whole[0] == '0'))
        {
            return false;
        }

        ReadOnlySpan<byte> fraction = default;
        if (rest.StartsWith("."u8))
        {
            rest = rest[1..];
            fraction = TakeDigits(ref rest);
            if (fraction.IsEmpty)
            {
                return false;
            }
        }

        if (!TryReadExponent(rest, out var exponent))
        {
            return false;
        }

        number = Normalize(isNegative, whole, fraction, exponent);
        return true;
    }

    public int CompareTo(JsonNumber other) => Sign != other.Sign ? Sign.CompareTo(other.Sign) : Sign * CompareSizeTo(other);

    public KeptNumber Keep() => new(Sign, [.. _whole, .. _fraction], _magnitude);

    private static JsonNumber Normalize(bool isNegative, ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction, long exponent)
    {
        fraction = fraction.TrimEnd((byte)'0');
        whole = whole.TrimStart((byte)'0');
        var magnitude = exponent + whole.Length;
        if (whole.IsEmpty)
        {
            var digits = fraction.TrimStart((byte)'0');
            magnitude -= fraction.Length - digits.Length;
            fraction = digits;
        }
        else if (fraction.IsEmpty)
        {
            whole = whole.TrimEnd((byte)'0');
        }

        return whole.IsEmpty && fraction.IsEmpty ? default : new JsonNumber(isNegative ? -1 : 1, whole, fraction, magnitude);
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> rest, out long exponent)
    {
        exponent = 0;
        if (rest.IsEmpty)
        {
            return true;
        }

        if (rest[0] is not ((byte)'e' or (byte)'E'))
        {
            return false;
        }

        rest = rest[1..];
        var isNegative = rest.StartsWith("-"u8);
        rest = isNegative || rest.StartsWith("+"u8) ? rest[1..] : rest;
        var digits = TakeDigits(ref rest);
        foreach (var digit in digits)
        {
            exponent = Math.Min(MaxExponent, (exponent * 10) + (digit - '0'));
        }

        exponent = isNegative ? -exponent : exponent;
        return rest.IsEmpty && !digits.IsEmpty;
    }

    private static ReadOnlySpan<byte> TakeDigits(scoped ref ReadOnlySpan<byte> rest)
    {
        var length = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var digits = length < 0 ? rest : rest[..length];
        rest = rest[digits.Length..];
        return digits;
    }

    private int CompareSizeTo(JsonNumber other)
    {
        if (_magnitude != other._magnitude)
        {
            return _magnitude.CompareTo(other._magnitude);
        }

        var length = _whole.Length + _fraction.Length;
        var otherLength = other._whole.Length + other._fraction.Length;
        for (var index = 0; index < Math.Min(length, otherLength); index++)
        {
            if (DigitAt(index) != other.DigitAt(index))
            {
                return DigitAt(index).CompareTo(other.DigitAt(index));
            }
        }

        return length.CompareTo(otherLength);
    }

    private byte DigitAt(int index) => index < _whole.Length ? _whole[index] : _fraction[index - _whole.Length];
}

/// <summary>A number of a filter, with digits of its own.</summary>
internal sealed record KeptNumber(int Sign, byte[] Digits, long Magnitude)
{
    public JsonNumber Number => JsonNumber.Of(this);
}
