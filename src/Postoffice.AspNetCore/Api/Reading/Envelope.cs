using System.Text.Json;
using Postoffice.AspNetCore.Api.Problems;

namespace Postoffice.AspNetCore.Api.Reading;

/// <summary>
/// The JSON object that a request is, cut into the bytes of its members. The whole text is checked, nothing is converted: a member's value is a slice
/// of the body, so a payload can be kept byte for byte.
/// </summary>
internal sealed class Envelope
{
    public const int MaxDepth = 64;

    private const int MaxUnknown = 10;

    // Comments and trailing commas are refused unless allowed.
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = MaxDepth };

    private readonly MemberNames _names;
    private readonly JsonSlice[] _slices;

    private Envelope(MemberNames names)
    {
        _names = names;
        _slices = new JsonSlice[names.Count];
    }

    /// <summary>The first few names that are none of those read, for requests that refuse them.</summary>
    public List<string> Unknown { get; } = [];

    /// <summary>The value of a member; empty when it is missing.</summary>
    public JsonSlice this[string name] => _slices[_names.IndexOf(name)];

    /// <returns>The envelope, or null when the body is not a JSON object with each of these members once at most.</returns>
    public static Envelope? Read(ReadOnlyMemory<byte> body, MemberNames names, FieldErrors errors)
    {
        var envelope = new Envelope(names);
        try
        {
            return envelope.Scan(body, errors) ? envelope : null;
        }
        catch (JsonException exception)
        {
            var place = $"line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}";
            errors.Add(Problem.InvalidJson($"The body is not JSON, or more than {MaxDepth} levels deep: {place}."));
        }
        catch (InvalidOperationException)
        {
            // The reader meets half of a surrogate pair only when a name is turned into text.
            errors.Add(Problem.InvalidJson("A member's name has half of a surrogate pair."));
        }

        return null;
    }

    private bool Scan(ReadOnlyMemory<byte> body, FieldErrors errors)
    {
        var reader = new Utf8JsonReader(body.Span, Strict);
        reader.Read();
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        string? duplicate = null;
        Span<bool> met = stackalloc bool[_names.Count];
        while (isObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var index = _names.Find(reader, out var exact);
            if (index < 0 && Unknown.Count < MaxUnknown)
            {
                Unknown.Add(reader.GetString()!);
            }
            else if (index >= 0 && met[index])
            {
                duplicate ??= _names[index];
            }

            var slice = Cut(body, ref reader);
            if (index >= 0)
            {
                met[index] = true;
                _slices[index] = exact ? slice : _slices[index];
            }
        }

        // What follows the value, or is no object, must be JSON all the same.
        if (!isObject)
        {
            reader.Skip();
            errors.Add("body", "is invalid: give a JSON object");
        }

        while (reader.Read())
        {
        }

        if (duplicate is not null)
        {
            errors.Add(Problem.DuplicateKey(duplicate));
        }

        return isObject && duplicate is null;
    }

    private static JsonSlice Cut(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader)
    {
        reader.Read();
        var kind = reader.TokenType;
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new JsonSlice(kind, body[start..(int)reader.BytesConsumed]);
    }
}

/// <summary>The bytes of one JSON value.</summary>
/// <param name="Kind">Its first token; <see cref="JsonTokenType.None"/> when the member is missing.</param>
/// <param name="Bytes">Its text, without what stands around it.</param>
internal readonly record struct JsonSlice(JsonTokenType Kind, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Missing and null are the same to every request.</summary>
    public bool IsMissing => Kind is JsonTokenType.None or JsonTokenType.Null;

    /// <returns>A reader that stands on the value's first token.</returns>
    public Utf8JsonReader Open()
    {
        var reader = new Utf8JsonReader(Bytes.Span, new JsonReaderOptions { MaxDepth = Envelope.MaxDepth });
        reader.Read();
        return reader;
    }
}
