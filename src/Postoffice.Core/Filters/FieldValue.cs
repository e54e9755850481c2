using System.Text.Json;

namespace Postoffice.Filters;

/// <summary>One value that matchers look at: an attribute's text, or a leaf of a payload.</summary>
internal readonly ref struct FieldValue
{
    private FieldValue(JsonValueKind kind, ReadOnlySpan<byte> text, JsonNumber number, bool isNumber)
    {
        Kind = kind;
        Text = text;
        Number = number;
        IsNumber = isNumber;
    }

    /// <summary>Undefined for a text that is none, with half of a surrogate pair: it is there, and equals nothing.</summary>
    public JsonValueKind Kind { get; }

    /// <summary>UTF-8, unescaped; empty unless the kind is String.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>Zero unless <see cref="IsNumber"/>.</summary>
    public JsonNumber Number { get; }

    /// <summary>Whether it is a number, or an attribute's text that spells one.</summary>
    public bool IsNumber { get; }

    public static FieldValue OfAttribute(ReadOnlySpan<byte> utf8)
    {
        var isNumber = JsonNumber.TryRead(utf8, out var number);
        return new FieldValue(JsonValueKind.String, utf8, number, isNumber);
    }

    public static FieldValue OfText(JsonText text) => new(text.IsValid ? JsonValueKind.String : JsonValueKind.Undefined, text.Value, default, isNumber: false);

    public static FieldValue OfNumber(ReadOnlySpan<byte> digits)
    {
        var isNumber = JsonNumber.TryRead(digits, out var number);
        return new FieldValue(JsonValueKind.Number, default, number, isNumber);
    }

    /// <param name="kind">True, False or Null.</param>
    public static FieldValue OfLiteral(JsonValueKind kind) => new(kind, default, default, isNumber: false);
}
