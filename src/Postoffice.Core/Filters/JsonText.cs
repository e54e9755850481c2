using System.Buffers;
using System.Globalization;
using System.Text;

namespace Postoffice.Filters;

/// <summary>
/// A JSON text without its escapes, as UTF-8. The platform's readers throw at half of a surrogate pair ("\ud800"), which the grammar allows: a payload
/// full of them would cost an exception each.
/// </summary>
internal ref struct JsonText
{
    private byte[]? _rented;

    /// <param name="raw">What stands between the quotation marks, in valid JSON and valid UTF-8.</param>
    public JsonText(ReadOnlySpan<byte> raw)
    {
        if (!raw.Contains((byte)'\\'))
        {
            Value = raw;
            IsValid = true;
            return;
        }

        // An escape is never shorter than what it stands for.
        _rented = ArrayPool<byte>.Shared.Rent(raw.Length);
        IsValid = TryUnescape(raw, _rented, out var length);
        Value = _rented.AsSpan(0, length);
    }

    /// <summary>False when it has half of a surrogate pair, and so is no text.</summary>
    public bool IsValid { get; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
            _rented = null;
            Value = default;
        }
    }

    private static bool TryUnescape(ReadOnlySpan<byte> raw, Span<byte> destination, out int length)
    {
        length = 0;
        while (raw.IndexOf((byte)'\\') is var start and >= 0)
        {
            raw[..start].CopyTo(destination[length..]);
            length += start;
            var kind = raw[start + 1];
            raw = raw[(start + 2)..];
            if (kind != 'u')
            {
                destination[length++] = Unescape(kind);
                continue;
            }

            var unit = ReadUnit(ref raw);
            if (!Rune.TryCreate(unit, out var rune))
            {
                if (!raw.StartsWith("\\u"u8))
                {
                    return false;
                }

                raw = raw[2..];
                if (!Rune.TryCreate(unit, ReadUnit(ref raw), out rune))
                {
                    return false;
                }
            }

            length += rune.EncodeToUtf8(destination[length..]);
        }

        raw.CopyTo(destination[length..]);
        length += raw.Length;
        return true;
    }

    private static char ReadUnit(ref ReadOnlySpan<byte> raw)
    {
        // Four hexadecimal digits: the reader of the JSON has seen to that.
        var unit = ushort.Parse(raw[..4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        raw = raw[4..];
        return (char)unit;
    }

    private static byte Unescape(byte kind) => kind switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        // Quotation mark, backslash and slash stand for themselves.
        _ => kind,
    };
}
